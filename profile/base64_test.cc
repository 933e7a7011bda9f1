#include "profile/base64.h"

#include <gtest/gtest.h>

namespace scalene::profile {
namespace {

TEST(Base64Test, AgreesWithTheStandard) {
  EXPECT_EQ(ToBase64(""), "");
  EXPECT_EQ(ToBase64("f"), "Zg==");
  EXPECT_EQ(ToBase64("fo"), "Zm8=");
  EXPECT_EQ(ToBase64("foo"), "Zm9v");
  EXPECT_EQ(ToBase64("foobar"), "Zm9vYmFy");
}

TEST(Base64Test, GivesBackAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 256; i++) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
  }
}

TEST(Base64Test, RefusesWhatIsNotBase64) {
  for (const char* text : {"Z", "Zg=", "Z!==", "====="}) EXPECT_EQ(FromBase64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace scalene::profile
