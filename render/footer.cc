#include "render/footer.h"

#include <array>
#include <string_view>

#include "profile/format.h"

namespace scalene::render {
namespace {

using profile::Document;
using profile::FormatCount;
using profile::FormatTenths;

constexpr double kWorthSaying = 0.1;  // percent

std::string Percent(double percent) { return FormatTenths(percent) + "%"; }

// "1 file" or "12 files".
std::string Counted(int64_t count, std::string_view one, std::string_view many) {
  return FormatCount(count) + " " + std::string(count == 1 ? one : many);
}

std::string Joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(separator)) + part;
  return text;
}

std::string HiddenFiles(const Document& document, bool brief) {
  if (document.hidden.count == 0) return "";
  double percent = 0;
  for (const auto& file : document.hidden.files) percent += file.percent;
  const auto threshold = document.options.find("cpu-percent-threshold");
  const std::string limit = threshold == document.options.end() ? "the thresholds" : threshold->second.value + "%";
  return Counted(document.hidden.count, "file", "files") + " below " + limit + " hidden (" + Percent(percent) +
         (brief || document.hidden.count == 1 ? ")" : " together)");
}

// Of all the time there was, inside the profiled files and outside.
std::string OutsideTime(const Document& document, bool brief) {
  const double all = document.totals.total_sec + document.outside.sec;
  if (all <= 0 || 100 * document.outside.sec / all < kWorthSaying) return "";
  return Percent(100 * document.outside.sec / all) + " of the time outside " +
         (brief ? "these files" : "the profiled files");
}

struct LossName {
  std::string_view stage, counter, one, many;
};

// Losses of samples and stacks, in the words of a reader. A counter without a line here is shown by its name.
constexpr std::array kLossNames = {
    LossName{"capture", "timer_overruns", "late timer", "late timers"},
    LossName{"capture", "in_hook", "sample in a hook", "samples in a hook"},
    LossName{"capture", "no_frames", "sample without frames", "samples without frames"},
    LossName{"capture", "cut_stacks", "stack cut", "stacks cut"},
    LossName{"capture", "signal_blocked_ms", "ms with our signal blocked", "ms with our signal blocked"},
    LossName{"capture", "signal_taken", "time our signal was taken", "times our signal was taken"},
    LossName{"transport", "ring_full", "sample lost to a full ring", "samples lost to a full ring"},
    LossName{"transport", "record_too_big", "record too big", "records too big"},
    LossName{"decode", "bad_record", "bad record", "bad records"},
    LossName{"decode", "bytes_skipped", "byte skipped", "bytes skipped"},
    LossName{"resolve", "unknown_code", "sample in unknown code", "samples in unknown code"},
    LossName{"resolve", "unknown_line", "sample on an unknown line", "samples on unknown lines"},
    LossName{"fold", "stacks_evicted", "rare stack folded", "rare stacks folded"},
};

std::string LossText(const std::string& stage, const std::string& counter, int64_t count) {
  for (const LossName& name : kLossNames) {
    if (name.stage == stage && name.counter == counter) return Counted(count, name.one, name.many);
  }
  return stage + " " + counter + ": " + FormatCount(count);
}

int64_t AllSamples(const Document& document) { return document.totals.cpu_samples + document.totals.off_cpu_samples; }

}  // namespace

std::string LossSentence(const Document& document) {
  if (document.lost_percent < kWorthSaying) return "";
  std::vector<std::string> reasons;
  for (const auto& [stage, counters] : document.losses) {
    if (stage == "render" || stage == "fold" || stage == "waits") continue;  // these lose detail, not CPU time
    for (const auto& [counter, count] : counters) {
      if (count > 0) reasons.push_back(LossText(stage, counter, count));
    }
  }
  const std::string why = reasons.empty() ? "" : " (" + Joined(reasons, "; ") + ")";
  return Percent(document.lost_percent) + " of CPU time lost" + why + ".";
}

std::vector<std::string> FooterSentences(const Document& document, bool brief) {
  std::vector<std::string> parts, sentences;
  for (std::string part : {HiddenFiles(document, brief), OutsideTime(document, brief)}) {
    if (!part.empty()) parts.push_back(std::move(part));
  }
  if (!parts.empty()) sentences.push_back(Joined(parts, "; ") + ".");
  if (const std::string losses = LossSentence(document); !losses.empty()) sentences.push_back(losses);
  return sentences;
}

std::string WhyEmpty(const Document& document) {
  if (!document.has_ext) return "";
  if (document.hidden.count > 0) {
    return Counted(document.hidden.count, "file was", "files were") +
           " below the thresholds (--cpu-percent-threshold, --malloc-threshold).";
  }
  if (document.outside.samples > 0) {
    std::string why =
        Counted(document.outside.samples, "sample was", "samples were") + " taken, all outside the profiled files";
    if (!document.outside.files.empty()) why += "; most in " + document.outside.files.front().first;
    return why + ".";
  }
  if (AllSamples(document) == 0) {
    return "Nothing was sampled in the " + profile::FormatSeconds(document.elapsed_time_sec) + " that the program ran.";
  }
  return "";
}

}  // namespace scalene::render
