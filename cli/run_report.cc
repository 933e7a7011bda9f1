#include "cli/run_report.h"

#include <algorithm>
#include <cstdio>

#include "profile/format.h"

namespace scalene::cli {
namespace {

using profile::Document;

std::string Seconds(double sec) { return profile::FormatSeconds(sec); }

std::string Percent(double percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f%%", percent);
  return text;
}

double CpuSecOf(const Document& document) {
  double sec = 0;
  for (const auto& process : document.processes) sec += process.cpu_sec;
  return sec;
}

std::string NothingSampled(const Document& document, const RunOptions& options) {
  return "The specified code did not run for long enough to profile.\n  It ran " + Seconds(document.elapsed_time_sec) +
         " and used " + Seconds(CpuSecOf(document)) + " of CPU time; a sample is taken every " +
         Seconds(options.cpu_sampling_rate_sec) + " of CPU time on average.";
}

std::string AllOutside(const Document& document) {
  std::string text = "the profile is empty: " + std::to_string(document.outside.samples) +
                     " samples, all outside the profiled files.\n  Profiled are files below " + document.filename +
                     ".\n  Busiest files outside:";
  size_t shown = 0;
  for (const auto& [file, sec] : document.outside.files) {
    if (shown++ == 5) break;
    text += "\n    " + (file.empty() ? "<unknown>" : file) + "  " + Seconds(sec);
  }
  return text +
         "\n  To include them: --program-path DIR (another root), --profile-only PATH (an absolute path),\n"
         "  or --profile-all (every file).";
}

std::string AllHidden(const Document& document, const RunOptions& options) {
  std::string text = "the profile is empty: every profiled file is below the threshold of " +
                     Percent(options.cpu_percent_threshold) + " of the time.";
  for (size_t i = 0; i < document.hidden.files.size() && i < 5; ++i) {
    text += "\n    " + document.hidden.files[i].path + "  " + Percent(document.hidden.files[i].percent);
  }
  return text + "\n  To include them: --cpu-percent-threshold 0.";
}

// A few milliseconds of waiting for a CPU are no reason to talk about files.
bool SaysSomething(const Document::Outside& outside) {
  constexpr double kShortWaitSec = 0.5;
  const double cpu_sec = outside.sec - outside.idle_sec;
  return outside.samples > 0 && (cpu_sec > 0 || outside.idle_sec > kShortWaitSec);
}

}  // namespace

std::string EmptyProfileReport(const Document& document, const RunOptions& options) {
  if (!document.files.empty()) return "";
  if (document.hidden.count > 0) return AllHidden(document, options);
  if (SaysSomething(document.outside)) return AllOutside(document);
  if (options.start_off) return "profiling was off for the whole run.";
  return NothingSampled(document, options);
}

std::vector<std::string> CautionsOf(const Document& document, double sampling_interval_sec) {
  std::vector<std::string> cautions = document.warnings;
  if (document.lost_percent > 0.1)
    cautions.push_back(Percent(document.lost_percent) + " of the CPU time is in no sample.");
  const auto unprofiled = std::count_if(document.processes.begin(), document.processes.end(),
                                        [](const auto& process) { return !process.profiled; });
  if (unprofiled > 0) cautions.push_back(std::to_string(unprofiled) + " process(es) of the run could not be profiled.");
  const int64_t samples = document.totals.cpu_samples;
  if (!document.files.empty() && samples < 100) {
    cautions.push_back("only " + std::to_string(samples) + " samples: shares are rough. A run of " +
                       Seconds(1000 * sampling_interval_sec) + " of CPU time has about 1000.");
  }
  return cautions;
}

}  // namespace scalene::cli
