// What the processor was busy with.
#include <cmath>

#include "profile/insight_rules.h"

namespace scalene::profile::rules {
namespace {

constexpr double kMostOfIt = 0.5;
constexpr int64_t kEnoughSamples = 100;

// One CPU is busy while there are more.
bool OneOfMany(const InsightFacts& facts) { return facts.cpus >= 2 && facts.busy_cpus > 0 && facts.busy_cpus <= 1.15; }

std::string IdleCpus(const InsightFacts& facts) {
  const double cpus = std::floor(facts.cpus);
  return ", and " + std::to_string(static_cast<int>(cpus - 1)) + " of " + std::to_string(static_cast<int>(cpus)) +
         " cores were idle";
}

}  // namespace

Finding PythonBound(const InsightFacts& facts) {
  if (facts.python < kMostOfIt) return {};
  const bool one = OneOfMany(facts);
  return Insight{
      "python-bound",
      "cpu-python",
      one ? "Python-bound, on one core." : "Python-bound.",
      {Plain(PercentWords(facts.python) + " of the time runs bytecode" + (one ? IdleCpus(facts) : "") + ".")},
      PercentWords(facts.python),
      facts.python,
      EvidenceOf(facts.Highest([](const Line& line) { return line.cpu_percent_python; }, 3))};
}

Finding NativeBound(const InsightFacts& facts) {
  if (facts.native < kMostOfIt) return {};
  const auto lines = facts.Highest([](const Line& line) { return line.cpu_percent_c; }, 3);
  const LinePlace& most = lines.front();
  const bool one = OneOfMany(facts);
  return Insight{"native-bound",
                 "cpu-native",
                 one ? "Native-bound, on one core." : "Native-bound.",
                 {Plain(PercentWords(facts.native) + " of the time is spent in compiled code" +
                        (one ? IdleCpus(facts) : "") + "; most of it is called from "),
                  Code(facts.Name(*most.path, most.line->lineno)), Plain(".")},
                 PercentWords(facts.native),
                 facts.native,
                 EvidenceOf(lines)};
}

Finding KernelBound(const InsightFacts& facts) {
  if (facts.kernel < 0.15) return {};
  const auto lines = facts.Highest([](const Line& line) { return line.kernel_sec; }, 3);
  return Insight{"kernel-bound",
                 "cpu-system",
                 "Busy in the operating system.",
                 {Plain(PercentWords(facts.kernel) + " of the time runs system calls, most of them made by "),
                  Code(facts.Name(*lines.front().path, lines.front().line->lineno)), Plain(".")},
                 PercentWords(facts.kernel),
                 facts.kernel,
                 EvidenceOf(lines)};
}

Finding PageFaults(const InsightFacts& facts) {
  const double seconds = facts.document.totals.fault_kernel_sec;
  if (facts.total_sec <= 0 || seconds < 0.1 * facts.total_sec) return {};
  const double share = seconds / facts.total_sec;
  return Insight{
      "page-faults",
      "cpu-system",
      "New memory costs time.",
      {Plain("The kernel spends " + SecondsWords(seconds) + " handing out memory that is touched for the first time.")},
      PercentWords(share),
      share,
      EvidenceOf(facts.Highest([](const Line& line) { return line.malloc_mb; }, 3))};
}

Finding OneLoop(const InsightFacts& facts) {
  if (facts.loops.empty() || facts.loops.front().share < 0.4) return {};
  const Region& loop = facts.loops.front();
  const Line& head = loop.file->lines[static_cast<size_t>(loop.first) - 1];
  const std::string function = InsightFacts::FunctionOf(*loop.file, head);
  Insight insight{"one-loop",
                  "cpu-python",
                  "One loop dominates.",
                  {Code(facts.Name(*loop.path, loop.first, loop.last)),
                   Plain(" takes " + SecondsWords(loop.share * facts.total_sec))},
                  PercentWords(loop.share),
                  loop.share,
                  {{*loop.path, loop.first, loop.last, function}}};
  if (!function.empty()) {
    insight.text.push_back(Plain(", in "));
    insight.text.push_back(Code(function));
  }
  insight.text.push_back(Plain("."));
  return insight;
}

Finding OutsideFiles(const InsightFacts& facts) {
  const Document::Outside& outside = facts.document.outside;
  const double all = facts.document.totals.total_sec + outside.sec;
  if (all <= 0 || outside.sec < 0.3 * all) return {};
  Insight insight{"outside",
                  "neutral",
                  "Much of the time is elsewhere.",
                  {Plain(PercentWords(outside.sec / all) + " of all time is in files that are not profiled")},
                  PercentWords(outside.sec / all),
                  outside.sec / all,
                  {}};
  if (!outside.files.empty()) {
    insight.text.push_back(Plain(", most in "));
    insight.text.push_back(Code(facts.Name(outside.files.front().first)));
  }
  insight.text.push_back(Plain("."));
  return insight;
}

Finding TooFewSamples(const InsightFacts& facts) {
  const Totals& totals = facts.document.totals;
  const int64_t samples = totals.cpu_samples + totals.off_cpu_samples;
  if (!facts.document.has_ext || facts.hottest.empty() || samples >= kEnoughSamples) return {};
  return Insight{"few-samples",
                 "neutral",
                 "Too short to be sure.",
                 {Plain("These shares rest on " + std::to_string(samples) +
                        " samples; a longer run, or a higher rate, narrows them.")},
                 std::to_string(samples),
                 0,
                 {}};
}

}  // namespace scalene::profile::rules
