// The published shape of the profile file, as JSON Schema (draft 2020-12): profile/profile.schema.json. Made from
// profile/file_shape, so it says what the writer writes; a test compares the file with this text.
#pragma once

#include <string>

namespace scalene::render {

std::string ProfileSchema();

}  // namespace scalene::render
