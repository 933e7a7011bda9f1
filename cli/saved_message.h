// What `scalene run` says when the profile is written, as text.
#pragma once

#include <string>
#include <string_view>

namespace scalene::cli {

// "Scalene: profile saved to …" and the two commands that show it. `display` is the profile as the user named it; the
// name is left out of the commands only for the default file in the current directory. Ends with a newline.
std::string SavedMessage(std::string_view display);

// The word as a POSIX shell wants it: unchanged, or in single quotes.
std::string ShellQuoted(std::string_view word);

}  // namespace scalene::cli
