#include "advise/curl.h"

#include <algorithm>

#include "advise/child_process.h"

namespace scalene::advise {
namespace {

constexpr size_t kMostComplaint = 2000;

// What curl needs of our environment: where programs and certificates are, which proxy, which language. No key.
const std::vector<const char*> kPassedOn = {
    "PATH",       "HOME",        "LANG",        "LC_ALL",    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
    "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",     "no_proxy",     "NO_PROXY"};

void AddOption(std::string_view name, std::string_view value, std::string& config) {
  config += std::string(name) + " = \"";
  for (const char c : value) {
    switch (c) {
      case '"':
        config += "\\\"";
        break;
      case '\\':
        config += "\\\\";
        break;
      case '\n':
        config += "\\n";
        break;
      case '\r':
        config += "\\r";
        break;
      default:
        config += c;
    }
  }
  config += "\"\n";
}

// In curl's own words. Redirections are not followed: what leaves goes to the server that was shown.
std::string ConfigOf(const HttpCall& call) {
  std::string config = "silent\nshow-error\nno-buffer\ninclude\nsuppress-connect-headers\ngloboff\nhttp1.1\n";
  AddOption("proto", "=http,https", config);
  AddOption("connect-timeout", "15", config);
  AddOption("speed-limit", "1", config);
  AddOption("speed-time", std::to_string(call.patience_sec), config);
  AddOption("url", call.url, config);
  AddOption("user-agent", "scalene", config);
  for (const auto& [name, value] : call.headers) AddOption("header", name + ": " + value, config);
  AddOption("header", "expect:", config);
  if (!call.body.empty()) AddOption("data-raw", call.body, config);
  return config;
}

// "curl: (7) Failed to connect …" -> "Failed to connect …"
std::string Complaint(std::string text) {
  if (const size_t end = text.find(") "); text.starts_with("curl: (") && end != text.npos) text = text.substr(end + 2);
  return text.substr(0, text.find('\n'));
}

}  // namespace

Status Fetch(const HttpCall& call, const std::function<bool(std::string_view)>& sink,
             const std::atomic<bool>& stopped) {
  const std::string config = ConfigOf(call);
  const ChildRequest request{
      .words = {"curl", "--disable", "--config", "-"}, .environment = EnvironmentOf(kPassedOn), .input = config};
  std::string complaint;
  const auto keep = [&](std::string_view text) {
    complaint += text.substr(0, kMostComplaint - std::min(kMostComplaint, complaint.size()));
    return true;
  };
  const ChildEnd end = RunChild(request, sink, keep, stopped);
  switch (end.kind) {
    case ChildEnd::Kind::kNotStarted:
      return Status::Error("the program 'curl' is needed to reach it, and is not installed");
    case ChildEnd::Kind::kStopped:
      return Status::Error("stopped");
    case ChildEnd::Kind::kUnwanted:
      return {};  // enough has been heard
    case ChildEnd::Kind::kSignalled:
      break;
    case ChildEnd::Kind::kExited:
      if (end.number == 0) return {};
  }
  return Status::Error(complaint.empty() ? "curl failed" : Complaint(Scrubbed(complaint, call.secret)));
}

}  // namespace scalene::advise
