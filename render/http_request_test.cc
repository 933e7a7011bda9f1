#include "render/http_request.h"

#include <gmock/gmock.h>

namespace scalene::render {
namespace {

using State = ParsedRequest::State;

int StatusOf(std::string_view bytes) { return ParseHttpRequest(bytes).status; }

TEST(HttpRequestTest, ReadsLineHeadersAndBody) {
  const auto parsed = ParseHttpRequest(
      "POST /api/open?a=b HTTP/1.1\r\nHost: localhost\r\nX-Token:  t \r\nContent-Length: 2\r\n\r\n{}x");
  ASSERT_EQ(parsed.state, State::kComplete);
  EXPECT_EQ(parsed.request.method, "POST");
  EXPECT_EQ(parsed.request.path, "/api/open");
  EXPECT_EQ(parsed.request.query, "a=b");
  EXPECT_EQ(parsed.request.Header("x-token"), "t");
  EXPECT_EQ(parsed.request.body, "{}");
}

TEST(HttpRequestTest, EveryPrefixOfARequestIsIncomplete) {
  const std::string whole = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  for (size_t size = 0; size < whole.size(); size++)
    EXPECT_EQ(ParseHttpRequest(whole.substr(0, size)).state, State::kIncomplete) << size;
  EXPECT_EQ(ParseHttpRequest(whole).state, State::kComplete);
}

TEST(HttpRequestTest, NothingIsDecodedOrCleaned) {
  EXPECT_EQ(ParseHttpRequest("GET /a/../%2e HTTP/1.1\r\n\r\n").request.path, "/a/../%2e");
}

TEST(HttpRequestTest, RefusesWhatTwoReadersCouldReadDifferently) {
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na"), 400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length:\r\n\r\na"), 400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 501);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nA : b\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\nHost: a\n\r\n\r\n"), 400);
}

TEST(HttpRequestTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(StatusOf("GET /" + std::string(kMostHeadBytes, 'a')), 431);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"), 413);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"), 400);
}

TEST(HttpRequestTest, RefusesOtherTargetsAndVersions) {
  for (const char* line : {"GET http://a/ HTTP/1.1", "GET * HTTP/1.1", "GET / HTTP/2", "GET /", "G@T / HTTP/1.1",
                           "GET /\x01 HTTP/1.1", "GET /\xc3\xa9 HTTP/1.1", ""}) {
    EXPECT_EQ(StatusOf(std::string(line) + "\r\n\r\n"), 400) << line;
  }
}

}  // namespace
}  // namespace scalene::render
