#include "advise/curl.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "base/unique_fd.h"

namespace scalene::advise {
namespace {

constexpr int kTurnMs = 100;  // how soon a stop is noticed
constexpr size_t kMostComplaint = 2000;

// What curl needs of our environment: where programs and certificates are, which proxy, which language. No key.
constexpr const char* kPassedOn[] = {"PATH",         "HOME",           "LANG",       "LC_ALL",      "SSL_CERT_FILE",
                                     "SSL_CERT_DIR", "CURL_CA_BUNDLE", "http_proxy", "https_proxy", "HTTPS_PROXY",
                                     "all_proxy",    "ALL_PROXY",      "no_proxy",   "NO_PROXY"};

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

struct Child {
  pid_t pid = -1;
  UniqueFd in, out, error;

  ~Child() {
    if (pid < 0) return;
    kill(pid, SIGKILL);
    Wait();
  }
  int Wait() {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

struct Ends {
  UniqueFd ours, theirs;
};

// A socket pair, since writing to one that nobody reads any more needs no signal.
bool OpenEnds(Ends& ends) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
  ends.ours = UniqueFd(pair[0]);
  ends.theirs = UniqueFd(pair[1]);
  return true;
}

std::vector<std::string> PassedOn() {
  std::vector<std::string> entries;
  for (const char* name : kPassedOn) {
    if (const char* value = std::getenv(name)) entries.push_back(std::string(name) + "=" + value);
  }
  return entries;
}

Status StartCurl(Child& child) {
  std::array<Ends, 3> ends;
  for (Ends& each : ends) {
    if (!OpenEnds(each)) return Status::Error("no connection to curl could be made");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; i++) posix_spawn_file_actions_adddup2(&actions, ends[static_cast<size_t>(i)].theirs.get(), i);
  std::vector<std::string> entries = PassedOn();
  std::vector<char*> environment;
  for (std::string& entry : entries) environment.push_back(entry.data());
  environment.push_back(nullptr);
  char curl[] = "curl", disable[] = "--disable", config[] = "--config", dash[] = "-";
  char* const words[] = {curl, disable, config, dash, nullptr};
  const int error = posix_spawnp(&child.pid, "curl", &actions, nullptr, words, environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    child.pid = -1;
    return Status::Error("the program 'curl' is needed to reach it, and is not installed");
  }
  child.in = std::move(ends[0].ours), child.out = std::move(ends[1].ours), child.error = std::move(ends[2].ours);
  return {};
}

void SendAll(UniqueFd& fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) break;  // it has ended; its status says why
    text.remove_prefix(static_cast<size_t>(put));
  }
  fd = UniqueFd();
}

// True: there may be more.
bool ReadSome(UniqueFd& fd, const std::function<bool(std::string_view)>& sink, bool& wanted) {
  char block[16 * 1024];
  const ssize_t got = read(fd.get(), block, sizeof block);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) return false;
  wanted = sink({block, static_cast<size_t>(got)});
  return wanted;
}

// "curl: (7) Failed to connect …" -> "Failed to connect …"
std::string Complaint(std::string text) {
  if (const size_t end = text.find(") "); text.starts_with("curl: (") && end != text.npos) text = text.substr(end + 2);
  return text.substr(0, text.find('\n'));
}

}  // namespace

Status Fetch(const HttpCall& call, const std::function<bool(std::string_view)>& sink,
             const std::atomic<bool>& stopped) {
  Child child;
  if (Status status = StartCurl(child); !status.ok()) return status;
  SendAll(child.in, ConfigOf(call));
  std::string complaint;
  const auto keep = [&](std::string_view text) {
    complaint += text.substr(0, kMostComplaint - std::min(kMostComplaint, complaint.size()));
    return true;
  };
  bool out_open = true, error_open = true, wanted = true;
  while (out_open || error_open) {
    pollfd polled[] = {{out_open ? child.out.get() : -1, POLLIN, 0}, {error_open ? child.error.get() : -1, POLLIN, 0}};
    if (poll(polled, 2, kTurnMs) < 0 && errno != EINTR) break;
    if (stopped) return Status::Error("stopped");
    if (polled[0].revents != 0) out_open = ReadSome(child.out, sink, wanted);
    if (!wanted) return {};  // enough has been heard
    bool ignored = true;
    if (polled[1].revents != 0) error_open = ReadSome(child.error, keep, ignored);
  }
  if (child.Wait() == 0) return {};
  return Status::Error(complaint.empty() ? "curl failed" : Complaint(Scrubbed(complaint, call.secret)));
}

}  // namespace scalene::advise
