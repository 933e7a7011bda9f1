#include "profile/metrics.h"

#include <array>

namespace scalene::profile {
namespace {

using enum Place;

constexpr Metric Real(std::string_view id, std::string_view key, std::string_view label, Unit unit, Merge merge,
                      Place place, double maximum, double hide_below, double Row::*member, std::string_view help) {
  return {id, key, label, unit, merge, place, maximum, hide_below, member, nullptr, help};
}
constexpr Metric Count(std::string_view id, std::string_view key, std::string_view label, Place place,
                       int64_t Row::*member, std::string_view help) {
  return {id, key, label, Unit::kCount, Merge::kSum, place, kUnbounded, 1, nullptr, member, help};
}
constexpr Metric Percent(std::string_view id, std::string_view key, std::string_view label, Place place,
                         double Row::*member, std::string_view help) {
  return Real(id, key, label, Unit::kPercent, Merge::kRecompute, place, 100, 1, member, help);
}
constexpr Metric Seconds(std::string_view id, std::string_view key, std::string_view label, double Row::*member,
                         std::string_view help) {
  return Real(id, key, label, Unit::kSeconds, Merge::kSum, kExt, kUnbounded, 0.001, member, help);
}
constexpr Metric Mebibytes(std::string_view id, std::string_view key, std::string_view label, Merge merge, Place place,
                           double Row::*member, std::string_view help) {
  return Real(id, key, label, Unit::kMebibytes, merge, place, kUnbounded, 0.5, member, help);
}

constexpr std::array kMetrics = {
    Percent("await", "n_async_await_percent", "await", kOptionalRow, &Row::async_await_percent,
            "Share of all time that suspended tasks waited, spent waiting here."),
    Real("await.mean", "n_async_concurrency_mean", "tasks, mean", Unit::kCount, Merge::kRecompute, kOptionalRow,
         kUnbounded, 0.5, &Row::async_concurrency_mean, "Tasks suspended in the program while one waited here."),
    Real("await.peak", "n_async_concurrency_peak", "tasks, most", Unit::kCount, Merge::kMaximum, kOptionalRow,
         kUnbounded, 0.5, &Row::async_concurrency_peak, "Most tasks suspended at once while one waited here."),
    Mebibytes("memory.average", "n_avg_mb", "average", Merge::kRecompute, kRow, &Row::avg_mb,
              "Mean over executions of the most memory held during one of them."),
    Real("copy", "n_copy_mb_s", "copy", Unit::kMebibytesPerSecond, Merge::kRecompute, kRow, kUnbounded, 0.5,
         &Row::copy_mb_s, "Bytes copied here per second of the run."),
    Real("cores", "n_core_utilization", "cores", Unit::kFraction, Merge::kRecompute, kRow, 1, 0.01,
         &Row::core_utilization, "Share of the usable CPUs that was busy while this ran."),
    Percent("time.native", "n_cpu_percent_c", "native", kRow, &Row::cpu_percent_c,
            "CPU time in compiled code that this called."),
    Percent("time.python", "n_cpu_percent_python", "Python", kRow, &Row::cpu_percent_python,
            "CPU time spent interpreting this."),
    Mebibytes("gpu.average", "n_gpu_avg_memory_mb", "GPU memory, mean", Merge::kRecompute, kRow,
              &Row::gpu_avg_memory_mb, "Device memory in use while this drove the device, on average."),
    Mebibytes("gpu.peak", "n_gpu_peak_memory_mb", "GPU memory, most", Merge::kMaximum, kRow, &Row::gpu_peak_memory_mb,
              "Most device memory in use while this drove the device."),
    Percent("gpu", "n_gpu_percent", "GPU", kRow, &Row::gpu_percent,
            "How busy the devices in use were while this drove them."),
    Mebibytes("memory", "n_malloc_mb", "allocated", Merge::kSum, kRow, &Row::malloc_mb,
              "Memory allocated here, without blocks that were small and freed at once."),
    Count("memory.executions", "n_mallocs", "runs that allocate", kRow, &Row::mallocs,
          "Executions of this that allocated memory."),
    Mebibytes("memory.peak", "n_peak_mb", "peak", Merge::kSum, kRow, &Row::peak_mb,
              "Most live memory that was allocated here."),
    Real("memory.python", "n_python_fraction", "by Python", Unit::kFraction, Merge::kRecompute, kRow, 1, 0.01,
         &Row::python_fraction, "Share of the allocated memory that came through Python's own allocators."),
    Percent("time.system", "n_sys_percent", "system", kRow, &Row::sys_percent,
            "Time in the operating system and time waiting."),
    Real("memory.usage", "n_usage_fraction", "share of all", Unit::kFraction, Merge::kRecompute, kRow, 1, 0.01,
         &Row::usage_fraction, "Share of all memory that the program allocated."),

    Mebibytes("memory.all", "alloc_mb", "with short-lived", Merge::kSum, kExt, &Row::alloc_mb,
              "Memory allocated here, small blocks that were freed at once included."),
    Real("memory.count", "allocations", "allocations", Unit::kCount, Merge::kSum, kExt, kUnbounded, 1,
         &Row::allocations, "Number of allocations made here, estimated."),
    Mebibytes("memory.at_peak", "at_peak_mb", "at the peak", Merge::kSum, kExt, &Row::at_peak_mb,
              "Memory allocated here that was live at the program's peak."),
    Seconds("await.tasks", "await_task_sec", "task time", &Row::await_task_sec,
            "Time that tasks were suspended here, added up over the tasks."),
    Mebibytes("copy.volume", "copy_mb", "copied", Merge::kSum, kExt, &Row::copy_mb, "Bytes copied here."),
    Seconds("gpu.seconds", "gpu_sec", "GPU time", &Row::gpu_sec, "Device time while this drove the device."),
    Seconds("seconds.idle", "idle_sec", "idle", &Row::idle_sec, "Time the program waited here with nothing running."),
    Seconds("seconds.kernel", "kernel_sec", "kernel", &Row::kernel_sec, "CPU time in the operating system."),
    Mebibytes("memory.live", "live_end_mb", "live at the end", Merge::kSum, kExt, &Row::live_end_mb,
              "Memory allocated here and still in use at the end."),
    Seconds("await.block", "loop_block_sec", "blocks loop", &Row::loop_block_sec,
            "Time for which this kept an event loop from running its other tasks."),
    Seconds("await.lag", "loop_lag_sec", "loop lag", &Row::loop_lag_sec,
            "Time that tasks suspended here were kept from running by a busy event loop."),
    Real("memory.age", "mean_age_sec", "blocks live", Unit::kSeconds, Merge::kRecompute, kExt, kUnbounded, 0.001,
         &Row::mean_age_sec, "How long blocks allocated here lived, on average."),
    Seconds("seconds.native", "native_sec", "native", &Row::native_sec, "CPU time in compiled code that this called."),
    Seconds("seconds.python", "python_sec", "Python", &Row::python_sec, "CPU time spent interpreting this."),
    Count("samples", "samples", "samples", kExt, &Row::samples, "CPU and waiting samples behind these numbers."),
};

}  // namespace

std::span<const Metric> Metrics() { return kMetrics; }

const Metric* FindMetric(std::string_view id) {
  for (const Metric& metric : kMetrics) {
    if (metric.id == id) return &metric;
  }
  return nullptr;
}

}  // namespace scalene::profile
