// Writes JSON text into a sink, without a tree in between: ASCII only, reals as the shortest digits that read back to the
// same double and always with a point or an exponent, one newline at the end. The caller gives keys in the order in which
// they shall stand; the writer takes care of commas, quotes and line breaks.
// Threads: one per writer. Invariant: the text so far is a prefix of valid JSON if Begin/End and Key/value pair up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "render/sink.h"

namespace scalene::render {

// A key as it stands in the text, colon included. Made once where it is written again and again.
class QuotedKey {
 public:
  explicit QuotedKey(std::string_view key);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Whether the members of an array or object follow each other on one physical line or stand on lines of their own.
enum class Layout : uint8_t { kInline, kRows };

class JsonWriter {
 public:
  explicit JsonWriter(Sink& sink) : sink_(sink) { buffer_.reserve(2 * kFlushAt); }

  void BeginObject(Layout layout) { Begin('{', layout); }
  void BeginArray(Layout layout) { Begin('[', layout); }
  void EndObject() { End('}'); }
  void EndArray() { End(']'); }
  void Key(std::string_view key) { Key(QuotedKey(key)); }
  void Key(const QuotedKey& key) {
    BeforeValue();
    buffer_ += key.text();
    after_key_ = true;
  }

  void String(std::string_view utf8);  // bytes that are not UTF-8 become U+FFFD
  void Integer(int64_t value);
  void Unsigned(uint64_t value);
  void Real(double value);  // NaN, infinities and -0 become 0.0
  void Boolean(bool value) { Literal(value ? "true" : "false"); }
  void Null() { Literal("null"); }
  // The value that `write` writes, which stays on its line, and its text.
  std::string_view TextOf(auto write) {
    BeforeValue();
    const size_t began = buffer_.size();
    after_key_ = true;  // what separates it has been written
    write();
    return std::string_view(buffer_).substr(began);
  }
  void Literal(std::string_view json) {  // a complete JSON value
    BeforeValue();
    buffer_ += json;
  }

  // Ends the text. The sink is not finished.
  void Finish();

 private:
  static constexpr size_t kFlushAt = 64 * 1024;
  struct Level {
    Layout layout;
    bool empty = true;
  };

  void Begin(char bracket, Layout layout);
  void End(char bracket);
  void BeforeValue() {
    if (after_key_) {
      after_key_ = false;
    } else if (!levels_.empty()) {
      Separate(levels_.back());
    }
  }
  void Separate(Level& level);
  void NewLine();

  Sink& sink_;
  std::string buffer_;
  std::vector<Level> levels_;
  size_t row_levels_ = 0;  // how many of levels_ break lines: the indentation
  bool after_key_ = false;
};

}  // namespace scalene::render
