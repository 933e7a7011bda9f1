// Puts a profile on disk so that nobody ever sees half of one: it is written under a temporary name in the same directory
// and renamed. Devices, pipes and "-" (stdout) are written directly. A name that ends in .gz is compressed.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "profile/document.h"

namespace scalene::render {

// The message on failure: "cannot write PATH: reason". The temporary file is gone then, an older profile untouched.
Status WriteProfileFile(const profile::Document& document, const std::string& path);

// The same care for any other text.
Status WriteTextFile(std::string_view text, const std::string& path);

}  // namespace scalene::render
