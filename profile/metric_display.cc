#include "profile/metric_display.h"

namespace scalene::profile {
namespace {

using enum ColumnKind;

struct Color {
  std::string_view prefix, color;  // the first one that fits counts
};
constexpr Color kColors[] = {
    {"time.python", "cpu-python"},
    {"seconds.python", "cpu-python"},
    {"time.native", "cpu-native"},
    {"seconds.native", "cpu-native"},
    {"time.", "cpu-system"},
    {"seconds.", "cpu-system"},
    {"cores", "cpu-native"},
    {"memory.", "mem-python"},
    {"memory", "mem-python"},
    {"copy", "copy"},
    {"await", "await"},
    {"gpu", "gpu"},
};

constexpr TableColumn kTable[] = {
    {"time", "Time", kBar, {"time.python", "time.native", "time.system"}, ""},
    {"cores", "Cores", kNumber, {"cores"}, ""},
    {"await", "Await", kNumber, {"await"}, ""},
    {"tasks", "Tasks", kNumber, {"await.peak"}, ""},
    {"memory", "Memory", kBar, {"memory.peak"}, "memory.python"},
    {"memory.average", "Average", kNumber, {"memory.average"}, ""},
    {"usage", "Usage", kNumber, {"memory.usage"}, ""},
    {"spark", "Over time", kSpark, {}, ""},
    {"allocated", "Allocated", kNumber, {"memory"}, ""},
    {"live", "At the end", kNumber, {"memory.live"}, ""},
    {"copy", "Copy", kNumber, {"copy"}, ""},
    {"gpu", "GPU", kNumber, {"gpu"}, ""},
    {"gpu.memory", "GPU memory", kNumber, {"gpu.peak"}, ""},
};

}  // namespace

std::string_view ColorOf(const Metric& metric) {
  for (const Color& entry : kColors) {
    if (metric.id.starts_with(entry.prefix)) return entry.color;
  }
  return "neutral";
}

bool IsAdditive(const Metric& metric) {
  if (metric.merge == Merge::kSum) return metric.id != "memory.peak";  // peaks of lines lie at different times
  return metric.id.starts_with("time.") || metric.id == "await" || metric.id == "memory.usage";
}

std::span<const TableColumn> TableColumns() { return kTable; }

}  // namespace scalene::profile
