#include "cli/interpreter.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "cli/elf_file.h"
#include "cli/files.h"
#include "cli/interpreter_check.h"
#include "cli/scratch_directory.h"
#include "cli/shebang.h"

namespace scalene::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// ---- Choosing ----

class ChooseInterpreterTest : public ::testing::Test {
 protected:
  std::string Install(const std::string& name) { return scratch_.WriteExecutable(name, "#!/bin/sh\n"); }
  Interpreter Choose() {
    Outcome<Interpreter> chosen = ChooseInterpreter(wishes_, surroundings_);
    EXPECT_TRUE(chosen.ok()) << chosen.trouble().text;
    return chosen.ok() ? chosen.value() : Interpreter();
  }
  Trouble Refusal() {
    Outcome<Interpreter> chosen = ChooseInterpreter(wishes_, surroundings_);
    EXPECT_FALSE(chosen.ok());
    return chosen.trouble();
  }

  ScratchDirectory scratch_;
  InterpreterWishes wishes_;
  Surroundings surroundings_;
};

TEST_F(ChooseInterpreterTest, TriesThePlacesInOrder) {
  surroundings_.path = scratch_.At("path");
  std::string on_path = Install("path/python3");
  EXPECT_EQ(Choose().path, on_path);
  EXPECT_EQ(Choose().argv0, "python3");
  surroundings_.own_directory = scratch_.At("own");
  std::string beside = Install("own/python3");
  EXPECT_EQ(Choose().path, beside);
  surroundings_.conda_prefix = scratch_.At("conda");
  std::string conda = Install("conda/bin/python");
  EXPECT_EQ(Choose().path, conda);
  surroundings_.virtual_env = scratch_.At("venv");
  std::string environment = Install("venv/bin/python3");
  EXPECT_EQ(Choose().path, environment);
  surroundings_.scalene_python = Install("caller/python3");
  EXPECT_EQ(Choose().path, surroundings_.scalene_python);
  wishes_.named = Install("named/python3.12");
  EXPECT_EQ(Choose().path, wishes_.named);
  wishes_.python_option = Install("option/python3.11");
  EXPECT_EQ(Choose().path, wishes_.python_option);
}

TEST_F(ChooseInterpreterTest, PythonWithoutThreeIsTheLastResort) {
  surroundings_.path = scratch_.At("empty") + ":" + scratch_.At("path");
  std::string python = Install("path/python");
  EXPECT_EQ(Choose().path, python);
}

TEST_F(ChooseInterpreterTest, ToolEnvironmentOfTheCallerDoesNotCountBesideAnActiveOne) {
  surroundings_.scalene_python = Install("pipx/venvs/scalene/bin/python");
  EXPECT_EQ(Choose().reason, "SCALENE_PYTHON");
  surroundings_.virtual_env = scratch_.At("venv");
  Install("venv/bin/python3");
  EXPECT_EQ(Choose().reason, "VIRTUAL_ENV");
}

TEST_F(ChooseInterpreterTest, NamedInterpretersMustExist) {
  wishes_.named = "python3.99";
  EXPECT_EQ(Refusal().exit_status, kExitNotFound);
  EXPECT_EQ(Refusal().text, "could not find the interpreter 'python3.99' on PATH");
  wishes_.python_option = "/no/such/python";
  EXPECT_EQ(Refusal().exit_status, kExitNotFound);
  wishes_.python_option = scratch_.Write("plain", "text");
  EXPECT_EQ(Refusal().exit_status, kExitCannotExecute);
}

TEST_F(ChooseInterpreterTest, EnvironmentDirectoryStandsForItsPython) {
  std::string python = Install("venv/bin/python3");
  wishes_.python_option = scratch_.At("venv");
  EXPECT_EQ(Choose().path, python);
}

TEST_F(ChooseInterpreterTest, NoneAtAllIsNotFound) { EXPECT_EQ(Refusal().exit_status, kExitNotFound); }

// ---- Inspecting ----

