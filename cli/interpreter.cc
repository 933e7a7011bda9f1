#include "cli/interpreter.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/files.h"

namespace scalene::cli {
namespace {

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

// DIRECTORY/python3, else DIRECTORY/python, else "".
std::string PythonIn(const std::string& directory) {
  if (directory.empty()) return "";
  for (const char* name : {"/python3", "/python"}) {
    std::string path = directory + name;
    if (IsExecutableFile(path)) return path;
  }
  return "";
}

// An interpreter that the user asked for by name: it must exist.
Outcome<Interpreter> Named(const std::string& word, const std::string& reason, const Surroundings& surroundings) {
  bool is_path = word.find('/') != word.npos;
  if (!is_path) {
    std::string found = FindOnPath(word, surroundings.path);
    if (found.empty()) return Trouble{kExitNotFound, "could not find the interpreter '" + word + "' on PATH"};
    return Interpreter{found, word, reason};
  }
  std::string environment_python = IsDirectory(word) ? PythonIn(word + "/bin") : "";  // --python .venv
  if (!environment_python.empty()) return Interpreter{environment_python, environment_python, reason};
  if (access(word.c_str(), F_OK) != 0) {
    return Trouble{kExitNotFound,
                   "could not find the interpreter " + AbsolutePath(word, surroundings.working_directory)};
  }
  if (!IsExecutableFile(word)) {
    std::string why = IsDirectory(word) ? "it is a directory without bin/python3" : strerror(EACCES);
    return Trouble{kExitCannotExecute, "cannot execute the interpreter " + word + ": " + why};
  }
  return Interpreter{word, word, reason};
}

bool IsInside(const std::string& path, const std::string& directory) {
  return !directory.empty() && path.starts_with(directory) && path.size() > directory.size() &&
         path[directory.size()] == '/';
}

// The environment that pipx or uv made for the tool scalene alone says nothing about the user's program.
bool IsToolEnvironment(const std::string& python) {
  return python.find("/pipx/venvs/") != python.npos || python.find("/uv/tools/") != python.npos;
}

bool CallerCounts(const Surroundings& surroundings) {
  const std::string& python = surroundings.scalene_python;
  if (python.empty() || !IsExecutableFile(python)) return false;
  std::string active = surroundings.virtual_env.empty() ? surroundings.conda_prefix : surroundings.virtual_env;
  bool another_is_active = !active.empty() && !IsInside(python, active);
  return !(IsToolEnvironment(python) && another_is_active);
}

}  // namespace

Surroundings SurroundingsOfThisProcess() {
  return {WorkingDirectory(),      Variable("PATH"),         Variable("PYTHONPATH"),     Variable("SCALENE_PYTHON"),
          Variable("VIRTUAL_ENV"), Variable("CONDA_PREFIX"), DirectoryOfThisExecutable()};
}

Outcome<Interpreter> ChooseInterpreter(const InterpreterWishes& wishes, const Surroundings& surroundings) {
  if (!wishes.python_option.empty()) return Named(wishes.python_option, "--python", surroundings);
  if (!wishes.named.empty()) return Named(wishes.named, wishes.named_reason, surroundings);
  if (CallerCounts(surroundings)) {
    return Interpreter{surroundings.scalene_python, surroundings.scalene_python, "SCALENE_PYTHON"};
  }
  struct Place {
    std::string directory;
    const char* reason;
  };
  auto bin_of = [](const std::string& prefix) { return prefix.empty() ? "" : prefix + "/bin"; };
  for (const Place& place : {Place{bin_of(surroundings.virtual_env), "VIRTUAL_ENV"},
                             Place{bin_of(surroundings.conda_prefix), "CONDA_PREFIX"},
                             Place{surroundings.own_directory, "beside scalene"}}) {
    std::string python = PythonIn(place.directory);
    if (!python.empty()) return Interpreter{python, python, place.reason};
  }
  for (const char* name : {"python3", "python"}) {
    std::string python = FindOnPath(name, surroundings.path);
    if (!python.empty()) return Interpreter{python, name, "PATH"};
  }
  return Trouble{kExitNotFound, "could not find a Python interpreter: no python3 on PATH; name one with --python"};
}

}  // namespace scalene::cli
