// One HTTP/1 request, read from bytes that anybody may have sent. Small on purpose: a head, and a body whose length is
// said. What a browser never sends to us (chunked bodies, folded headers, absolute targets) is refused, not guessed.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace scalene::render {

struct HttpRequest {
  std::string method;
  std::string path;                            // "/api/profile", as it stands; nothing is decoded
  std::string query;                           // behind the "?", as it stands
  std::map<std::string, std::string> headers;  // names in lower case; of several of one name the first
  std::string body;

  // "" when there is none.
  std::string_view Header(std::string_view name) const;
};

inline constexpr size_t kMostHeadBytes = 16 * 1024;
inline constexpr size_t kMostBodyBytes = 4 * 1024 * 1024;

struct ParsedRequest {
  enum class State : uint8_t { kIncomplete, kComplete, kRefused } state = State::kIncomplete;
  int status = 0;  // the refusal's
  HttpRequest request;
};

// Looks at all bytes received so far. Bytes behind a complete request are ignored: there is one to a connection.
ParsedRequest ParseHttpRequest(std::string_view bytes);

}  // namespace scalene::render
