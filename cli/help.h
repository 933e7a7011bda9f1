// Help as text, laid out for 80 columns from the option tables. Nothing here prints.
#pragma once

#include <string>
#include <string_view>

#include "cli/commands.h"
#include "cli/option_spec.h"

namespace scalene::cli {

// The options of one block, one entry each:
//   -o, --outfile FILE      write the profile here (default: scalene-profile.json)
std::string OptionHelp(const OptionTable& table, HelpBlock block);

// "--stacks, --no-stacks", with letter and argument: how the help and the man page head an option.
std::string OptionHeading(const OptionSpec& spec);

// What the option does under the name that the help shows, or under its opposite one.
std::string HelpPhrase(const OptionSpec& spec, bool opposite = false);

// The same as a sentence of the help: with the default.
std::string HelpSentence(const OptionSpec& spec);

// The text in lines of at most `width` columns, the first from `column` on, the others indented by `indent`.
std::string Wrapped(std::string_view text, size_t column, size_t indent, size_t width = 80);

// What `scalene` and `scalene --help` show.
std::string MainHelp();

// "scalene run [options] PROGRAM [args]"
std::string UsageOf(const Command& command);

// The manual page scalene.1, in roff.
std::string ManualPage();

}  // namespace scalene::cli
