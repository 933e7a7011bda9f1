#include "cli/proposal_check.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "advise/apply.h"
#include "advise/child_process.h"
#include "cli/config.h"
#include "cli/files.h"
#include "cli/interpreter_check.h"

namespace scalene::cli {
namespace {

using advise::ChildEnd;

constexpr size_t kMostOutput = 512 * 1024;  // of a command: more is not read by a person

// Compiles what it reads, and runs none of it. Says "ok VERSION", or "no VERSION: where and why".
constexpr std::string_view kCompile =
    "import sys\n"
    "version = '.'.join(map(str, sys.version_info[:3]))\n"
    "try:\n"
    "    compile(sys.stdin.buffer.read(), 'proposal', 'exec', dont_inherit=True)\n"
    "except SyntaxError as error:\n"
    "    print('no %s: %s%s' % (version, 'line %s: ' % error.lineno if error.lineno else '', error.msg))\n"
    "except ValueError as error:\n"
    "    print('no %s: %s' % (version, error))\n"
    "else:\n"
    "    print('ok ' + version)\n";

// "3.12.1" -> "python3.12"; "" when it says nothing.
std::string InterpreterName(const std::string& version) {
  const std::optional<PythonVersion> known = VersionInName("python" + version);
  return known ? "python" + VersionText(*known) : "";
}

// What it says; "" when it cannot.
std::string Compiled(const std::string& interpreter, const std::string& text, const std::atomic<bool>& stopped) {
  const advise::ChildRequest request{.words = {interpreter, "-I", "-S", "-c", std::string(kCompile)},
                                     .environment = advise::EnvironmentOf({"PATH", "HOME", "LD_LIBRARY_PATH"}),
                                     .input = text};
  std::string said;
  const auto keep = [&](std::string_view bytes) { return (said += bytes).size() < kMostOutput; };
  const ChildEnd end = RunChild(
      request, keep, [](std::string_view) { return true; }, stopped);
  const bool spoke = said.starts_with("ok ") || said.starts_with("no ");
  if (end.kind != ChildEnd::Kind::kExited || end.number != 0 || !spoke) return {};
  return said.substr(0, said.find('\n'));
}

std::string Seconds(std::chrono::steady_clock::duration time) {
  char text[32];
  snprintf(text, sizeof text, "%.1f s", std::chrono::duration<double>(time).count());
  return text;
}

}  // namespace

CheckReport CheckSyntax(const std::string& before, const std::string& now, const std::string& version,
                        const std::atomic<bool>& stopped) {
  const std::string trouble = advise::SyntaxTrouble(before, now);
  const std::string name = InterpreterName(version);
  const char* path = std::getenv("PATH");
  const std::string interpreter = name.empty() ? "" : FindOnPath(name, path ? path : "");
  const std::string said = interpreter.empty() ? "" : Compiled(interpreter, now, stopped);
  if (said.starts_with("ok ")) return {true, "Python " + said.substr(3) + " compiles it"};
  if (said.starts_with("no ")) {
    if (Compiled(interpreter, before, stopped).starts_with("no "))
      return {true, "Python compiles it as little as before: " + said.substr(3)};
    return {false, "Python " + said.substr(3)};
  }
  if (!trouble.empty()) return {false, trouble};
  if (name.empty()) return {true, "It parses; the profile does not say which Python would compile it"};
  return {true, "It parses; there is no " + name + " here to compile it"};
}

CheckReport RunCheckCommand(const std::string& command, const std::function<void(std::string_view)>& sink,
                            const std::atomic<bool>& stopped) {
  const auto began = std::chrono::steady_clock::now();
  size_t seen = 0;
  const auto pass_on = [&](std::string_view bytes) {
    if (seen < kMostOutput) sink(bytes.substr(0, kMostOutput - seen));
    seen += bytes.size();
    return true;
  };
  const advise::ChildRequest request{
      .words = {"/bin/sh", "-c", command}, .environment = SourcesOfThisProcess().environment, .with_children = true};
  const ChildEnd end = RunChild(request, pass_on, pass_on, stopped);
  const std::string took = " (" + Seconds(std::chrono::steady_clock::now() - began) + ")";
  if (end.kind == ChildEnd::Kind::kStopped) return {false, command + " was stopped" + took};
  if (end.kind == ChildEnd::Kind::kNotStarted) return {false, command + " could not be started"};
  if (end.kind == ChildEnd::Kind::kSignalled) return {false, command + " was ended by " + strsignal(end.number) + took};
  if (end.number != 0) return {false, command + " failed with status " + std::to_string(end.number) + took};
  return {true, command + " passed" + took};
}

}  // namespace scalene::cli
