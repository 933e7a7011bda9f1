// Doctor's questions about the interpreter, the agent library, and the two together; and the browser.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/agent_library.h"
#include "cli/doctor_checks.h"
#include "cli/files.h"
#include "cli/interpreter_check.h"

namespace scalene::cli {
namespace {

// An interpreter on a cold disk may need seconds to start; one that takes longer hangs.
constexpr int kPatienceMs = 20000;

// Runs with the agent preloaded and says whether the agent is in the process.
constexpr const char* kProbe =
    "import sys\n"
    "with open('/proc/self/maps') as maps: loaded = 'libscalene_agent' in maps.read()\n"
    "print('loaded' if loaded else 'absent', '.'.join(map(str, sys.version_info[:3])), sys.implementation.name)\n";

// What a child wrote to stdout and stderr, at most some KiB, until it closed them or patience ended.
std::string ReadUntilEnd(int fd) {
  std::string text;
  char block[1024];
  while (text.size() < 8192) {
    pollfd waiting{fd, POLLIN, 0};
    if (poll(&waiting, 1, kPatienceMs) <= 0) break;
    ssize_t got = read(fd, block, sizeof block);
    if (got <= 0) break;
    text.append(block, static_cast<size_t>(got));
  }
  return text;
}

std::string OutputOfProbe(const std::string& python, const std::string& agent) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "";
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    setenv("LD_PRELOAD", agent.c_str(), 1);
    execl(python.c_str(), python.c_str(), "-I", "-S", "-c", kProbe, static_cast<char*>(nullptr));
    _exit(kExitNotFound);
  }
  close(ends[1]);
  std::string output = child > 0 ? ReadUntilEnd(ends[0]) : "";
  close(ends[0]);
  if (child > 0) {
    kill(child, SIGKILL);  // it has ended, or has used up our patience
    waitpid(child, nullptr, 0);
  }
  return output;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string NameOfKind(const InterpreterFacts& facts) {
  if (facts.kind == InterpreterKind::kScript) return "a script that starts one";
  return facts.version ? "CPython " + VersionText(*facts.version) : "of unknown version";
}

}  // namespace

Finding ExamineInterpreter(const Surroundings& surroundings) {
  Outcome<Interpreter> interpreter = ChooseInterpreter({}, surroundings);
  if (!interpreter.ok()) return {false, "none found", "install python3, or name one with --python"};
  InterpreterFacts facts = InspectInterpreter(interpreter->path);
  std::string text = interpreter->path + " (" + interpreter->reason + "), " + NameOfKind(facts);
  if (auto trouble = WhyUnsupported(facts, interpreter->path, "this machine")) {
    return {false, text,
            "Scalene knows CPython " + VersionText(kOldestPython) + " to " + VersionText(kNewestPython) +
                "; choose one with --python"};
  }
  if (facts.is_static || facts.is_setuid) {
    std::string why = facts.is_static ? "statically linked" : "setuid";
    return {false, text + ", " + why, "nothing can be preloaded into it: choose another one with --python"};
  }
  return {true, text, ""};
}

Finding ExamineAgent(const Surroundings&) {
  std::string path = AgentLibraryPath(true), other = AgentLibraryPath(false);
  if (path.empty()) return {false, "/proc is not mounted", "mount /proc"};
  if (!IsRegularFile(other)) return {false, other + " is missing", "install Scalene again"};
  if (!IsRegularFile(path)) return {false, path + " is missing", "install Scalene again"};
  if (!IsPreloadablePath(path)) return {true, path + " (preloaded through a link, for the blank or colon in it)", ""};
  return {true, path, ""};
}

Finding ExaminePreload(const Surroundings& surroundings) {
  Outcome<Interpreter> interpreter = ChooseInterpreter({}, surroundings);
  std::string agent = AgentLibraryPath(true);
  if (!interpreter.ok() || !IsRegularFile(agent)) return {false, "not tried", "see above"};
  if (!IsPreloadablePath(agent)) return {true, "not tried: needs a link", ""};
  std::string output = OutputOfProbe(interpreter->path, agent);
  if (output.find("loaded ") != output.npos)
    return {true, "the agent enters Python" + output.substr(6, output.find_last_of(' ') - 6), ""};
  if (output.find("absent ") != output.npos) {
    return {false, "the interpreter starts without the agent", "is it setuid, or for another libc?"};
  }
  return {false, output.empty() ? "the interpreter did not answer" : FirstLine(output),
          "try the interpreter by itself, then reinstall Scalene"};
}

Finding ExamineBrowser(const Surroundings& surroundings) {
  for (const char* name : {"xdg-open", "firefox", "google-chrome", "chromium", "wslview"}) {
    std::string path = FindOnPath(name, surroundings.path);
    if (!path.empty()) return {true, path, ""};
  }
  return {false, "none found", "'scalene view --cli' shows profiles in the terminal"};
}

}  // namespace scalene::cli
