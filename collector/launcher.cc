#include "collector/launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/unique_fd.h"
#include "collector/signal_relay.h"
#include "wire/handshake.h"

extern char** environ;

namespace scalene::collector {
namespace {

// Whether `entry` is "NAME=…".
bool Names(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
}

// Replaces a variable where it stands, so that the order of the others does not change; a new one comes last.
void Set(std::vector<std::string>& environment, const std::string& name, const std::optional<std::string>& value) {
  const auto found =
      std::find_if(environment.begin(), environment.end(), [&](const auto& entry) { return Names(entry, name); });
  if (!value) {
    if (found != environment.end()) environment.erase(found);
  } else if (found != environment.end()) {
    *found = name + "=" + *value;
  } else {
    environment.push_back(name + "=" + *value);
  }
}

std::string PreloadOf(const LaunchRequest& request, const std::string& users) {
  const std::string& agent = request.agent_path;
  if (BeginsWithSanitizer(users)) return users + ":" + agent;
  return (request.sanitizer.empty() ? "" : request.sanitizer + ":") + agent + (users.empty() ? "" : ":" + users);
}

std::vector<std::string> ProgramEnvironment(const LaunchRequest& request) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  for (const auto& [name, value] : request.environment_changes) Set(environment, name, value);
  const auto preload = std::find_if(environment.begin(), environment.end(),
                                    [](const auto& entry) { return Names(entry, "LD_PRELOAD"); });
  const std::string users = preload == environment.end() ? "" : preload->substr(sizeof("LD_PRELOAD"));
  Set(environment, "LD_PRELOAD", PreloadOf(request, users));
  Set(environment, wire::kCollectorVariable, request.collector_address);
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child: becomes the program, or tells the parent why not.
[[noreturn]] void Become(const char* executable, char** argv, char** environment, int report) {
  SignalRelay::RestoreForProgram();
  execve(executable, argv, environment);
  const int error = errno;
  const ssize_t told = write(report, &error, sizeof error);
  _exit(told == sizeof error ? 127 : 126);
}

}  // namespace

bool BeginsWithSanitizer(const std::string& preload) {
  const std::string first = preload.substr(0, preload.find_first_of(": "));
  const std::string name = first.substr(first.rfind('/') + 1);
  return name.starts_with("libasan.") || name.starts_with("libclang_rt.");
}

Launched Launch(const LaunchRequest& request) {
  std::vector<std::string> arguments = request.argv;
  std::vector<std::string> variables = ProgramEnvironment(request);
  const std::vector<char*> argv = Pointers(arguments), environment = Pointers(variables);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {0, errno};
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) return {0, errno};
  if (pid == 0)
    Become(request.executable.c_str(), const_cast<char**>(argv.data()), const_cast<char**>(environment.data()),
           write_end.get());
  write_end.Reset();
  int error = 0;  // the pipe closes on exec
  if (read(read_end.get(), &error, sizeof error) != static_cast<ssize_t>(sizeof error)) return {pid, 0};
  waitpid(pid, nullptr, 0);
  return {0, error};
}

void EndLike(const ProgramEnd& end) {
  if (!end.signal) _exit(end.status.value_or(125));
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  signal(*end.signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, *end.signal);
  raise(*end.signal);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
  _exit(128 + *end.signal);  // a signal that does not end a process
}

}  // namespace scalene::collector