std::string ElfHeader(int elf_class, int machine) {
  Elf64_Ehdr header{};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = static_cast<unsigned char>(elf_class);
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = static_cast<Elf64_Half>(machine);
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

std::string WhyNot(const std::string& path) {
  auto trouble = WhyUnsupported(InspectInterpreter(path), path, "prog.py");
  if (!trouble) return "";
  EXPECT_EQ(trouble->exit_status, kExitOwnFailure);
  return trouble->text;
}

TEST(InspectInterpreterTest, VersionComesFromTheName) {
  EXPECT_EQ(VersionInName("python3.12"), (PythonVersion{3, 12}));
  EXPECT_EQ(VersionInName("libpython3.8d.so.1.0"), (PythonVersion{3, 8}));
  EXPECT_EQ(VersionInName("python3"), std::nullopt);
  EXPECT_EQ(VersionInName("python3."), std::nullopt);
  EXPECT_EQ(VersionInName("prog"), std::nullopt);
}

TEST(InspectInterpreterTest, VersionsOutsideTheKnownOnesAreRefused) {
  ScratchDirectory scratch;
  std::string header = ElfHeader(ELFCLASS64, IsOurMachine(ELFCLASS64, EM_X86_64) ? EM_X86_64 : EM_AARCH64);
  for (const char* known : {"python3.8", "python3.15", "python3", "something"}) {
    EXPECT_EQ(WhyNot(scratch.Write(known, header)), "") << known;
  }
  for (const char* unknown : {"python2.7", "python3.7", "python3.16"}) {
    EXPECT_THAT(WhyNot(scratch.Write(unknown, header)), HasSubstr("knows CPython 3.8 to 3.15")) << unknown;
  }
}

TEST(InspectInterpreterTest, OtherImplementationsAreRefusedByNameThroughLinks) {
  ScratchDirectory scratch;
  scratch.Write("pypy3.10", "binary");
  ASSERT_EQ(symlink("pypy3.10", scratch.At("python3").c_str()), 0);
  EXPECT_EQ(WhyNot(scratch.At("python3")), "prog.py's interpreter is PyPy; only CPython can be profiled.");
  EXPECT_EQ(WhyNot(scratch.Write("graalpy", "x")), "prog.py's interpreter is GraalPy; only CPython can be profiled.");
}

TEST(InspectInterpreterTest, OtherMachinesAreRefused) {
  ScratchDirectory scratch;
  EXPECT_THAT(WhyNot(scratch.Write("python3.12", ElfHeader(ELFCLASS64, EM_S390))), HasSubstr("(s390x)"));
  EXPECT_THAT(WhyNot(scratch.Write("python3.11", ElfHeader(ELFCLASS32, EM_386))), HasSubstr("(32-bit x86)"));
}

TEST(InspectInterpreterTest, ShimsAreStartedAsTheyAre) {
  ScratchDirectory scratch;
  std::string shim = scratch.WriteExecutable("python3.7", "#!/usr/bin/env bash\nexec python\n");
  EXPECT_EQ(InspectInterpreter(shim).kind, InterpreterKind::kScript);
  EXPECT_EQ(WhyNot(shim), "");
}

TEST(InspectInterpreterTest, CutFilesAreNoAccident) {
  ScratchDirectory scratch;
  std::string header = ElfHeader(ELFCLASS64, EM_X86_64);
  memset(header.data() + EI_NIDENT + 8, 0xff, header.size() - EI_NIDENT - 8);
  for (size_t size = 0; size <= header.size(); ++size) {
    InspectInterpreter(scratch.Write("python", header.substr(0, size)));
  }
}

// ---- #! lines ----

TEST(ShebangTest, ReadsPathsOptionsAndEnv) {
  EXPECT_EQ(ReadShebang("#!/usr/bin/python3\nx").interpreter, "/usr/bin/python3");
  EXPECT_EQ(ReadShebang("#! /usr/bin/env python3\r\n").interpreter, "python3");
  Shebang shebang = ReadShebang("#!/usr/bin/env -S LANG=C python3.12 -X dev\n");
  EXPECT_EQ(shebang.kind, ShebangKind::kPython);
  EXPECT_EQ(shebang.interpreter, "python3.12");
  EXPECT_THAT(shebang.options, ElementsAre("-X", "dev"));
}

TEST(ShebangTest, ReadsTheShellFormOfPip) {
  Shebang shebang = ReadShebang("#!/bin/sh\n'''exec' \"/a b/bin/python3\" \"$0\" \"$@\"\n' '''\n");
  EXPECT_EQ(shebang.kind, ShebangKind::kPython);
  EXPECT_EQ(shebang.interpreter, "/a b/bin/python3");
}

TEST(ShebangTest, KnowsWhatIsNotPython) {
  EXPECT_EQ(ReadShebang("#!/bin/bash\necho\n").kind, ShebangKind::kOther);
  EXPECT_EQ(ReadShebang("print(1)\n").kind, ShebangKind::kNone);
  EXPECT_EQ(ReadShebang("#!").kind, ShebangKind::kNone);
  EXPECT_EQ(ReadShebang("").kind, ShebangKind::kNone);
}

}  // namespace
}  // namespace scalene::cli
