#include "profile/json_syntax.h"

#include <algorithm>
#include <vector>

#include "profile/code_point.h"

namespace scalene::profile {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// A recogniser with its own stack, so that a text of a million brackets does no harm.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  std::optional<JsonError> Run() {
    if (Value() && AfterValues()) {
      SkipBlanks();
      if (at_ < text_.size()) Fail("text after the end");
    }
    return error_;
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool AtEnd() const { return at_ >= text_.size(); }
  bool Fail(std::string why) {
    if (AtEnd()) why = "the text ends here, in the middle of something";
    error_ = JsonError{at_, std::move(why)};
    return false;
  }
  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  // A value up to its first scalar or empty bracket, opening levels on the way; the members that follow are AfterValues'
  // business.
  bool Value() {
    for (;;) {
      SkipBlanks();
      const char c = Peek();
      if (c != '{' && c != '[') return Scalar();
      at_++;
      levels_.push_back(c);
      SkipBlanks();
      if (Peek() == Closing()) return Close();
      if (c == '{' && !Key()) return false;
    }
  }

  bool Scalar() {
    const char c = Peek();
    if (c == '"') return String();
    if (c == '-' || IsDigit(c)) return Number();
    for (std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_).starts_with(word)) return at_ += word.size(), true;
    }
    return Fail("expected a value");
  }

  // Everything that may follow a complete value, until no level is open.
  bool AfterValues() {
    while (!levels_.empty()) {
      SkipBlanks();
      if (Peek() == Closing()) {
        Close();
      } else if (Peek() == ',') {
        at_++;
        if (levels_.back() == '{' && !Key()) return false;
        if (!Value()) return false;
      } else {
        return Fail(std::string("expected ',' or '") + Closing() + "'");
      }
    }
    return true;
  }

  bool Key() {
    SkipBlanks();
    if (Peek() != '"') return Fail("expected a name in quotes");
    if (!String()) return false;
    SkipBlanks();
    if (Peek() != ':') return Fail("expected ':'");
    at_++;
    return true;
  }

  char Closing() const { return levels_.back() == '{' ? '}' : ']'; }
  bool Close() { return at_++, levels_.pop_back(), true; }

  bool String() {
    for (at_++; !AtEnd() && Peek() != '"';) {
      if (!Character()) return false;
    }
    if (AtEnd()) return Fail("");
    return at_++, true;
  }

  bool Character() {
    const auto c = static_cast<unsigned char>(Peek());
    if (c == '\\') return Escape();
    if (c < 0x20) return Fail("a control character inside a string");
    const size_t start = at_;
    const bool bad = NextCodePoint(text_, at_) == kReplacementCodePoint && at_ == start + 1;
    if (bad) at_ = start;
    return bad ? Fail("bytes that are not UTF-8") : true;
  }

  bool Escape() {
    const size_t start = at_++;
    if (Peek() == 'u') {
      at_++;
      for (int i = 0; i < 4; i++, at_++) {
        if (!IsHexDigit(Peek())) return at_ = start, Fail("a malformed \\u escape");
      }
      return true;
    }
    if (AtEnd() || std::string_view("\"\\/bfnrt").find(Peek()) == std::string_view::npos) {
      return at_ = start, Fail("an unknown escape");
    }
    return at_++, true;
  }

  bool Digits() {
    if (!IsDigit(Peek())) return Fail("expected a digit");
    while (IsDigit(Peek())) at_++;
    return true;
  }

  bool Number() {
    if (Peek() == '-') at_++;
    if (Peek() == '0' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1])) return Fail("a number with a leading zero");
    if (!Digits()) return false;
    if (Peek() == '.' && (at_++, !Digits())) return false;
    if (Peek() != 'e' && Peek() != 'E') return true;
    at_++;
    if (Peek() == '+' || Peek() == '-') at_++;
    return Digits();
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<char> levels_;
  std::optional<JsonError> error_;
};

}  // namespace

std::optional<JsonError> FindJsonError(std::string_view text) { return JsonScanner(text).Run(); }

std::string LineAndColumn(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::string_view start = before.substr(before.rfind('\n') + 1);
  const auto column = 1 + std::count_if(start.begin(), start.end(), [](char c) { return (c & 0xc0) != 0x80; });
  return std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace scalene::profile
