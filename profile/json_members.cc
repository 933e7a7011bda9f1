#include "profile/json_members.h"

#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace scalene::profile {
namespace {

// ---- Characters, sixty-four at a time: one bit for each, the first one lowest ----

#ifdef __SSE2__
uint64_t SixtyFour(const char* from, char c, char ignored_bits) {
  uint64_t mask = 0;
  for (int i = 0; i < 4; i++) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 16 * i));
    const __m128i equal = _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(ignored_bits)), _mm_set1_epi8(c));
    mask |= static_cast<uint64_t>(_mm_movemask_epi8(equal)) << (16 * i);
  }
  return mask;
}
#else
uint64_t SixtyFour(const char* from, char c, char ignored_bits) {
  uint64_t mask = 0;
  for (int i = 0; i < 64; i++) mask |= static_cast<uint64_t>((from[i] | ignored_bits) == c) << i;
  return mask;
}
#endif

constexpr char kBracketBit = 0x20;  // in which brackets and braces differ

// Every bit becomes the parity of itself and those below it: what lies between quotes.
uint64_t Between(uint64_t quotes) {
  for (int shift = 1; shift < 64; shift *= 2) quotes ^= quotes << shift;
  return quotes;
}

// Finds the end of an object or array.
class BracketScan {
 public:
  // Behind the bracket that closes the one at `at`; null if the text ends before.
  const char* EndOf(const char* at) {
    for (;; at += 64) {
      const uint64_t outside = ~Strings(at);
      const uint64_t opening = SixtyFour(at, '{', kBracketBit) & outside;
      const uint64_t closing = SixtyFour(at, '}', kBracketBit) & outside;
      for (uint64_t left = opening | closing; left != 0; left &= left - 1) {
        depth_ += opening & left & -left ? 1 : -1;
        if (depth_ == 0) return at + __builtin_ctzll(left) + 1;
      }
      if (SixtyFour(at, '\0', 0) != 0) return nullptr;
    }
  }

 private:
  // Which characters lie in strings, opening quotes included.
  uint64_t Strings(const char* at) {
    uint64_t quotes = SixtyFour(at, '"', 0);
    uint64_t slashes = SixtyFour(at, '\\', 0);
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

[[noreturn]] void Refuse(const char* why, const char* where) { throw ReadFailure{why, {}, where}; }

const char* BehindBlanks(const char* at) { return at + std::strspn(at, " \n\r\t"); }

// Behind the closing quote of the string that opens at `at`.
const char* EndOfString(const char* at) {
  for (const char* end = at + 1;; end += 2) {
    end += std::strcspn(end, "\"\\");
    if (*end == '"') return end + 1;
    if (*end == '\0' || end[1] == '\0') Refuse("a text without an end", at);
  }
}

const char* EndOfValue(const char* at) {
  if (*at == '"') return EndOfString(at);
  if (*at != '{' && *at != '[') {
    const size_t bytes = std::strcspn(at, ",]} \n\r\t");
    if (bytes == 0) Refuse("expected a value", at);
    return at + bytes;
  }
  const char* end = BracketScan().EndOf(at);
  if (end == nullptr) Refuse("the text ends in the middle of something", at);
  return end;
}

}  // namespace

JsonMembers::JsonMembers(const char* object) : at_(BehindBlanks(object)) {
  if (*at_ != '{') Refuse("should be an object", at_);
  at_++;
}

bool JsonMembers::Next() {
  if (value_ != nullptr) Skip();
  at_ = BehindBlanks(at_);
  if (*at_ == '}') return at_++, false;
  if (!first_) {
    if (*at_ != ',') Refuse("expected a comma or the end", at_);
    at_ = BehindBlanks(at_ + 1);
  }
  first_ = false;
  if (*at_ != '"') Refuse("expected a name", at_);
  const char* end = EndOfString(at_);
  name_ = {at_ + 1, static_cast<size_t>(end - at_ - 2)};
  at_ = BehindBlanks(end);
  if (*at_ != ':') Refuse("expected a colon", at_);
  value_ = BehindBlanks(at_ + 1);
  return true;
}

std::string_view JsonMembers::Skip() {
  const char* start = value_;
  SkipTo(EndOfValue(start));
  return {start, static_cast<size_t>(at_ - start)};
}

}  // namespace scalene::profile
