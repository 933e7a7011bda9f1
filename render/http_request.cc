#include "render/http_request.h"

#include <algorithm>
#include <charconv>

namespace scalene::render {
namespace {

using State = ParsedRequest::State;

ParsedRequest Refused(int status) { return {State::kRefused, status, {}}; }

bool IsTokenCharacter(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.find(c) != kMarks.npos;
}

bool IsToken(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter); }

// Printable ASCII without blanks: what a target may hold.
bool IsTarget(std::string_view text) {
  return text.starts_with('/') && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool IsHeaderValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The next line without its CR LF.
std::string_view TakeLine(std::string_view& head) {
  const size_t end = std::min(head.find("\r\n"), head.size());
  const std::string_view line = head.substr(0, end);
  head.remove_prefix(std::min(end + 2, head.size()));
  return line;
}

bool ReadRequestLine(std::string_view line, HttpRequest& request) {
  const size_t first = line.find(' '), second = line.find(' ', first == line.npos ? first : first + 1);
  if (second == line.npos) return false;
  const std::string_view method = line.substr(0, first), target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (!IsToken(method) || !IsTarget(target) || (version != "HTTP/1.1" && version != "HTTP/1.0")) return false;
  const size_t question = target.find('?');
  request.method = method;
  request.path = target.substr(0, question);
  if (question != target.npos) request.query = target.substr(question + 1);
  return true;
}

bool ReadHeaders(std::string_view head, HttpRequest& request) {
  while (!head.empty()) {
    const std::string_view line = TakeLine(head);
    const size_t colon = line.find(':');
    if (colon == line.npos || !IsToken(line.substr(0, colon)) || !IsHeaderValue(line)) return false;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    const bool inserted = request.headers.emplace(name, Trimmed(line.substr(colon + 1))).second;
    // Two lengths or two hosts are an attempt to be read differently by two readers.
    if (!inserted && (name == "content-length" || name == "host")) return false;
  }
  return true;
}

// The length of the body; nothing when the header is no number.
bool ReadLength(const HttpRequest& request, size_t& length) {
  const std::string_view text = request.Header("content-length");
  length = 0;
  if (text.empty()) return !request.headers.contains("content-length");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string_view HttpRequest::Header(std::string_view name) const {
  const auto found = headers.find(std::string(name));
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

ParsedRequest ParseHttpRequest(std::string_view bytes) {
  const size_t end = bytes.substr(0, kMostHeadBytes).find("\r\n\r\n");
  if (end == bytes.npos) return bytes.size() >= kMostHeadBytes ? Refused(431) : ParsedRequest();
  std::string_view head = bytes.substr(0, end);
  ParsedRequest parsed;
  HttpRequest& request = parsed.request;
  if (!ReadRequestLine(TakeLine(head), request) || !ReadHeaders(head, request)) return Refused(400);
  if (request.headers.contains("transfer-encoding")) return Refused(501);
  size_t length = 0;
  if (!ReadLength(request, length)) return Refused(400);
  if (length > kMostBodyBytes) return Refused(413);
  const std::string_view rest = bytes.substr(end + 4);
  if (rest.size() < length) return {};
  request.body = rest.substr(0, length);
  parsed.state = State::kComplete;
  return parsed;
}

}  // namespace scalene::render
