#include "cli/option_spec.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "cli/nearest.h"

namespace scalene::cli {
namespace {

struct Match {
  const OptionSpec* spec = nullptr;
  bool on = true;
};

bool HasOpposite(const OptionSpec& spec) {
  return spec.kind == ValueKind::kSwitch && spec.configurable && spec.block != HelpBlock::kIgnored;
}

Match FindLong(const OptionTable& table, std::string_view name) {
  for (const OptionSpec* spec : table) {
    if (name == spec->name || (!spec->alias.empty() && name == spec->alias)) return {spec, true};
    if (HasOpposite(*spec) && name == OppositeName(*spec)) return {spec, false};
  }
  return {};
}

Match FindLetter(const OptionTable& table, char letter) {
  for (const OptionSpec* spec : table) {
    if (spec->letter == letter) return {spec, true};
  }
  return {};
}

// A word taken apart: its name as written, the option, and the value that is glued to it.
struct Word {
  Match match;
  std::string as_written;
  std::optional<std::string> glued;
};

Word SplitLong(const OptionTable& table, std::string_view word) {
  size_t equals = word.find('=');
  Word split{FindLong(table, word.substr(2, equals == word.npos ? equals : equals - 2)), std::string(word), {}};
  if (equals == word.npos) return split;
  split.as_written = word.substr(0, equals);
  split.glued = word.substr(equals + 1);
  return split;
}

Word SplitShort(const OptionTable& table, std::string_view word, Spelling spelling) {
  Word split{FindLetter(table, word[1]), std::string(word.substr(0, 2)), {}};
  if (word.size() == 2) return split;
  bool may_be_glued = split.match.spec && split.match.spec->kind != ValueKind::kSwitch && spelling == Spelling::kAny;
  if (may_be_glued) {
    split.glued = word.substr(2);
  } else {
    split.match.spec = nullptr;
  }
  return split;
}

std::string NumberText(double value) {
  char text[32];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsWithin(const Bounds& bounds, double value) {
  if (bounds.above_low ? value <= bounds.low : value < bounds.low) return false;
  return value <= bounds.high;
}

}  // namespace

Outcome<std::optional<GivenOption>> TakeOption(const OptionTable& table, const std::vector<std::string>& words,
                                               size_t& at, Spelling spelling) {
  std::string_view word = words[at];
  bool is_long = word.starts_with("--") && word.size() > 2 && word != "---";
  bool is_short = !is_long && word.size() > 1 && word[0] == '-' && word[1] != '-';
  if (!is_long && !is_short) return std::optional<GivenOption>();
  Word split = is_long ? SplitLong(table, word) : SplitShort(table, word, spelling);
  if (!split.match.spec) return std::optional<GivenOption>();

  GivenOption given{split.match.spec, split.match.on, "", split.as_written};
  if (given.spec->kind == ValueKind::kSwitch) {
    if (split.glued) return Trouble{kExitUsage, split.as_written + " takes no value"};
  } else if (split.glued) {
    given.value = *split.glued;
  } else if (at + 1 < words.size()) {
    given.value = words[++at];
  } else {
    return Trouble{kExitUsage, split.as_written + " needs a value: " + WantedValue(*given.spec)};
  }
  ++at;
  return std::optional(std::move(given));
}

Trouble UnknownOption(const OptionTable& table, std::string_view word) {
  std::string_view name = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const OptionSpec* spec : table) {
    if (spec->block == HelpBlock::kIgnored) continue;
    names.push_back("--" + std::string(spec->name));
    if (spec->kind == ValueKind::kSwitch && spec->shown != ShownAs::kPositive) {
      names.push_back("--" + OppositeName(*spec));
    }
  }
  return {kExitUsage, "unknown option '" + std::string(name) + "'" + DidYouMean(name, names)};
}

std::string OppositeName(const OptionSpec& spec) {
  return spec.negative.empty() ? "no-" + std::string(spec.name) : std::string(spec.negative);
}

std::string WantedValue(const OptionSpec& spec) {
  switch (spec.kind) {
    case ValueKind::kSwitch:
      return "true or false";
    case ValueKind::kText:
      return "a text";
    case ValueKind::kPath:
      return "a path";
    case ValueKind::kList:
      return "a list such as 'a,b'";
    case ValueKind::kChoice: {
      std::string wanted = "one of ";
      for (char c : spec.choices) wanted += c == '|' ? ", " : std::string(1, c);
      return wanted;
    }
    case ValueKind::kReal:
    case ValueKind::kInteger:
      break;
  }
  std::string wanted = spec.kind == ValueKind::kReal ? "a number" : "a whole number";
  bool has_low = std::isfinite(spec.bounds.low), has_high = std::isfinite(spec.bounds.high);
  if (has_low) wanted += (spec.bounds.above_low ? " above " : " of at least ") + NumberText(spec.bounds.low);
  if (has_low && has_high) wanted += " and";
  if (has_high) wanted += " at most " + NumberText(spec.bounds.high);
  return wanted;
}

std::optional<double> ParseReal(const OptionSpec& spec, std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || !std::isfinite(value) || !IsWithin(spec.bounds, value)) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseInteger(const OptionSpec& spec, std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || !IsWithin(spec.bounds, static_cast<double>(value))) return std::nullopt;
  return value;
}

std::optional<bool> ParseSwitch(std::string_view text) {
  std::string lower;
  for (char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower == "1" || lower == "true" || lower == "yes" || lower == "on") return true;
  if (lower == "0" || lower == "false" || lower == "no" || lower == "off") return false;
  return std::nullopt;
}

bool IsChoice(const OptionSpec& spec, std::string_view text) {
  std::string_view rest = spec.choices;
  while (!rest.empty()) {
    size_t bar = rest.find('|');
    if (rest.substr(0, bar) == text) return true;
    if (bar == rest.npos) return false;
    rest.remove_prefix(bar + 1);
  }
  return false;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  while (true) {
    size_t comma = text.find(',');
    std::string_view item = Trimmed(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    if (comma == text.npos) return items;
    text.remove_prefix(comma + 1);
  }
}

bool IsValue(const OptionSpec& spec, std::string_view text) {
  switch (spec.kind) {
    case ValueKind::kSwitch:
      return ParseSwitch(text).has_value();
    case ValueKind::kReal:
      return ParseReal(spec, text).has_value();
    case ValueKind::kInteger:
      return ParseInteger(spec, text).has_value();
    case ValueKind::kChoice:
      return IsChoice(spec, text);
    case ValueKind::kPath:
      return !text.empty();
    case ValueKind::kText:
    case ValueKind::kList:
      break;
  }
  return true;
}

}  // namespace scalene::cli
