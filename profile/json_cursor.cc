#include "profile/json_cursor.h"

#include <charconv>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "profile/json_text.h"
#include "profile/utf8.h"

namespace scalene::profile {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// ---- Characters, sixteen or sixty-four at a time ----

#ifdef __SSE2__
struct Sixteen {
  __m128i bytes;
  explicit Sixteen(const char* from) : bytes(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))) {}
  uint32_t Equal(char c) const { return Mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))); }
  // Of two characters that differ in 0x20, as brackets and braces do.
  uint32_t EqualEither(char upper) const {
    return Mask(_mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8(upper)));
  }
  uint32_t Below(char c) const {
    return Mask(_mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(static_cast<char>(c - 1))), bytes));
  }
  uint32_t Beyond127() const { return Mask(bytes); }
  static uint32_t Mask(__m128i each) { return static_cast<uint32_t>(_mm_movemask_epi8(each)); }
};
#else
struct Sixteen {
  const char* from;
  explicit Sixteen(const char* bytes) : from(bytes) {}
  template <class Test>
  uint32_t Mask(Test test) const {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) mask |= static_cast<uint32_t>(test(from[i])) << i;
    return mask;
  }
  uint32_t Equal(char c) const {
    return Mask([c](char each) { return each == c; });
  }
  uint32_t EqualEither(char upper) const {
    return Mask([upper](char each) { return (each | 0x20) == upper; });
  }
  uint32_t Below(char c) const {
    return Mask([c](char each) { return static_cast<unsigned char>(each) < static_cast<unsigned char>(c); });
  }
  uint32_t Beyond127() const {
    return Mask([](char each) { return static_cast<unsigned char>(each) > 127; });
  }
};
#endif

// One bit for each of 64 characters, the first one lowest.
template <class Of>
uint64_t SixtyFour(const char* from, Of of) {
  uint64_t mask = 0;
  for (int i = 0; i < 4; i++) mask |= static_cast<uint64_t>(of(Sixteen(from + 16 * i))) << (16 * i);
  return mask;
}

// Every bit becomes the parity of itself and those below it: what lies between quotes.
uint64_t Between(uint64_t quotes) {
  for (int shift = 1; shift < 64; shift *= 2) quotes ^= quotes << shift;
  return quotes;
}

// Finds the end of an object or array without looking at what is in it.
class BracketScan {
 public:
  // Behind the closing bracket of the one that opens at `at`; null if the text ends before.
  const char* EndOf(const char* at) {
    for (;; at += 64) {
      const uint64_t outside = ~Strings(at);
      const uint64_t opening = SixtyFour(at, [](Sixteen s) { return s.EqualEither('{'); }) & outside;
      const uint64_t closing = SixtyFour(at, [](Sixteen s) { return s.EqualEither('}'); }) & outside;
      for (uint64_t left = opening | closing; left != 0; left &= left - 1) {
        depth_ += opening & left & -left ? 1 : -1;
        if (depth_ == 0) return at + __builtin_ctzll(left) + 1;
      }
      if (SixtyFour(at, [](Sixteen s) { return s.Equal('\0'); })) return nullptr;
    }
  }

 private:
  // Which characters lie in strings, opening quotes included.
  uint64_t Strings(const char* at) {
    uint64_t quotes = SixtyFour(at, [](Sixteen s) { return s.Equal('"'); });
    uint64_t slashes = SixtyFour(at, [](Sixteen s) { return s.Equal('\\'); });
    if (escaped_) {
      quotes &= ~uint64_t{1};
      slashes &= ~uint64_t{1};
    }
    escaped_ = false;
    while (slashes != 0) {
      const uint64_t slash = slashes & -slashes, next = slash << 1;
      if (next == 0) escaped_ = true;
      quotes &= ~next;
      slashes &= ~(slash | next);
    }
    const uint64_t inside = Between(quotes) ^ in_string_;
    in_string_ = static_cast<uint64_t>(static_cast<int64_t>(inside) >> 63);
    return inside;
  }

  int64_t depth_ = 0;
  bool escaped_ = false;    // the first character of the next block follows a backslash
  uint64_t in_string_ = 0;  // all ones if the next block begins inside a string
};

// ---- Numbers ----

struct NumberText {
  const char* end = nullptr;  // null: it is none
  uint64_t digits = 0;        // without the point; exact while `many` is below 20
  int many = 0, behind_point = 0;
  bool negative = false, exponent = false;
};

