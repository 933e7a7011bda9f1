// Finds the first place where a text stops being JSON, for the error message. The fast parser says only that something is
// wrong somewhere; this one is slow, strict and exact, and runs only then.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scalene::profile {

struct JsonError {
  size_t offset = 0;  // in bytes
  std::string why;
};

std::optional<JsonError> FindJsonError(std::string_view text);

// "12:5", line and column of a byte, both from 1; columns count characters.
std::string LineAndColumn(std::string_view text, size_t offset);

}  // namespace scalene::profile
