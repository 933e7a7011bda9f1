#include "profile/insights.h"

#include <algorithm>
#include <iterator>

#include "profile/insight_facts.h"
#include "profile/insight_rules.h"
#include "profile/metrics.h"

namespace scalene::profile {
namespace {

constexpr size_t kReasons = 10;
constexpr double kWorthAReason = 0.05;  // of the time

struct Rule {
  rules::Finding (*find)(const InsightFacts&);
  double lift = 0;  // added to the share where the order is concerned
};

// The only list of rules. A leak is news whatever the time says; what kind of time it is comes before where it is.
constexpr Rule kRules[] = {
    {rules::Leaks, 1},     {rules::PythonBound},   {rules::NativeBound},  {rules::Waiting},
    {rules::KernelBound},  {rules::OneLoop, -0.3}, {rules::GlobalLock},   {rules::HeldLocks},
    {rules::EventLoopLag}, {rules::PageFaults},    {rules::OutsideFiles}, {rules::IdleGpu},
    {rules::MemoryGrowth}, {rules::PeakMemory},    {rules::Copies},       {rules::TooFewSamples},
};

// ---- The headline ----

struct Kind {
  double share;
  std::string_view words;
  double (*of)(const Line& line);
  double whole;  // the sum of `of` over the program
};

// What most of the time is, in words that follow "62 % of the time is".
Kind LargestKind(const InsightFacts& facts) {
  const bool parted = facts.kernel + facts.idle > 0;  // the reference does not part kernel and waiting
  const double sec = facts.total_sec;
  const Kind kinds[] = {
      {facts.python, "Python", [](const Line& line) { return line.cpu_percent_python; }, 100 * facts.python},
      {facts.native, "native code", [](const Line& line) { return line.cpu_percent_c; }, 100 * facts.native},
      {parted ? facts.kernel : 0, "the operating system", [](const Line& line) { return line.kernel_sec; },
       facts.kernel * sec},
      parted ? Kind{facts.idle, "waiting", [](const Line& line) { return line.idle_sec; }, facts.idle * sec}
             : Kind{facts.system, "system time and waiting", [](const Line& line) { return line.sys_percent; },
                    100 * facts.system}};
  return *std::max_element(std::begin(kinds), std::end(kinds),
                           [](const Kind& a, const Kind& b) { return a.share < b.share; });
}

std::string Fraction(double share) {
  if (share >= 0.995) return "all of it is one line";
  if (share >= 0.5) return "over half of it is one line";
  return "over a third of it is one line";
}

Sentence HeadlineOf(const InsightFacts& facts) {
  const Kind kind = LargestKind(facts);
  if (kind.share <= 0) return {};
  std::string what(kind.words);
  const bool computing = kind.words == "Python" || kind.words == "native code";
  if (computing && facts.cpus >= 2 && facts.busy_cpus > 0 && facts.busy_cpus <= 1.15) what += " on one core";
  Sentence sentence = {Plain(PercentWords(kind.share) + " of the time is "), Strong(what)};
  if (facts.hottest.empty() || facts.hottest.front().share < 0.01) return sentence.push_back(Plain(".")), sentence;
  // Like is compared with like: the line with most Python time with all Python time.
  const std::vector<LinePlace> most = facts.Highest(kind.of, 1);
  const double part = most.empty() ? 0 : kind.of(*most.front().line) / kind.whole;
  const bool dominates = part >= 1.0 / 3 && part <= 1.001;
  const LinePlace& named = dominates ? most.front() : facts.hottest.front();
  if (dominates) {
    sentence.push_back(Plain(", and "));
    sentence.push_back(Hot(Fraction(part)));
    sentence.push_back(Plain(": "));
  } else {
    sentence.push_back(Plain("; the hottest line has " + PercentWords(named.share) + ": "));
  }
  sentence.push_back(Code(facts.Name(*named.path, named.line->lineno)));
  return sentence;
}

// ---- Why a line is hot ----

// How many loops there are around the line, within its function: 0, 1, or 2 for more.
int LoopsAround(const Line& line) {
  const LineRegions& regions = line.regions;
  const bool in_loop = regions.end_outermost_loop > regions.start_outermost_loop;
  if (!in_loop) return 0;
  const bool deeper = regions.start_region > regions.start_outermost_loop;
  return deeper ? 2 : 1;
}

std::string Where(const Line& line) {
  switch (LoopsAround(line)) {
    case 0:
      return "";
    case 1:
      return ", in a loop";
    default:
      return ", in the innermost of several loops";
  }
}

Sentence ReasonOf(const Line& line) {
  const double all = CpuPercent(line);
  const double idle = line.idle_sec, busy = line.python_sec + line.native_sec + line.kernel_sec;
  std::string longest;
  for (const auto& [reason, seconds] : line.waits) {
    if (longest.empty() || seconds > line.waits.at(longest)) longest = reason;
  }
  if (idle > busy) {
    Sentence sentence = {Strong("It waits" + (longest.empty() ? "" : ": " + WaitWords(longest))),
                         Plain(" for " + SecondsWords(idle) + ". A faster processor will not help.")};
    return sentence;
  }
  if (line.cpu_percent_python >= 0.5 * all) {
    return {Strong(PercentWords(line.cpu_percent_python / all) + " of it is interpreted Python"),
            Plain(Where(line) + ". A better algorithm, or doing the loop in a library, will help.")};
  }
  if (line.cpu_percent_c >= 0.5 * all) {
    return {Strong(PercentWords(line.cpu_percent_c / all) + " of it is compiled code"),
            Plain(" that this line calls" + Where(line) + ". Calling it less often, or with less data, will help.")};
  }
  if (line.sys_percent >= 0.5 * all) {
    return {Strong(PercentWords(line.sys_percent / all) + " of it is the operating system or waiting"),
            Plain(Where(line) + ". Fewer and larger requests will help.")};
  }
  return {Strong("It mixes Python, compiled code and waiting"), Plain(Where(line) + ".")};
}

std::vector<Reason> ReasonsOf(const InsightFacts& facts) {
  std::vector<Reason> reasons;
  for (const LinePlace& place : facts.hottest) {
    if (reasons.size() >= kReasons || place.share < kWorthAReason) break;
    reasons.push_back({*place.path, place.line->lineno, ReasonOf(*place.line)});
  }
  return reasons;
}

}  // namespace

Insights FindInsights(const Document& document) {
  const InsightFacts facts(document);
  Insights insights;
  insights.headline = HeadlineOf(facts);
  std::vector<std::pair<double, Insight>> found;
  for (const Rule& rule : kRules) {
    if (rules::Finding finding = rule.find(facts)) found.emplace_back(finding->share + rule.lift, std::move(*finding));
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [order, insight] : found) insights.all.push_back(std::move(insight));
  insights.reasons = ReasonsOf(facts);
  return insights;
}

}  // namespace scalene::profile
