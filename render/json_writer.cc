#include "render/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "profile/json_text.h"

namespace scalene::render {
namespace {

constexpr size_t kIndent = 4;

}  // namespace

QuotedKey::QuotedKey(std::string_view key) {
  profile::AppendJsonString(key, text_);
  text_ += ": ";
}

void JsonWriter::String(std::string_view utf8) {
  BeforeValue();
  profile::AppendJsonString(utf8, buffer_);
}

void JsonWriter::Integer(int64_t value) {
  std::array<char, 24> digits;
  Literal({digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr});
}

void JsonWriter::Unsigned(uint64_t value) {
  std::array<char, 24> digits;
  Literal({digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr});
}

void JsonWriter::Real(double value) {
  if (!std::isfinite(value) || value == 0) return Literal("0.0");
  std::array<char, 32> digits;
  const std::string_view text(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
  Literal(text);
  if (text.find_first_of(".e") == text.npos) buffer_ += ".0";
}

void JsonWriter::Finish() {
  buffer_ += '\n';
  sink_.Append(buffer_);
  buffer_.clear();
}

void JsonWriter::Begin(char bracket, Layout layout) {
  BeforeValue();
  buffer_ += bracket;
  levels_.push_back({layout});
  if (layout == Layout::kRows) row_levels_++;
}

void JsonWriter::End(char bracket) {
  const Level level = levels_.back();
  levels_.pop_back();
  if (level.layout == Layout::kRows) {
    row_levels_--;
    if (!level.empty) NewLine();
  }
  buffer_ += bracket;
}

void JsonWriter::Separate(Level& level) {
  if (!level.empty) buffer_ += level.layout == Layout::kRows ? "," : ", ";
  level.empty = false;
  if (level.layout == Layout::kRows) NewLine();
}

void JsonWriter::NewLine() {
  if (buffer_.size() > kFlushAt) {
    sink_.Append(buffer_);
    buffer_.clear();
  }
  buffer_ += '\n';
  buffer_.append(kIndent * row_levels_, ' ');
}

}  // namespace scalene::render
