#include "cli/program_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/files.h"
#include "cli/nearest.h"

namespace scalene::cli {
namespace {

// So many neighbours are enough for a suggestion.
constexpr size_t kMostNeighbours = 10000;

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool IsPackageDirectory(const std::string& path) { return IsDirectory(path) && Exists(path + "/__main__.py"); }

Trouble NotFound(const std::string& absolute_path) {
  std::vector<std::string> neighbours = NamesIn(DirectoryOf(absolute_path), kMostNeighbours);
  return {kExitNotFound,
          "could not find input file " + absolute_path + DidYouMean(BaseNameOf(absolute_path), neighbours)};
}

Trouble NotPython(const std::string& path, const std::string& what) {
  return {kExitCannotExecute,
          path + " is not a Python program: " + what + "; if it belongs to a module, use -m " + BaseNameOf(path)};
}

// Whether the word should be looked up on PATH: a bare name that is no file and no runnable directory here.
bool IsToolName(const std::string& word) {
  if (word.find('/') != word.npos || word.ends_with(".py")) return false;
  return !Exists(word) || (IsDirectory(word) && !IsPackageDirectory(word));
}

Outcome<ProgramFile> Directory(ProgramFile file) {
  if (!IsPackageDirectory(file.path)) {
    return Trouble{kExitCannotExecute, file.path + " is a directory without __main__.py"};
  }
  file.kind = ProgramFileKind::kDirectory;
  return file;
}

// Looks at the first bytes of a regular file. Pipes and devices are left to the interpreter.
Outcome<ProgramFile> Script(ProgramFile file) {
  if (!IsRegularFile(file.path)) return file;
  std::string beginning = ReadBeginning(file.path, kShebangBytes);
  if (beginning.starts_with("\x7f"
                            "ELF"))
    return NotPython(file.path, "it is a binary");
  if (beginning.starts_with("PK\x03\x04")) file.kind = ProgramFileKind::kArchive;
  if (file.path.ends_with(".py") || file.path.ends_with(".pyw")) return file;
  file.shebang = ReadShebang(beginning);
  if (file.shebang.kind == ShebangKind::kOther) {
    return NotPython(file.path, "its first line asks for " + file.shebang.interpreter);
  }
  return file;
}

}  // namespace

Outcome<ProgramFile> FindProgramFile(const std::string& word, const Surroundings& surroundings) {
  ProgramFile file{word, AbsolutePath(word, surroundings.working_directory), ProgramFileKind::kScript, {}};
  if (IsToolName(word)) {
    std::string tool = FindOnPath(word, surroundings.path);
    if (!tool.empty()) {
      file.argument = tool;
      file.path = AbsolutePath(tool, surroundings.working_directory);
    }
  }
  if (word.empty() || !Exists(file.path)) return NotFound(file.path);
  if (faccessat(AT_FDCWD, file.path.c_str(), R_OK, AT_EACCESS) != 0) {
    return Trouble{kExitCannotExecute, "cannot read " + file.path + ": " + strerror(errno)};
  }
  return IsDirectory(file.path) ? Directory(std::move(file)) : Script(std::move(file));
}

}  // namespace scalene::cli
