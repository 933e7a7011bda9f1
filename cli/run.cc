// scalene run: words → options → plan → checks → recording.

#include <unistd.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/output_path.h"
#include "cli/program.h"
#include "cli/record.h"
#include "cli/run_options.h"

namespace scalene::cli {
namespace {

std::string Usage() { return UsageOf(*FindCommand("run")); }

const GivenOption* FindHelp(const RunCommandLine& line) {
  for (const GivenOption& given : line.options) {
    if (given.spec->name.starts_with("help")) return &given;
  }
  return nullptr;
}

void PrintUnmeasured(const RunOptions& options) {
  std::string names;
  for (const std::string& metric : UnmeasuredMetrics(options)) names += (names.empty() ? "" : ", ") + metric;
  if (!names.empty()) PrintNotice("not measured by this version yet: " + names + "; the profile has everything else.");
}

void PrintStrayOption(const RunCommandLine& line) {
  if (line.stray_option.empty()) return;
  PrintNotice(line.stray_option + " stands behind the program and goes to it; Scalene's own options stand before it.");
}

std::optional<Trouble> SettleFiles(RecordingRequest& request) {
  const RunOptions& options = request.options;
  const std::string& directory = request.plan.working_directory;
  Outcome<OutputPath> output = SettleOutput(options.outfile, options.clobber, directory);
  if (!output.ok()) return output.trouble();
  request.output = std::move(output).value();
  if (options.show_in_terminal && request.output.kind != OutputKind::kFile) {
    return Trouble{kExitUsage, "--cli needs a profile in a file, not --outfile " + options.outfile};
  }
  if (options.live && request.output.kind != OutputKind::kFile) {
    return Trouble{kExitUsage, "--live needs a profile in a file, not --outfile " + options.outfile};
  }
  if (options.capture.empty()) return std::nullopt;
  Outcome<OutputPath> capture = SettleCapturePath(options.capture, options.clobber, directory);
  if (!capture.ok()) return capture.trouble();
  request.capture = std::move(capture).value();
  return std::nullopt;
}

// Everything that can be wrong is found here, before the program starts.
Outcome<RecordingRequest> Prepare(const RunCommandLine& line) {
  Outcome<LoadedOptions> loaded = LoadRunOptions(line.options, SourcesOfThisProcess());
  if (!loaded.ok()) return loaded.trouble();
  RecordingRequest request;
  request.options = loaded->options;
  SetMessageColor(ParseColorChoice(request.options.color).value_or(ColorChoice::kAuto));
  for (const std::string& warning : loaded->warnings) PrintWarning(warning);

  Outcome<LaunchPlan> plan = PlanLaunch(line.program, request.options, SurroundingsOfThisProcess());
  if (!plan.ok()) return plan.trouble();
  request.plan = std::move(plan).value();
  if (auto trouble = SettleFiles(request)) return *trouble;
  return request;
}

}  // namespace

int RunRun(const Words& words) {
  Outcome<RunCommandLine> line = ReadRunCommandLine(RunOptionTable(), words);
  if (!line.ok()) return Report(line.trouble(), Usage());
  if (const GivenOption* help = FindHelp(line.value())) {
    return WriteAll(STDOUT_FILENO, RunCommandHelp(help->spec->name == "help-advanced")) ? 0 : 1;
  }
  Outcome<RecordingRequest> request = Prepare(line.value());
  if (!request.ok()) return Report(request.trouble(), Usage());
  PrintStrayOption(line.value());
  PrintUnmeasured(request->options);
  return Record(request.value());
}

void ShowInTerminal(const std::string& profile_path) { RunView({"--cli", "--", profile_path}); }

std::string RunCommandHelp(bool advanced) {
  OptionTable table = RunOptionTable();
  std::string text = "usage: " + Usage() + "\n\n";
  if (advanced) {
    return text +
           "The other options of run. Every long option is also a configuration key, and\n"
           "every switch has an opposite (--no-NAME). 'scalene config --show' lists what is\n"
           "in force.\n\noptions:\n" +
           OptionHelp(table, HelpBlock::kAdvanced);
  }
  text +=
      "Runs a Python program as it is and writes a profile of it.\n"
      "\n"
      "  scalene run prog.py --size 3             a script; --size belongs to it\n"
      "  scalene run -o out/run.json prog.py      choose the profile's name\n"
      "  scalene run -m pytest tests              a module\n"
      "  scalene run flask run                    an installed command\n"
      "  scalene run python3.12 -X dev prog.py    another interpreter, its options\n"
      "  scalene run --- -c 'print(1)'            Python text\n"
      "\n"
      "Our options end at the program; every word behind it is the program's.\n"
      "\n"
      "options:\n";
  return text + OptionHelp(table, HelpBlock::kBasic);
}

}  // namespace scalene::cli
