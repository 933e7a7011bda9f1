#include "advise/child_process.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/unique_fd.h"

namespace scalene::advise {
namespace {

constexpr int kTurnMs = 100;  // how soon a stop is noticed

struct Child {
  pid_t pid = -1;
  bool is_group = false;
  UniqueFd in, out, error;

  ~Child() { Kill(); }
  void Kill() {
    if (pid < 0) return;
    kill(is_group ? -pid : pid, SIGKILL);
    Wait();
  }
  ChildEnd Wait() {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    pid = -1;
    if (WIFEXITED(status)) return {ChildEnd::Kind::kExited, WEXITSTATUS(status)};
    return {ChildEnd::Kind::kSignalled, WTERMSIG(status)};
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

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// With the signals that a server catches or ignores as they were at first.
bool Start(const ChildRequest& request, Child& child) {
  std::array<Ends, 3> ends;
  for (Ends& each : ends) {
    if (!OpenEnds(each)) return false;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; i++) posix_spawn_file_actions_adddup2(&actions, ends[static_cast<size_t>(i)].theirs.get(), i);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigdefault(&attributes, &all);
  const int group = request.with_children ? POSIX_SPAWN_SETPGROUP : 0;
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | group));
  std::vector<std::string> words = request.words, environment = request.environment;
  const int error = posix_spawnp(&child.pid, words[0].c_str(), &actions, &attributes, Pointers(words).data(),
                                 Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    child.pid = -1;
    return false;
  }
  child.is_group = request.with_children;
  child.in = std::move(ends[0].ours), child.out = std::move(ends[1].ours), child.error = std::move(ends[2].ours);
  return true;
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
bool ReadSome(UniqueFd& fd, const ByteSink& sink, bool& wanted) {
  char block[16 * 1024];
  const ssize_t got = read(fd.get(), block, sizeof block);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) return false;
  wanted = sink({block, static_cast<size_t>(got)});
  return wanted;
}

}  // namespace

ChildEnd RunChild(const ChildRequest& request, const ByteSink& out, const ByteSink& error,
                  const std::atomic<bool>& stopped) {
  Child child;
  if (!Start(request, child)) return {};
  SendAll(child.in, request.input);
  bool out_open = true, error_open = true, wanted = true;
  while (out_open || error_open) {
    pollfd polled[] = {{out_open ? child.out.get() : -1, POLLIN, 0}, {error_open ? child.error.get() : -1, POLLIN, 0}};
    if (poll(polled, 2, kTurnMs) < 0 && errno != EINTR) break;
    if (stopped) return {ChildEnd::Kind::kStopped};
    if (polled[0].revents != 0) out_open = ReadSome(child.out, out, wanted);
    if (wanted && polled[1].revents != 0) error_open = ReadSome(child.error, error, wanted);
    if (!wanted) return {ChildEnd::Kind::kUnwanted};
  }
  return child.Wait();
}

std::vector<std::string> EnvironmentOf(const std::vector<const char*>& names) {
  std::vector<std::string> entries;
  for (const char* name : names) {
    if (const char* value = std::getenv(name)) entries.push_back(std::string(name) + "=" + value);
  }
  return entries;
}

}  // namespace scalene::advise
