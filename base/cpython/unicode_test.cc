#include "base/cpython/unicode.h"

#include <gtest/gtest.h>

#include <vector>

namespace scalene::cpython {
namespace {

template <typename Unit>
std::string FromUnits(const std::vector<Unit>& units) {
  return ToUtf8(sizeof(Unit), {reinterpret_cast<const uint8_t*>(units.data()), units.size() * sizeof(Unit)});
}

TEST(Unicode, LatinOneBecomesTwoBytesAboveAscii) { EXPECT_EQ(FromUnits<uint8_t>({'h', 0xe9}), "h\xc3\xa9"); }

TEST(Unicode, WideCharactersBecomeThreeAndFourBytes) {
  EXPECT_EQ(FromUnits<uint16_t>({'a', 0x20ac}), "a\xe2\x82\xac");
  EXPECT_EQ(FromUnits<uint32_t>({0x1f40d}), "\xf0\x9f\x90\x8d");
}

TEST(Unicode, EscapedPathBytesComeBackAsBytes) {
  EXPECT_EQ(FromUnits<uint16_t>({'/', 0xdce9, '.', 'p', 'y'}), "/\xe9.py");
}

TEST(Unicode, WhatIsNoCharacterIsReplaced) {
  EXPECT_EQ(FromUnits<uint16_t>({0xd800}), "\xef\xbf\xbd");
  EXPECT_EQ(FromUnits<uint32_t>({0xffffffff}), "\xef\xbf\xbd");
}

TEST(Unicode, UnknownKindIsEmpty) {
  const uint8_t byte = 'a';
  EXPECT_EQ(ToUtf8(0, {&byte, 1}), "");
  EXPECT_EQ(ToUtf8(3, {&byte, 1}), "");
}

TEST(Unicode, CutLastCharacterIsDropped) {
  const uint8_t bytes[] = {'a', 0, 'b'};
  EXPECT_EQ(ToUtf8(2, bytes), "a");
}

}  // namespace
}  // namespace scalene::cpython
