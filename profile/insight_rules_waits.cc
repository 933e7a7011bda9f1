// What the program waited for.
#include <algorithm>
#include <map>

#include "profile/insight_rules.h"

namespace scalene::profile::rules {
namespace {

double Sum(const InsightFacts& facts, double Row::*member) {
  double sum = 0;
  for (const auto& [path, file] : facts.document.files) {
    for (const Line& line : file.lines) sum += line.*member;
  }
  return sum;
}

// Waits of the lines by reason, longest first. Who waits for a CPU, or was stopped, is not idle.
std::vector<std::pair<std::string, double>> Waits(const InsightFacts& facts) {
  NamedSums sums;
  for (const auto& [path, file] : facts.document.files) {
    for (const Line& line : file.lines) {
      for (const auto& [reason, seconds] : line.waits) {
        if (reason != "runnable" && reason != "stopped") sums[reason] += seconds;
      }
    }
  }
  std::vector<std::pair<std::string, double>> waits(sums.begin(), sums.end());
  std::stable_sort(waits.begin(), waits.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return waits;
}

// Seconds that a line waited for locks whose holders are known.
double HeldUpByLocks(const Line& line) {
  double sec = 0;
  for (const Holder& holder : line.lock_holders) sec += holder.sec;
  return sec;
}

// Of all lines' waits, longest first.
std::vector<Holder> LockHolders(const InsightFacts& facts) {
  std::map<std::pair<std::string, int>, double> sums;
  for (const auto& [path, file] : facts.document.files) {
    for (const Line& line : file.lines) {
      for (const Holder& holder : line.lock_holders) sums[{holder.file, holder.line}] += holder.sec;
    }
  }
  std::vector<Holder> holders;
  for (const auto& [place, sec] : sums) holders.push_back({place.first, place.second, sec});
  std::stable_sort(holders.begin(), holders.end(), [](const auto& a, const auto& b) { return a.sec > b.sec; });
  return holders;
}

// " It was held most often by f.py:12 (71 %)."
void AddHolder(const InsightFacts& facts, const std::string& what, const Holder& holder, double whole_sec,
               Insight& insight) {
  if (holder.line <= 0) return;
  insight.text.push_back(Plain(" " + what + " held most often by "));
  insight.text.push_back(Code(facts.Name(holder.file, holder.line)));
  insight.text.push_back(Plain(" (" + PercentWords(std::min(1.0, holder.sec / whole_sec)) + ")."));
}

}  // namespace

Finding Waiting(const InsightFacts& facts) {
  if (facts.idle < 0.15) return {};
  const auto lines = facts.Highest([](const Line& line) { return line.idle_sec; }, 3);
  const auto waits = Waits(facts);
  Insight insight{"waiting",
                  "cpu-system",
                  waits.empty() ? "Waiting." : "Waiting: " + WaitWords(waits.front().first) + ".",
                  {Plain("Nothing ran for " + SecondsWords(facts.idle * facts.total_sec) + "; most of it at "),
                   Code(facts.Name(*lines.front().path, lines.front().line->lineno))},
                  PercentWords(facts.idle),
                  facts.idle,
                  EvidenceOf(lines)};
  std::string reasons;
  for (size_t i = 0; i < std::min<size_t>(waits.size(), 3); i++)
    reasons += (i ? ", " : " (") + WaitWords(waits[i].first) + " " + SecondsWords(waits[i].second);
  insight.text.push_back(Plain(reasons.empty() ? "." : reasons + ")."));
  return insight;
}

Finding GlobalLock(const InsightFacts& facts) {
  double seconds = 0;
  for (const auto& [reason, sec] : Waits(facts)) {
    if (reason == "gil") seconds = sec;
  }
  if (facts.total_sec <= 0 || seconds < 0.1 * facts.total_sec) return {};
  const auto lines = facts.LongestWaits("gil", 3);
  Insight insight{"gil",
                  "hot",
                  "Threads wait for the interpreter's lock.",
                  {Plain("They stood for " + SecondsWords(seconds) + " in all, most at "),
                   Code(facts.Name(*lines.front().path, lines.front().line->lineno)), Plain(".")},
                  SecondsWords(seconds),
                  std::min(seconds / facts.total_sec, 1.0),
                  EvidenceOf(lines)};
  const std::vector<Holder>& holders = facts.document.gil.holders;
  if (!holders.empty()) AddHolder(facts, "It was", holders.front(), seconds, insight);
  return insight;
}

// Only waits whose holder is known: an event, a queue or a join is meant to be waited for.
Finding HeldLocks(const InsightFacts& facts) {
  const std::vector<Holder> holders = LockHolders(facts);
  double seconds = 0;
  for (const Holder& holder : holders) seconds += holder.sec;
  if (facts.total_sec <= 0 || seconds < 0.1 * facts.total_sec) return {};
  const auto lines = facts.Highest(HeldUpByLocks, 3);
  Insight insight{"locks",
                  "hot",
                  "Threads wait for locks that others hold.",
                  {Plain("They stood for " + SecondsWords(seconds) + " in all, most at "),
                   Code(facts.Name(*lines.front().path, lines.front().line->lineno)), Plain(".")},
                  SecondsWords(seconds),
                  std::min(seconds / facts.total_sec, 1.0),
                  EvidenceOf(lines)};
  AddHolder(facts, "They were", holders.front(), seconds, insight);
  return insight;
}

Finding EventLoopLag(const InsightFacts& facts) {
  const double seconds = Sum(facts, &Row::loop_block_sec);
  if (facts.total_sec <= 0 || seconds < 0.1 * facts.total_sec) return {};
  const auto lines = facts.Highest([](const Line& line) { return line.loop_block_sec; }, 3);
  return Insight{"loop-lag",
                 "await",
                 "The event loop is kept busy.",
                 {Plain("Its other tasks were kept from running for " + SecondsWords(seconds) + ", most by "),
                  Code(facts.Name(*lines.front().path, lines.front().line->lineno)), Plain(".")},
                 SecondsWords(seconds),
                 std::min(seconds / facts.total_sec, 1.0),
                 EvidenceOf(lines)};
}

Finding IdleGpu(const InsightFacts& facts) {
  const Document& document = facts.document;
  const double elapsed = document.elapsed_time_sec, busy = document.totals.gpu_sec;
  if (!document.gpu || elapsed <= 0 || busy <= 0 || busy > 0.5 * elapsed) return {};
  return Insight{"gpu-idle",
                 "gpu",
                 "The GPU waits for the program.",
                 {Plain("It was busy for " + SecondsWords(busy) + " of " + SecondsWords(elapsed) + ".")},
                 PercentWords(busy / elapsed),
                 (elapsed - busy) / elapsed / 2,
                 EvidenceOf(facts.Highest([](const Line& line) { return line.gpu_percent; }, 3))};
}

}  // namespace scalene::profile::rules
