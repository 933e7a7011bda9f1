// scalene on PID, off PID, status PID: resumes, suspends, or asks the run that process PID belongs to.
//
//   /proc/PID/environ ─▶ the collector's address ─▶ request ─▶ reply

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>

#include "base/unique_fd.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "wire/records.h"
#include "wire/switch_request.h"

namespace scalene::cli {
namespace {

constexpr int kExitNo = 1;
constexpr size_t kMostProcBytes = 4u << 20;  // environments larger than that start no program

Trouble NotProfiled(pid_t pid) {
  return {kExitNo, "process " + std::to_string(pid) +
                       " is not being profiled; only processes of a 'scalene run' can be switched"};
}

Outcome<pid_t> ReadPid(const Words& words) {
  if (words.size() != 1) return Trouble{kExitUsage, "one process id is needed", true};
  pid_t pid = 0;
  const char* end = words[0].data() + words[0].size();
  const auto [stop, error] = std::from_chars(words[0].data(), end, pid);
  if (error != std::errc() || stop != end || pid <= 0)
    return Trouble{kExitUsage, "'" + words[0] + "' is no process id", true};
  return pid;
}

std::optional<wire::CollectorAddress> AddressIn(const std::string& environment) {
  const std::string wanted = std::string(wire::kCollectorVariable) + "=";
  for (size_t at = 0; at < environment.size();) {  // words, each with a zero behind it
    const char* entry = environment.c_str() + at;
    wire::CollectorAddress address{};
    if (std::strncmp(entry, wanted.c_str(), wanted.size()) == 0 &&
        wire::ParseCollectorAddress(entry + wanted.size(), &address))
      return address;
    at += std::strlen(entry) + 1;
  }
  return std::nullopt;
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  const std::string number = std::to_string(pid);
  const std::string text = ReadBeginning("/proc/" + number + "/task/" + number + "/children", kMostProcBytes);
  std::vector<pid_t> children;
  for (size_t at = 0; at < text.size();) {
    pid_t child = 0;
    const auto [stop, error] = std::from_chars(text.data() + at, text.data() + text.size(), child);
    if (error != std::errc()) break;
    children.push_back(child);
    at = static_cast<size_t>(stop - text.data()) + 1;
  }
  return children;
}

// The address stands in the environment of the program and its children; `scalene run` itself has the program as its child.
Outcome<wire::CollectorAddress> AddressOf(pid_t pid) {
  if (kill(pid, 0) != 0 && errno == ESRCH) return Trouble{kExitNo, "Process " + std::to_string(pid) + " not found."};
  if (access(("/proc/" + std::to_string(pid) + "/environ").c_str(), R_OK) != 0)
    return Trouble{kExitNo, "process " + std::to_string(pid) + " belongs to somebody else"};
  std::vector<pid_t> candidates = ChildrenOf(pid);
  candidates.insert(candidates.begin(), pid);
  for (const pid_t candidate : candidates) {
    const std::string environment = ReadBeginning("/proc/" + std::to_string(candidate) + "/environ", kMostProcBytes);
    if (const auto address = AddressIn(environment)) return *address;
  }
  return NotProfiled(pid);
}

UniqueFd ConnectTo(const wire::CollectorAddress& collector) {
  UniqueFd connection(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = wire::kSocketPrefix + std::string(collector.name, wire::kNameDigits);
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (!connection.valid() || connect(connection.get(), reinterpret_cast<sockaddr*>(&address), length) != 0) return {};
  const timeval patience{5, 0};  // the collector answers within its tick, or when a profile has been written
  setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return connection;
}

Outcome<wire::SwitchReply> Ask(pid_t pid, wire::SwitchVerb verb) {
  const Outcome<wire::CollectorAddress> collector = AddressOf(pid);
  if (!collector.ok()) return collector.trouble();
  const UniqueFd connection = ConnectTo(collector.value());
  if (!connection.valid()) return NotProfiled(pid);  // left over from a run that has ended
  const wire::SwitchRequest request{wire::kSwitchMagic, wire::kWireVersion, verb, 0};
  wire::SwitchReply reply{};
  if (send(connection.get(), &request, sizeof request, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof request) ||
      recv(connection.get(), &reply, sizeof reply, 0) != static_cast<ssize_t>(sizeof reply) ||
      reply.magic != wire::kSwitchMagic)
    return Trouble{kExitNo, "the profiler of process " + std::to_string(pid) + " does not answer"};
  return reply;
}

std::string TimeOfDay(int64_t realtime_ns) {
  const time_t seconds = realtime_ns / 1'000'000'000;
  tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  return {text, strftime(text, sizeof text, "%H:%M:%S", &local)};
}

std::string StatusText(const wire::SwitchReply& reply) {
  return std::string("profiling: ") + (reply.on != 0 ? "on" : "off") + " since " + TimeOfDay(reply.since_ns) +
         "\nprocesses: " + std::to_string(reply.processes) + "\nsamples: " + std::to_string(reply.samples) +
         "\nlost: " + std::to_string(reply.lost) + "\n";
}

std::string SwitchHelp(std::string_view name, const std::string& text) {
  return "usage: " + UsageOf(*FindCommand(name)) + "\n\n" + text +
         "\nPID is the program or any process that it started, under 'scalene run'.\n";
}

using Answer = std::string (*)(const wire::SwitchReply& reply);

int RunSwitch(std::string_view name, wire::SwitchVerb verb, const Words& words, const std::string& help,
              Answer answer) {
  if (words == Words{"-h"} || words == Words{"--help"}) return WriteAll(STDOUT_FILENO, help) ? 0 : 1;
  const Outcome<pid_t> pid = ReadPid(words);
  if (!pid.ok()) return Report(pid.trouble(), UsageOf(*FindCommand(name)));
  const Outcome<wire::SwitchReply> reply = Ask(pid.value(), verb);
  if (!reply.ok()) return Report(reply.trouble());
  return WriteAll(STDOUT_FILENO, answer(reply.value())) ? 0 : 1;
}

}  // namespace

std::string OnCommandHelp(bool) {
  return SwitchHelp("on", "Resumes the profiling of a running program and of all its processes.\n");
}
std::string OffCommandHelp(bool) {
  return SwitchHelp("off",
                    "Suspends the profiling of a running program and of all its processes, and\n"
                    "writes the profile so far. What happens until 'scalene on' is in no metric.\n");
}
std::string StatusCommandHelp(bool) {
  return SwitchHelp("status", "Says whether a running program is being profiled, since when, and how much has come.\n");
}

int RunOn(const Words& words) {
  return RunSwitch("on", wire::SwitchVerb::kOn, words, OnCommandHelp(false),
                   [](const wire::SwitchReply&) { return std::string("Scalene: profiling turned on.\n"); });
}
int RunOff(const Words& words) {
  return RunSwitch("off", wire::SwitchVerb::kOff, words, OffCommandHelp(false),
                   [](const wire::SwitchReply&) { return std::string("Scalene: profiling turned off.\n"); });
}
int RunStatus(const Words& words) {
  return RunSwitch("status", wire::SwitchVerb::kStatus, words, StatusCommandHelp(false), StatusText);
}

}  // namespace scalene::cli