NumberText ScanNumber(const char* at) {
  NumberText number;
  number.negative = *at == '-';
  at += number.negative;
  if (!IsDigit(*at) || (*at == '0' && IsDigit(at[1]))) return number;
  for (; IsDigit(*at); at++, number.many++) number.digits = number.digits * 10 + static_cast<uint64_t>(*at - '0');
  if (*at == '.') {
    if (!IsDigit(*++at)) return number;
    for (; IsDigit(*at); at++, number.behind_point++)
      number.digits = number.digits * 10 + static_cast<uint64_t>(*at - '0');
    number.many += number.behind_point;
  }
  if (*at == 'e' || *at == 'E') {
    number.exponent = true;
    at++;
    at += *at == '+' || *at == '-';
    if (!IsDigit(*at)) return number;
    while (IsDigit(*at)) at++;
  }
  number.end = at;
  return number;
}

// Exact powers and digits below 2^53 give, divided once, the nearest real: what a slow reader would find, too.
constexpr double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr int kExactDigits = 15;

}  // namespace

void JsonCursor::Enter(char opening, const char* expected) {
  if (Peek() != opening) Refuse(std::string("should be ") + expected);
  at_++;
  entered_ = true;
}

std::string_view JsonCursor::Quoted() {
  const char* start = at_ + 1;
  uint32_t beyond_ascii = 0;
  for (const char* at = start;; at += 16) {
    const Sixteen some(at);
    const uint32_t special = some.Equal('"') | some.Equal('\\') | some.Below(' ');
    const uint32_t before = special ? (special & -special) - 1 : 0xffff;
    beyond_ascii |= some.Beyond127() & before;
    if (special == 0) continue;
    at += __builtin_ctz(special);
    if (*at == '"') {
      const std::string_view text(start, static_cast<size_t>(at - start));
      at_ = at + 1;
      if (beyond_ascii != 0 && !IsValidUtf8(text)) throw ReadFailure{"bytes that are not UTF-8", {}, start};
      return text;
    }
    if (*at != '\\' || at[1] == '\0') throw ReadFailure{"a text without an end", {}, start};
    at += 2 - 16;  // behind what the backslash escapes
  }
}

std::string_view JsonCursor::Name() {
  if (Peek() != '"') Refuse("expected a name in quotes");
  const std::string_view name = Quoted();
  if (Peek() != ':') Refuse("expected a colon");
  at_++;
  return name;
}

bool JsonCursor::TakeWord(std::string_view word) {
  if (std::strncmp(at_, word.data(), word.size()) != 0) return false;
  at_ += word.size();
  return true;
}

std::optional<bool> JsonCursor::TakeBoolean() {
  const char c = Peek();
  if (c == 't' && TakeWord("true")) return true;
  if (c == 'f' && TakeWord("false")) return false;
  return std::nullopt;
}

bool JsonCursor::TakeWhole(bool& negative, uint64_t& digits) {
  const NumberText number = ScanNumber(Here());
  if (!number.end || number.exponent || number.behind_point > 0 || number.many > 19) return false;
  at_ = number.end;
  negative = number.negative;
  digits = number.digits;
  return true;
}

std::optional<std::string_view> JsonCursor::TakeNumberText() {
  const char* start = Here();
  const NumberText number = ScanNumber(start);
  if (!number.end) return std::nullopt;
  at_ = number.end;
  return std::string_view(start, static_cast<size_t>(number.end - start));
}

double JsonCursor::Number(const char* expected) {
  const char* start = Here();
  const NumberText number = ScanNumber(start);
  if (!number.end) Refuse(std::string("should be ") + expected);
  at_ = number.end;
  if (number.many <= kExactDigits && !number.exponent) {
    const double real = static_cast<double>(number.digits) / kPowers[number.behind_point];
    return number.negative ? -real : real;
  }
  double real = 0;
  if (std::from_chars(start, number.end, real).ec != std::errc()) {
    at_ = start;
    Refuse(std::string("should be ") + expected);
  }
  return real;
}

void JsonCursor::Text(std::string& out) {
  if (Peek() != '"') Refuse("should be a text");
  const std::string_view text = Quoted();
  if (!DecodeJsonString(text, out)) throw ReadFailure{"a malformed escape", {}, text.data()};
}

std::string_view JsonCursor::Skip() {
  const char* start = Here();
  const auto skipped = [&] { return std::string_view(start, static_cast<size_t>(at_ - start)); };
  if (*start == '"') return Quoted(), skipped();
  if (*start == '{' || *start == '[') {
    const char* end = BracketScan().EndOf(start);
    if (!end) Refuse("the text ends in the middle of something");
    at_ = end;
    return skipped();
  }
  if (!TakeNull() && !TakeBoolean() && !TakeNumberText()) Refuse("expected a value");
  return skipped();
}

}  // namespace scalene::profile
