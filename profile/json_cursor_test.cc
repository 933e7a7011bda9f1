#include "profile/json_cursor.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "profile/profile_input.h"

namespace scalene::profile {
namespace {

double NumberIn(std::string_view text) {
  const PaddedText padded(text);
  return JsonCursor(padded.text().data()).Number();
}

std::string TextIn(std::string_view text) {
  const PaddedText padded(text);
  std::string out;
  JsonCursor(padded.text().data()).Text(out);
  return out;
}

// What stands behind the first value.
std::string AfterSkipping(const std::string& text) {
  const PaddedText padded(text);
  JsonCursor cursor(padded.text().data());
  cursor.Skip();
  return std::string(cursor.Here());
}

bool IsRefused(std::string_view text) {
  const PaddedText padded(text);
  try {
    JsonCursor cursor(padded.text().data());
    cursor.Skip();
    return *cursor.Here() != '\0';
  } catch (const ReadFailure&) {
    return true;
  }
}

TEST(JsonCursorTest, GoesThroughObjectsAndArraysInOrder) {
  const PaddedText padded(R"( {"a": [1, 2.5 ,-3], "b": {}, "c": [] } )");
  JsonCursor cursor(padded.text().data());
  std::string names;
  double sum = 0;
  for (cursor.Enter('{', "an object"); cursor.Next('}');) {
    names += cursor.Name();
    if (names != "a") {
      cursor.Skip();
      continue;
    }
    for (cursor.Enter('[', "an array"); cursor.Next(']');) sum += cursor.Number();
  }
  EXPECT_EQ(names, "abc");
  EXPECT_EQ(sum, 0.5);
  EXPECT_EQ(*cursor.Here(), '\0');
}

TEST(JsonCursorTest, RefusesWrongCommas) {
  for (const char* text : {"[1 2]", "[,1]", "[1,]", "[1"}) {
    const PaddedText padded(text);
    JsonCursor cursor(padded.text().data());
    cursor.Enter('[', "an array");
    const auto read = [&] {
      while (cursor.Next(']')) cursor.Number();
    };
    EXPECT_THROW(read(), ReadFailure) << text;
  }
}

TEST(JsonCursorTest, ReadsEveryNumberAsTheLibraryDoes) {
  for (const char* text :
       {"0", "-0", "0.0", "7", "-12.75", "0.1", "123456789012345", "1234567890123456", "0.000000000000001",
        "9007199254740993", "3.141592653589793238", "1e3", "1.5E-7", "12345678901234567890", "4.9e-324", "1e308"}) {
    EXPECT_EQ(NumberIn(text), std::strtod(text, nullptr)) << text;
  }
  for (const char* text : {"01", "-", ".5", "1.", "1e", "+1", "nan", "inf", "0x10"})
    EXPECT_TRUE(IsRefused(text)) << text;
  EXPECT_THROW(NumberIn("1e999"), ReadFailure);
}

TEST(JsonCursorTest, ReadsTextsOfEveryLength) {
  for (size_t length = 0; length < 70; length++) {
    const std::string plain(length, 'x');
    EXPECT_EQ(TextIn('"' + plain + "\" rest"), plain);
    EXPECT_EQ(TextIn('"' + plain + R"(\"\\")"), plain + R"("\)");
    EXPECT_EQ(TextIn('"' + plain + "\u00e9\""), plain + "\u00e9");
    EXPECT_THROW(TextIn('"' + plain + "\xff\""), ReadFailure);
    EXPECT_THROW(TextIn('"' + plain + "\n\""), ReadFailure);
    EXPECT_THROW(TextIn('"' + plain), ReadFailure);
    EXPECT_THROW(TextIn('"' + plain + '\\'), ReadFailure);
  }
}

// Brackets inside of strings, and quotes behind any number of backslashes, at every place within a block of 64.
TEST(JsonCursorTest, FindsTheEndOfWhatItSkips) {
  for (size_t length = 0; length < 140; length++) {
    for (size_t slashes = 0; slashes < 5; slashes++) {
      const std::string text = std::string(length, 'x') + std::string(2 * slashes, '\\') + R"(]}[{\"}])";
      EXPECT_EQ(AfterSkipping("[{\"a\": \"" + text + "\", \"b\": [[{}]]}] , rest"), ", rest") << length << slashes;
    }
  }
  EXPECT_EQ(AfterSkipping(std::string(100'000, '[') + std::string(100'000, ']') + "x"), "x");
}

TEST(JsonCursorTest, RefusesWhatHasNoEnd) {
  for (const char* text : {"", "{", "[[]", "[\"]", "\"", "tru", "nul", "]", "[\"\\\"]"})
    EXPECT_TRUE(IsRefused(text)) << text;
  EXPECT_TRUE(IsRefused(std::string(1000, '[')));
}

}  // namespace
}  // namespace scalene::profile
