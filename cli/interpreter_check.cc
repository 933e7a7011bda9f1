#include "cli/interpreter_check.h"

#include <sys/stat.h>

#include "cli/elf_file.h"
#include "cli/files.h"
#include "collector/launcher.h"

namespace scalene::cli {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int TakeNumber(std::string_view& text) {
  int number = 0;
  for (; !text.empty() && IsDigit(text[0]) && number < 1000; text.remove_prefix(1))
    number = number * 10 + (text[0] - '0');
  return number;
}

InterpreterKind KindInName(std::string_view name) {
  if (name.find("pypy") != name.npos) return InterpreterKind::kPyPy;
  if (name.find("graalpy") != name.npos) return InterpreterKind::kGraalPy;
  if (name.find("python") != name.npos) return InterpreterKind::kCPython;
  return InterpreterKind::kUnknown;
}

// An executable whose name says nothing may be linked to a library whose name does; sanitizers are libraries, too.
void LearnFromLibraries(const ElfFacts& elf, InterpreterFacts& facts) {
  for (const std::string& library : elf.needed) {
    if (collector::BeginsWithSanitizer(library)) facts.sanitizer = library;
    InterpreterKind kind = KindInName(library);
    if (kind == InterpreterKind::kUnknown) continue;
    facts.kind = kind;
    if (auto version = VersionInName(library)) facts.version = version;
  }
}

void LearnFromElf(const ElfFacts& elf, InterpreterFacts& facts) {
  facts.is_elf = true;
  if (!IsOurMachine(elf.elf_class, elf.machine)) {
    facts.foreign_machine = MachineName(elf.elf_class, elf.machine);
    return;
  }
  facts.is_static = !elf.has_loader;
  LearnFromLibraries(elf, facts);
  if (elf.python_version_hex) {
    facts.kind = InterpreterKind::kCPython;
    facts.version = PythonVersion{static_cast<int>(*elf.python_version_hex >> 24 & 0xff),
                                  static_cast<int>(*elf.python_version_hex >> 16 & 0xff)};
  }
}

Trouble OnlyCPython(const std::string& program, const char* name) {
  return {kExitOwnFailure, program + "'s interpreter is " + name + "; only CPython can be profiled."};
}

}  // namespace

InterpreterFacts InspectInterpreter(const std::string& path) {
  InterpreterFacts facts;
  std::string real_path = ResolvedPath(path);
  struct stat status {};
  facts.is_setuid = stat(real_path.c_str(), &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0;
  if (ReadBeginning(real_path, 2) == "#!") {
    facts.kind = InterpreterKind::kScript;
    return facts;
  }
  std::string name = BaseNameOf(real_path);
  facts.kind = KindInName(name);
  facts.version = VersionInName(name);
  if (auto elf = ReadElf(real_path)) LearnFromElf(*elf, facts);
  return facts;
}

std::optional<Trouble> WhyUnsupported(const InterpreterFacts& facts, const std::string& path,
                                      const std::string& program) {
  if (facts.kind == InterpreterKind::kScript) return std::nullopt;
  if (facts.kind == InterpreterKind::kPyPy) return OnlyCPython(program, "PyPy");
  if (facts.kind == InterpreterKind::kGraalPy) return OnlyCPython(program, "GraalPy");
  if (!facts.foreign_machine.empty()) {
    return Trouble{kExitOwnFailure, program + "'s interpreter " + path + " is for another machine type (" +
                                        facts.foreign_machine + "); choose one with --python"};
  }
  bool is_known = !facts.version || (*facts.version >= kOldestPython && *facts.version <= kNewestPython);
  if (is_known) return std::nullopt;
  return Trouble{kExitOwnFailure, program + "'s interpreter is CPython " + VersionText(*facts.version) + " (" + path +
                                      "); this version of Scalene knows CPython " + VersionText(kOldestPython) +
                                      " to " + VersionText(kNewestPython) + "; choose one with --python"};
}

std::optional<PythonVersion> VersionInName(std::string_view name) {
  for (std::string_view family : {"python", "pypy"}) {
    size_t start = name.find(family);
    if (start == name.npos) continue;
    std::string_view rest = name.substr(start + family.size());
    if (rest.empty() || !IsDigit(rest[0])) continue;
    PythonVersion version{TakeNumber(rest), 0};
    if (rest.size() < 2 || rest[0] != '.' || !IsDigit(rest[1])) continue;
    rest.remove_prefix(1);
    version.minor = TakeNumber(rest);
    return version;
  }
  return std::nullopt;
}

std::string VersionText(PythonVersion version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

}  // namespace scalene::cli
