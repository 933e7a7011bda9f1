#include "render/ai_address.h"

#include <algorithm>
#include <charconv>

namespace scalene::render {
namespace {

constexpr size_t kLongest = 2000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
  return lower;
}

bool IsHost(std::string_view host) {
  if (host.empty() || host.size() > 253 || !(IsLetter(host.front()) || IsDigit(host.front()))) return false;
  if (!(IsLetter(host.back()) || IsDigit(host.back())) || host.find("..") != host.npos) return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '.' || c == '-'; });
}

bool IsPort(std::string_view port) {
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && end == port.data() + port.size() && IsDigit(port[0]) && number > 0 && number < 65536;
}

// Of letters, digits and - . _ ~, without "." and ".." and empty parts.
bool IsPath(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // '/'
    const std::string_view part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    for (const char c : part) {
      if (!IsLetter(c) && !IsDigit(c) && std::string_view("-._~").find(c) == std::string_view::npos) return false;
    }
    path.remove_prefix(part.size());
  }
  return true;
}

bool IsThisMachine(std::string_view host) {
  return host == "localhost" || (host.starts_with("127.") && !std::any_of(host.begin(), host.end(), IsLetter));
}

}  // namespace

Result<AiAddress> ParseAiAddress(std::string_view text) {
  const std::string shown(text.substr(0, 100));
  const auto wrong = [&](const std::string& why) { return Status::Error("'" + shown + "' " + why); };
  const size_t scheme_end = text.find("://");
  const std::string scheme = scheme_end == text.npos ? "" : LowerCase(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return wrong("is no address: it begins with neither https:// nor http://");
  if (text.size() > kLongest) return wrong("is too long");
  text.remove_prefix(scheme_end + 3);
  const size_t path_start = std::min(text.find_first_of("/?#\\"), text.size());
  const std::string_view server = text.substr(0, path_start);
  std::string_view path = text.substr(path_start);
  if (server.find('@') != server.npos) return wrong("holds a name or password; a key is typed in the page");
  if (server.starts_with('[')) return wrong("is an IPv6 address, which no page's policy can name; use a name");
  const size_t colon = server.find(':');
  const std::string host = LowerCase(server.substr(0, colon));
  if (!IsHost(host)) return wrong("names no server");
  if (colon != server.npos && !IsPort(server.substr(colon + 1))) return wrong("has no port between 1 and 65535");
  if (scheme == "http" && !IsThisMachine(host))
    return wrong("must begin with https://, or be of this machine (localhost)");
  if (path.ends_with('/')) path.remove_suffix(1);
  if (!path.empty() && (path.front() != '/' || !IsPath(path)))
    return wrong("has a path of more than names and slashes; write it as https://host/v1");
  const std::string origin = scheme + "://" + host + std::string(colon == server.npos ? "" : server.substr(colon));
  return AiAddress{origin + std::string(path), origin};
}

}  // namespace scalene::render
