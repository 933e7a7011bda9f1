// The same profile with paths that no longer say where on the machine things are: below the root of the program they are
// relative to it, elsewhere only the last two parts stay.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "profile/document.h"

namespace scalene::profile {

// "/home/me/app/src/main.py" below "/home/me/app" -> "src/main.py"; "/usr/lib/python3.12/json/decoder.py" ->
// "…/json/decoder.py"; what is no absolute path stays.
std::string RedactedPath(std::string_view path, std::string_view root);

Document WithRedactedPaths(Document document);

}  // namespace scalene::profile
