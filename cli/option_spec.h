// OptionSpec: everything there is to know about one option of a command. A command keeps a constant table of them; the
// parser, --help, the completions, the configuration keys, `config --show` and the man page all read that table, so an
// option is one entry in one place.
//
// Rules of matching: whole names only, never a prefix. `--name value`, `--name=value`, `-n value`; `-nvalue` only where
// our own options are expected (Spelling::kAny). Every switch also has an opposite (`--no-NAME`, or `negative`).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/outcome.h"

namespace scalene::cli {

enum class ValueKind : uint8_t { kSwitch, kText, kPath, kList, kReal, kInteger, kChoice };

// Which block of the help shows an option. kIgnored: accepted so that old command lines work, without effect.
enum class HelpBlock : uint8_t { kBasic, kAdvanced, kHidden, kIgnored };

// Which of a switch's two names the help shows.
enum class ShownAs : uint8_t { kPositive, kNegative, kBoth };

// Bounds of a number. A real value must be finite.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;  // the low bound itself is not allowed
};

struct OptionSpec {
  std::string_view name;  // long name without dashes
  char letter = 0;        // short name, 0: none
  ValueKind kind = ValueKind::kSwitch;
  std::string_view argument;  // how the help calls the value; empty for switches
  std::string_view help;      // what it does, as a phrase
  std::string_view standard;  // the default as the help shows it; empty: not shown
  HelpBlock block = HelpBlock::kBasic;
  Bounds bounds;
  std::string_view choices;    // "auto|always|never"
  std::string_view alias;      // another long name
  std::string_view key_alias;  // another configuration key
  std::string_view negative;   // name of the opposite of a switch; empty: "no-" + name
  ShownAs shown = ShownAs::kPositive;
  bool configurable = true;  // is also a configuration key and an environment variable
};

// Not owning: the entries live in a command's constant table.
using OptionTable = std::vector<const OptionSpec*>;

struct GivenOption {
  const OptionSpec* spec = nullptr;
  bool on = true;          // switches: false for the opposite name
  std::string value;       // all others
  std::string as_written;  // "--cpu-only", for messages
};

enum class Spelling : uint8_t { kAny, kWholeWords };

// Tries to take one option at words[at] and moves `at` behind it. Nothing when the word is no option of the table; then
// `at` stays. Trouble when its value is missing or not wanted.
Outcome<std::optional<GivenOption>> TakeOption(const OptionTable& table, const std::vector<std::string>& words,
                                               size_t& at, Spelling spelling = Spelling::kAny);

// The trouble for a word that looks like an option and is none: names the nearest one.
Trouble UnknownOption(const OptionTable& table, std::string_view word);

std::string OppositeName(const OptionSpec& spec);

// "a number above 0 and at most 60"
std::string WantedValue(const OptionSpec& spec);

// The value of a number, or nothing when the text is not one or is out of bounds.
std::optional<double> ParseReal(const OptionSpec& spec, std::string_view text);
std::optional<int64_t> ParseInteger(const OptionSpec& spec, std::string_view text);
std::optional<bool> ParseSwitch(std::string_view text);  // true/false, yes/no, on/off, 1/0
bool IsChoice(const OptionSpec& spec, std::string_view text);
std::vector<std::string> SplitList(std::string_view text);  // at commas; blanks around items and empty items go

// Whether the text is a value of this option.
bool IsValue(const OptionSpec& spec, std::string_view text);

}  // namespace scalene::cli
