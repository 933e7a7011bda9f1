#include "cli/program.h"

#include <unistd.h>

#include <cstdlib>

#include "cli/files.h"
#include "cli/program_file.h"
#include "cli/program_root.h"

namespace scalene::cli {
namespace {

void Append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

// Puts one plan together, a step per fact.
class Planner {
 public:
  Planner(const ProgramWords& words, const RunOptions& options, const Surroundings& surroundings)
      : words_(words), options_(options), surroundings_(surroundings) {}

  Outcome<LaunchPlan> Plan() {
    if (words_.form == ProgramForm::kNone) return Trouble{kExitUsage, "no input file specified.", true};
    if (surroundings_.working_directory.empty()) {
      return Trouble{kExitNotFound, "could not find the working directory: it does not exist any more"};
    }
    plan_.working_directory = surroundings_.working_directory;
    if (auto trouble = FindProgram()) return *trouble;
    if (auto trouble = FindInterpreter()) return *trouble;
    if (auto trouble = FindRoot()) return *trouble;
    BuildArgv();
    ChangeEnvironment();
    return std::move(plan_);
  }

 private:
  std::optional<Trouble> FindProgram() {
    switch (words_.form) {
      case ProgramForm::kFile:
        return FindFile();
      case ProgramForm::kModule:
        FindModule();
        break;
      case ProgramForm::kCode:
        Describe(ProgramKind::kCode, "-c", {"-c", words_.target});
        break;
      case ProgramForm::kStdin:
        Describe(ProgramKind::kStdin, "-", {"-"});
        break;
      case ProgramForm::kNone:
        break;
    }
    return std::nullopt;
  }

  void Describe(ProgramKind kind, std::string program, std::vector<std::string> words) {
    plan_.kind = kind;
    plan_.program = std::move(program);
    program_argv_ = words;
    plan_.display_args = std::move(words);
    Append(plan_.display_args, words_.arguments);
    plan_.root = ResolvedPath(plan_.working_directory);
  }

  void FindModule() {
    ModulePlace place = PlaceOfModule(words_.target, surroundings_);
    Describe(ProgramKind::kModule, place.file, {"-m", words_.target});
    plan_.module = words_.target;
    plan_.root = place.root;
  }

  std::optional<Trouble> FindFile() {
    Outcome<ProgramFile> file = FindProgramFile(words_.target, surroundings_);
    if (!file.ok()) return file.trouble();
    shebang_ = file->shebang;
    bool is_directory = file->kind == ProgramFileKind::kDirectory;
    bool is_archive = file->kind == ProgramFileKind::kArchive;
    Describe(is_directory ? ProgramKind::kDirectory
             : is_archive ? ProgramKind::kArchive
                          : ProgramKind::kFile,
             is_directory ? AbsolutePath("__main__.py", file->path) : file->path, {file->argument});
    plan_.entrypoint_dir = DirectoryOf(plan_.program);
    plan_.root = RootOfFile(plan_.program, surroundings_);
    return std::nullopt;
  }

  std::optional<Trouble> FindInterpreter() {
    InterpreterWishes wishes{options_.python, words_.interpreter, "command line"};
    if (wishes.named.empty() && shebang_.kind == ShebangKind::kPython) {
      wishes.named = shebang_.interpreter;
      wishes.named_reason = "#! line";
    }
    Outcome<Interpreter> interpreter = ChooseInterpreter(wishes, surroundings_);
    if (!interpreter.ok()) return interpreter.trouble();
    plan_.interpreter = interpreter.value();
    plan_.interpreter_facts = InspectInterpreter(plan_.interpreter.path);
    return WhyUnsupported(plan_.interpreter_facts, plan_.interpreter.path, words_.target);
  }

  std::optional<Trouble> FindRoot() {
    if (options_.program_path.empty()) return std::nullopt;
    std::string path = AbsolutePath(options_.program_path, plan_.working_directory);
    if (!IsDirectory(path)) {
      std::string what = access(path.c_str(), F_OK) == 0 ? " is not a directory" : " does not exist";
      return Trouble{kExitUsage, "--program-path " + options_.program_path + what};
    }
    plan_.root = ResolvedPath(path);
    return std::nullopt;
  }

  void BuildArgv() {
    plan_.executable = plan_.interpreter.path;
    plan_.argv = {plan_.interpreter.argv0};
    bool by_shebang = plan_.interpreter.reason == "#! line";
    if (by_shebang) Append(plan_.argv, shebang_.options);
    Append(plan_.argv, words_.interpreter_options);
    Append(plan_.argv, program_argv_);
    Append(plan_.argv, words_.arguments);
  }

  void ChangeEnvironment() {
    plan_.environment_changes.emplace_back("SCALENE_PYTHON", std::nullopt);
    if (!options_.disable_jit) return;
    if (!getenv("JAX_DISABLE_JIT")) plan_.environment_changes.emplace_back("JAX_DISABLE_JIT", "1");
    if (!getenv("PYTORCH_JIT")) plan_.environment_changes.emplace_back("PYTORCH_JIT", "0");
  }

  const ProgramWords& words_;
  const RunOptions& options_;
  const Surroundings& surroundings_;
  std::vector<std::string> program_argv_;
  Shebang shebang_;
  LaunchPlan plan_;
};

}  // namespace

Outcome<LaunchPlan> PlanLaunch(const ProgramWords& words, const RunOptions& options, const Surroundings& surroundings) {
  return Planner(words, options, surroundings).Plan();
}

bool LooksLikeProgram(const std::string& word, const Surroundings& surroundings) {
  if (word.find('/') != word.npos || word.ends_with(".py") || word == "-" || NamesInterpreter(word)) return true;
  return FindProgramFile(word, surroundings).ok();
}

}  // namespace scalene::cli
