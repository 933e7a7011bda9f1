// Finds the Python interpreters of this machine, for tests that compare us with their own answers.
//
// Looked at, in this order: the paths in $SCALENE_PYTHONS (separated by colons), python3.8 … python3.15 on $PATH,
// pyenv's versions in the home directory, and the project's private interpreters in .deps/pythons. Each is asked for
// its version; what does not answer (a pyenv shim without a version) or is no CPython 3.8+ is left out, and no
// executable counts twice. Every interpreter must pass; a machine with one interpreter passes too. Tests print which
// ones they ran with.
#pragma once

#include <glob.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace scalene::cpython {

struct TestInterpreter {
  std::string path;     // sys.executable
  std::string version;  // "3.11.2", with a "t" behind it when free-threaded
  int minor = 0;
  bool free_threaded = false;
};

inline std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char buffer[65536];
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, got);
  return pclose(pipe) == 0 ? output : std::string();
}

inline void AppendMatches(const std::string& pattern, std::vector<std::string>* paths) {
  glob_t matches{};
  if (glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
    for (size_t i = 0; i < matches.gl_pathc; i++) paths->push_back(matches.gl_pathv[i]);
  }
  globfree(&matches);
}

inline std::vector<std::string> CandidateInterpreters() {
  std::vector<std::string> paths;
  if (const char* named = std::getenv("SCALENE_PYTHONS")) {
    std::istringstream list(named);
    for (std::string path; std::getline(list, path, ':');) paths.push_back(path);
  }
  for (const char* folder : {"", "/usr/bin/"}) {  // a pyenv shim on $PATH may hide the system's own
    for (int minor = 8; minor <= 15; minor++) paths.push_back(folder + ("python3." + std::to_string(minor)));
  }
  if (const char* home = std::getenv("HOME")) {
    AppendMatches(std::string(home) + "/.pyenv/versions/3.*/bin/python3.[0-9]*", &paths);
  }
  // Tests run in the folder of their source; the project's root is one or two levels up.
  for (const char* root : {".", "..", "../.."}) {
    AppendMatches(std::string(root) + "/.deps/pythons/*/bin/python3.[0-9]*", &paths);
  }
  return paths;
}

inline std::vector<TestInterpreter> LookForInterpreters() {
  static const char kAsk[] =
      " -I -S -c 'import sys, os; v = sys.version_info; "
      "print(v[1], int(\"t\" in getattr(sys, \"abiflags\", \"\")), \"%d.%d.%d\" % v[:3], "
      "os.path.realpath(sys.executable))"
      " if v[0] == 3 and 8 <= v[1] <= 15 and sys.implementation.name == \"cpython\" else None' 2>/dev/null";
  std::vector<TestInterpreter> found;
  for (const std::string& candidate : CandidateInterpreters()) {
    std::istringstream answer(OutputOf("'" + candidate + "'" + kAsk));
    TestInterpreter interpreter;
    if (!(answer >> interpreter.minor >> interpreter.free_threaded >> interpreter.version >> std::ws)) continue;
    std::getline(answer, interpreter.path);
    if (interpreter.free_threaded) interpreter.version += "t";
    const auto same = [&](const TestInterpreter& other) { return other.path == interpreter.path; };
    if (std::none_of(found.begin(), found.end(), same)) found.push_back(interpreter);
  }
  return found;
}

inline const std::vector<TestInterpreter>& FindInterpreters() {
  static const std::vector<TestInterpreter> found = LookForInterpreters();
  return found;
}

}  // namespace scalene::cpython
