#include "render/ai_address.h"

#include <gtest/gtest.h>

namespace scalene::render {
namespace {

std::string Parsed(std::string_view text) {
  const Result<AiAddress> address = ParseAiAddress(text);
  return address.ok() ? address->origin + " " + address->url : address.message();
}

TEST(AiAddressTest, AnAddressHasAnOriginAndAPath) {
  EXPECT_EQ(Parsed("https://host.example/v1"), "https://host.example https://host.example/v1");
  EXPECT_EQ(Parsed("https://host.example"), "https://host.example https://host.example");
  EXPECT_EQ(Parsed("HTTPS://Host.Example:8443/a-b/v1.0/"),
            "https://host.example:8443 https://host.example:8443/a-b/v1.0");
  EXPECT_EQ(Parsed("http://localhost:11434"), "http://localhost:11434 http://localhost:11434");
  EXPECT_EQ(Parsed("http://127.0.0.1:1/"), "http://127.0.0.1:1 http://127.0.0.1:1");
}

TEST(AiAddressTest, WhatIsNoneIsRefused) {
  for (const char* text : {"",
                           "host.example",
                           "ftp://host",
                           "javascript:alert(1)",
                           "//host",
                           "https://",
                           "https:///v1",
                           "https://*",
                           "https://*.example",
                           "https://a..b",
                           "https://-a",
                           "https://a-",
                           "https://a b",
                           "https://a;script-src",
                           "https://a'self'",
                           "https://a\"",
                           "https://a,b",
                           "https://a\n",
                           "https://h:0",
                           "https://h:65536",
                           "https://h:",
                           "https://h:8x",
                           "https://h:+80",
                           "https://[::1]:80",
                           "https://user@h",
                           "https://user:word@h/v1",
                           "https://h\\@evil",
                           "https://h/v1?key=x",
                           "https://h/v1#x",
                           "https://h?x",
                           "https://h/../v1",
                           "https://h/./v1",
                           "https://h//v1",
                           "https://h/v1//",
                           "https://h/%2e%2e/v1",
                           "https://h/a;b",
                           "https://h/a b",
                           "https://h/\"onload=x",
                           "https://h/<script>"}) {
    EXPECT_FALSE(ParseAiAddress(text).ok()) << text;
  }
}

TEST(AiAddressTest, AKeyGoesOverAnEncryptedConnectionOrStaysOnThisMachine) {
  for (const char* text : {"http://host.example/v1", "http://10.0.0.1", "http://localhost.example",
                           "http://127.evil.example", "http://127.0.0.1.example"}) {
    EXPECT_NE(Parsed(text).find("must begin with https://"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace scalene::render
