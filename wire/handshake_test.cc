#include "wire/handshake.h"

#include <gtest/gtest.h>

#include <string>

namespace scalene::wire {
namespace {

const std::string kName(32, 'a');

TEST(HandshakeTest, ReadsTheAddressOfTheCollector) {
  CollectorAddress address{};
  ASSERT_TRUE(ParseCollectorAddress((kName + ":4d2:989680:3:100000").c_str(), &address));
  EXPECT_EQ(std::string(address.name, kNameDigits), kName);
  EXPECT_EQ(address.collector_pid, 1234u);
  EXPECT_EQ(address.interval_ns, 10'000'000u);
  EXPECT_EQ(address.flags, kStartEnabled | kFollowChildren);
  EXPECT_EQ(address.window, 1u << 20);
}

TEST(HandshakeTest, RefusesWhatIsNoAddress) {
  CollectorAddress address{};
  for (const std::string& text :
       {std::string(), kName, kName + ":1:2", kName + ":1:2:3", kName + ":1:2:3:4:5", kName + ":1::3:4",
        kName + ":1:0:3:4", "x" + kName.substr(1) + ":1:2:3:4", kName + ":1:2:3:4x"}) {
    EXPECT_FALSE(ParseCollectorAddress(text.c_str(), &address)) << text;
  }
}

}  // namespace
}  // namespace scalene::wire
