// scalene doctor: asks every check and prints one line each.

#include "cli/doctor_checks.h"

#include <unistd.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/terminal_style.h"

namespace scalene::cli {
namespace {

constexpr DoctorCheck kChecks[] = {
    {"interpreter", ExamineInterpreter},
    {"agent", ExamineAgent},
    {"preload", ExaminePreload},
    {"timers", ExamineTimers},
    {"outside reading", ExamineOutsideReading},
    {"waiting", ExamineProcFiles},
    {"shared memory", ExamineSharedMemory},
    {"browser", ExamineBrowser, false},
};

std::string Line(const DoctorCheck& check, const Finding& finding, bool color, bool utf8) {
  std::string_view mark = finding.is_well ? (utf8 ? "✓" : "ok") : check.is_required ? (utf8 ? "✗" : "no") : "--";
  Style style = finding.is_well ? Style::kGreen : check.is_required ? Style::kBoldRed : Style::kDim;
  std::string line = Styled(mark, style, color);
  line += std::string(mark.size() == 2 ? 1 : 2, ' ');
  line.append(check.name).append(": ").append(finding.text);
  if (!finding.is_well && !finding.remedy.empty()) line.append("; ").append(finding.remedy);
  return line + "\n";
}

}  // namespace

std::span<const DoctorCheck> DoctorChecks() { return kChecks; }

std::string DoctorCommandHelp(bool) {
  return "usage: " + UsageOf(*FindCommand("doctor")) +
         "\n\n"
         "Checks that profiling works on this machine, by doing each thing once: one\n"
         "line each, with the remedy. Exit status 0 when all is well, 1 when something is\n"
         "missing.\n";
}

int RunDoctor(const Words& words) {
  if (!words.empty()) {
    bool wants_help = words[0] == "-h" || words[0] == "--help";
    if (wants_help) return WriteAll(STDOUT_FILENO, DoctorCommandHelp(false)) ? 0 : 1;
    return Report({kExitUsage, "doctor takes no arguments", true}, UsageOf(*FindCommand("doctor")));
  }
  Surroundings surroundings = SurroundingsOfThisProcess();
  bool color = UseColor(STDOUT_FILENO), utf8 = LocaleIsUtf8(), all_well = true;
  for (const DoctorCheck& check : kChecks) {
    Finding finding = check.examine(surroundings);
    all_well = all_well && (finding.is_well || !check.is_required);
    WriteAll(STDOUT_FILENO, Line(check, finding, color, utf8));
  }
  return all_well ? 0 : 1;
}

}  // namespace scalene::cli
