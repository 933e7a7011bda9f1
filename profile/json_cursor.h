// JsonCursor: goes through a JSON text once, from its beginning to its end, and hands out values where they stand. It makes
// neither a tree nor an index: a large profile is read at the pace of its memory.
//
//   cursor.Enter('[', "an array");
//   while (cursor.Next(']')) total += cursor.Number();
//
// Every value has to be taken (Number, Text, …) or skipped, in order. The text ends in zeros (PaddedText): a zero is no
// character of JSON, so nothing reads on behind it. What is skipped is only looked at as far as its end has to be found.
// Errors:  thrown as ReadFailure, which says where.
// Threads: a value; no synchronisation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scalene::profile {

struct ReadFailure {
  std::string why;              // "should be a number"
  std::string key;              // of the nearest field around it, "" if none
  const char* where = nullptr;  // in the input, if known
};

class JsonCursor {
 public:
  explicit JsonCursor(const char* text) : at_(text) {}

  // Where the next value, name, comma or bracket begins.
  const char* Here() {
    while (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t') at_++;
    return at_;
  }
  char Peek() { return *Here(); }
  // Behind what was taken last.
  const char* Behind() const { return at_; }

  // Steps into an object or array; refuses anything else as what `expected` is not.
  void Enter(char opening, const char* expected);
  // Whether a further member or item follows; steps out behind `closing` if none does.
  bool Next(char closing) {
    const char c = Peek();
    const bool first = entered_;
    entered_ = false;
    if (c == closing) return at_++, false;
    if (first) return true;
    if (c != ',') Refuse("expected a comma or the end");
    at_++;
    if (Peek() == closing) Refuse("expected a value");
    return true;
  }
  // The name of the member, between its quotes, still escaped. What stands behind it is its value.
  std::string_view Name();

  bool TakeNull() { return Peek() == 'n' && TakeWord("null"); }
  std::optional<bool> TakeBoolean();
  double Number(const char* expected = "a number");
  // A whole number of less than 20 digits, written without a point. False, and nothing is taken, for anything else.
  bool TakeWhole(bool& negative, uint64_t& digits);
  // The number as it is written; nothing if no number stands here.
  std::optional<std::string_view> TakeNumberText();
  void Text(std::string& out);

  // Returns the text of what was skipped.
  std::string_view Skip();

  [[noreturn]] void Refuse(std::string why) { throw ReadFailure{std::move(why), {}, Here()}; }

 private:
  bool TakeWord(std::string_view word);
  std::string_view Quoted();  // from the opening quote; steps behind the closing one

  const char* at_;
  bool entered_ = false;  // just stepped into an object or array
};

}  // namespace scalene::profile
