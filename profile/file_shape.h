// The shape of the profile file, written down once: which keys each object has, which member of the document each one
// holds, when it is left out, and within which bounds it lies. Writer (render/json), reader (profile_reader), schema
// (render/json_schema) and checks (document_check) are visitors of this description, so none of them can disagree.
//
//   DescribeFields(visitor, Shape<Line>{})   an object:       visitor.Add("lineno", &Line::lineno, Required().AtLeast(1))
//   DescribeItems(visitor, Shape<Stack>{})   a fixed array:   visitor.Item(&Stack::frames)
//
// A visitor offers   Add<Codec>(key, access, rule)      one member; access is a member pointer or a function of the object
//                    AddWhole<Codec>(key, rule)         a value made from the whole object
//                    Group(key, rule, describe)         a nested object whose members belong to the same C++ object
//                    GroupIf(key, flag, rule, describe) the same, present when the flag is set
//                    Item<Codec>(access) and ItemGroup(describe) in arrays
//
// Meanings and units are in docs/profile-format.md. Order does not matter here; the writer sorts.
#pragma once

#include <array>
#include <string_view>

#include "profile/document.h"
#include "profile/metrics.h"

namespace scalene::profile {

enum class Presence : uint8_t {
  kRequired,  // always written; the reference's readers insist on it
  kOptional,  // always written; older profiles lack it
  kExt,       // written unless zero or empty
  kUnless,    // a flag that is written only when false
  kConstant,  // always written, but makes no object worth writing by itself
};

struct Rule {
  Presence presence = Presence::kRequired;
  double minimum = -kUnbounded, maximum = kUnbounded;
  bool rows = false;  // the members of this array or object stand on lines of their own
  std::string_view help;

  constexpr Rule AtLeast(double bound) const { return Between(bound, maximum); }
  constexpr Rule Between(double low, double high) const { return Rule{presence, low, high, rows, help}; }
  constexpr Rule Rows() const { return Rule{presence, minimum, maximum, true, help}; }
  constexpr Rule Meaning(std::string_view text) const { return Rule{presence, minimum, maximum, rows, text}; }
};
constexpr Rule Required() { return {Presence::kRequired}; }
constexpr Rule Optional() { return {Presence::kOptional}; }
constexpr Rule Ext() { return {Presence::kExt}; }

// How a value is encoded, where its type does not say it.
struct Plain {};
struct SourceLine {};  // source text with & < > replaced (profile/source_escape)
struct RawSource {};   // the same text untouched, present only where SourceLine is ambiguous
struct Base64 {};
struct Micros {};              // a real with at most 6 decimals
struct OldAlias {};            // written for old readers, never read: another key holds the value
struct JsonText {};            // a string that holds a JSON scalar
struct SchemaVersion {};       // the constant kSchemaVersion
struct GeneratorName {};       // the constant kGeneratorName
struct LossCounters {};        // Document::losses and lost_percent in one object
struct StackWeights {};        // the weights of Document::combined_stacks as a table
struct MemoryStackWeights {};  // the same for Document::memory_stacks
struct TimelineEnds {};        // when each event of Document::timeline was hit last
struct FrameLine {};           // null for native frames
struct FrameAddress {};        // null for Python frames
struct FrameKindName {};       // py | native

inline constexpr int kSchemaVersion = 1;
inline constexpr std::array<std::string_view, 5> kStackWeightColumns = {"python_sec", "native_sec", "kernel_sec",
                                                                        "idle_sec", "samples"};
inline constexpr std::array<std::string_view, 3> kMemoryStackWeightColumns = {"alloc_mb", "live_end_mb", "at_peak_mb"};
inline constexpr std::string_view kGeneratorName = "scalene";

template <class T>
struct Shape {};

template <class V>
void DescribeFields(V& v, Shape<Frame>) {
  v.Add("display_name", &Frame::name);
  v.Add("filename_or_module", &Frame::file_or_module);
  v.template AddWhole<FrameAddress>("ip", Required());
  v.template Add<FrameKindName>("kind", &Frame::kind);
  v.template AddWhole<FrameLine>("line", Required());
  v.template AddWhole<FrameAddress>("offset", Required());
}

template <class V>
void DescribeItems(V& v, Shape<MemoryPoint>) {
  v.Item(&MemoryPoint::t_ns, Required().AtLeast(0));
  v.Item(&MemoryPoint::mb, Required().AtLeast(0));
}

template <class V>
void DescribeItems(V& v, Shape<Caller>) {
  v.Item(&Caller::name);
  v.Item(&Caller::file);
  v.Item(&Caller::line);
  v.Item(&Caller::sec);
}

template <class V>
void DescribeItems(V& v, Shape<Holder>) {
  v.Item(&Holder::file);
  v.Item(&Holder::line, Required().AtLeast(0));
  v.Item(&Holder::sec, Required().AtLeast(0));
}

template <class V>
void DescribeItems(V& v, Shape<Stack>) {
  v.Item(&Stack::frames);
  v.Item(&Stack::hits, Required().AtLeast(0));
}

template <class V>
void DescribeItems(V& v, Shape<MemoryStack>) {
  v.Item(&MemoryStack::frames);
  v.template Item<Micros>(&MemoryStack::mb, Required().AtLeast(0));
}

template <class V>
void DescribeItems(V& v, Shape<PythonStack>) {
  v.Item(&PythonStack::frames);
  v.ItemGroup([](auto& inner) {
    inner.Add("c_time", &PythonStack::c_time);
    inner.Add("count", &PythonStack::count, Required().AtLeast(0));
    inner.Add("cpu_samples", &PythonStack::cpu_samples);
    inner.Add("python_time", &PythonStack::python_time);
  });
}

template <class V>
void DescribeItems(V& v, Shape<OptionValue>) {
  v.template Item<JsonText>(&OptionValue::value);
  v.Item(&OptionValue::origin);
}

template <class V>
void DescribeItems(V& v, Shape<Document::HiddenFile>) {
  v.Item(&Document::HiddenFile::path);
  v.Item(&Document::HiddenFile::percent);
  v.Item(&Document::HiddenFile::mb);
}

template <class V>
void DescribeFields(V& v, Shape<TimelineEvent>) {
  v.Add("count", &TimelineEvent::count, Required().AtLeast(1));
  v.Add("stack_index", &TimelineEvent::stack_index, Required().AtLeast(0));
  v.template Add<Micros>("t_sec", &TimelineEvent::t_sec, Required().AtLeast(0));
  v.Add("thread_id", &TimelineEvent::thread_id, Optional());
}

template <class V>
void DescribeFields(V& v, Shape<ExitStatus>) {
  v.Add("partial", &ExitStatus::partial, Ext());
  v.Add("signal", &ExitStatus::signal, Ext());
  v.Add("status", &ExitStatus::status, Ext());
}

template <class V>
void DescribeFields(V& v, Shape<Leak>) {
  v.Add("likelihood", &Leak::likelihood, Required().Between(0, 1));
  v.Add("velocity_mb_s", &Leak::velocity_mb_s, Required().AtLeast(0));
}

// What functions and lines have in common, "ext" excepted.
template <class V>
void DescribeRow(V& v) {
  v.Add("async_task_names", &Row::async_task_names, Optional());
  v.Add("cpu_samples_list", &Row::cpu_samples_list);
  v.Add("is_coroutine", &Row::is_coroutine, Optional());
  v.Add("lineno", &Row::lineno, Required().AtLeast(1));
  v.Add("memory_samples", &Row::memory_samples);
  v.template Add<OldAlias>("n_growth_mb", &Row::peak_mb, Required().AtLeast(0));
  for (const Metric& metric : Metrics()) {
    if (metric.place == Place::kExt) continue;
    const Rule rule =
        (metric.place == Place::kRow ? Required() : Optional()).Between(0, metric.maximum).Meaning(metric.help);
    if (metric.real) v.Add(metric.key, metric.real, rule);
    if (metric.count) v.Add(metric.key, metric.count, rule);
  }
}

// What functions and lines have in common under "ext".
template <class V>
void DescribeRowExt(V& v) {
  v.Add("alloc_ci95", &Row::alloc_ci95, Ext());
  v.Add("ci95", &Row::ci95, Ext());
  v.Add("gil_holders", &Row::gil_holders, Ext());
  v.Add("live_ci95", &Row::live_ci95, Ext());
  v.Add("lock_holders", &Row::lock_holders, Ext());
  v.Add("waits", &Row::waits, Ext());
  for (const Metric& metric : Metrics()) {
    if (metric.place != Place::kExt) continue;
    const Rule rule = Ext().Between(0, metric.maximum).Meaning(metric.help);
    if (metric.real) v.Add(metric.key, metric.real, rule);
    if (metric.count) v.Add(metric.key, metric.count, rule);
  }
}

template <class V>
void DescribeFields(V& v, Shape<Function>) {
  DescribeRow(v);
  v.Add("line", &Function::text);
  v.Group("ext", Ext(), [](auto& ext) {
    DescribeRowExt(ext);
    ext.Add("calls_from", &Function::calls_from, Ext());
    ext.Add("total_sec", &Function::total_sec, Ext().AtLeast(0));
  });
}

template <class V>
void DescribeFields(V& v, Shape<Line>) {
  DescribeRow(v);
  v.template Add<SourceLine>("line", &Line::text);
  v.Add(
      "start_region_line", [](auto& line) -> auto& { return line.regions.start_region; }, Required().AtLeast(1));
  v.Add(
      "end_region_line", [](auto& line) -> auto& { return line.regions.end_region; }, Required().AtLeast(1));
  v.Add(
      "start_outermost_loop", [](auto& line) -> auto& { return line.regions.start_outermost_loop; },
      Required().AtLeast(1));
  v.Add(
      "end_outermost_loop", [](auto& line) -> auto& { return line.regions.end_outermost_loop; }, Required().AtLeast(1));
  v.Add(
      "start_function_line", [](auto& line) -> auto& { return line.regions.start_function; }, Optional().AtLeast(0));
  v.Add(
      "end_function_line", [](auto& line) -> auto& { return line.regions.end_function; }, Optional().AtLeast(0));
  v.Group("ext", Ext(), [](auto& ext) {
    DescribeRowExt(ext);
    ext.template Add<RawSource>("raw", &Line::text, Ext());
  });
}

template <class V>
void DescribeFields(V& v, Shape<File>) {
  v.Add("functions", &File::functions, Required().Rows());
  v.Add("imports", &File::imports);
  v.Add("leaks", &File::leaks);
  v.Add("lines", &File::lines, Required().Rows());
  v.Add("percent_cpu_time", &File::percent_cpu_time, Required().Between(0, 100));
  v.Group("ext", Ext(), [](auto& ext) {
    ext.Add("hash", &File::hash, Ext());
    ext.template Add<Base64>("path_b64", &File::path_bytes, Ext());
    ext.Add("source", &File::source, Ext());
  });
}

template <class V>
void DescribeFields(V& v, Shape<Totals>) {
  v.Add("alloc_ci95", &Totals::alloc_ci95, Ext());
  v.Add("alloc_mb", &Totals::alloc_mb, Ext().AtLeast(0));
  v.Add("await_sec", &Totals::await_sec, Ext().AtLeast(0));
  v.Add("copy_mb", &Totals::copy_mb, Ext().AtLeast(0));
  v.Add("cpu_samples", &Totals::cpu_samples, Ext().AtLeast(0));
  v.Add("fault_kernel_sec", &Totals::fault_kernel_sec, Ext().AtLeast(0));
  v.Add("gpu_sec", &Totals::gpu_sec, Ext().AtLeast(0));
  v.Add("idle_sec", &Totals::idle_sec, Ext().AtLeast(0));
  v.Add("kernel_sec", &Totals::kernel_sec, Ext().AtLeast(0));
  v.Add("native_sec", &Totals::native_sec, Ext().AtLeast(0));
  v.Add("off_cpu_samples", &Totals::off_cpu_samples, Ext().AtLeast(0));
  v.Add("python_sec", &Totals::python_sec, Ext().AtLeast(0));
  v.Add("total_sec", &Totals::total_sec, Ext().AtLeast(0));
}

template <class V>
void DescribeFields(V& v, Shape<Document::Outside>) {
  v.Add("files", &Document::Outside::files, Ext());
  v.Add("idle_sec", &Document::Outside::idle_sec, Ext().AtLeast(0));
  v.Add("samples", &Document::Outside::samples, Ext().AtLeast(0));
  v.Add("sec", &Document::Outside::sec, Ext().AtLeast(0));
}

template <class V>
void DescribeFields(V& v, Shape<Document::Gil>) {
  v.Add("contended_sec", &Document::Gil::contended_sec, Ext().AtLeast(0));
  v.Add("held_sec", &Document::Gil::held_sec, Ext().AtLeast(0));
  v.Add("holders", &Document::Gil::holders, Ext());
  v.Add("looked_sec", &Document::Gil::looked_sec, Ext().AtLeast(0));
  v.Add("native_sec", &Document::Gil::native_sec, Ext().AtLeast(0));
}

template <class V>
void DescribeFields(V& v, Shape<Document::Hidden>) {
  v.Add("count", &Document::Hidden::count, Ext().AtLeast(0));
  v.Add("files", &Document::Hidden::files, Ext());
}

template <class V>
void DescribeFields(V& v, Shape<Document::MemoryRun>) {
  v.Add("allocations", &Document::MemoryRun::allocations, Ext().AtLeast(0));
  v.Add("exact", &Document::MemoryRun::exact, Rule{Presence::kUnless});
  v.Add("live_end_mb", &Document::MemoryRun::live_end_mb, Ext().AtLeast(0));
  v.Add("max_rss_mb", &Document::MemoryRun::max_rss_mb, Ext().AtLeast(0));
  v.Add("python", &Document::MemoryRun::python, Ext());
  v.Add("rss", &Document::MemoryRun::rss, Ext());
  v.Add("transient_mb", &Document::MemoryRun::transient_mb, Ext().AtLeast(0));
}

template <class V>
void DescribeFields(V& v, Shape<ProcessRow>) {
  v.Add("argv", &ProcessRow::argv, Ext());
  v.Add("cpu_sec", &ProcessRow::cpu_sec, Ext());
  v.Add("end_sec", &ProcessRow::end_sec, Ext());
  v.Add("exit", &ProcessRow::exit, Ext());
  v.Add("how", &ProcessRow::how, Ext());
  v.Add("idle_sec", &ProcessRow::idle_sec, Ext());
  v.Add("lost", &ProcessRow::lost, Ext());
  v.Add("max_footprint_mb", &ProcessRow::max_footprint_mb, Ext());
  v.Add("max_rss_mb", &ProcessRow::max_rss_mb, Ext());
  v.Add("pid", &ProcessRow::pid, Ext());
  v.Add("ppid", &ProcessRow::ppid, Ext());
  v.Add("profiled", &ProcessRow::profiled, Rule{Presence::kUnless});
  v.Add("python", &ProcessRow::python, Ext());
  v.Add("samples", &ProcessRow::samples, Ext());
  v.Add("start_sec", &ProcessRow::start_sec, Ext());
}

template <class V>
void DescribeFields(V& v, Shape<ThreadRow>) {
  v.Add("alloc_mb", &ThreadRow::alloc_mb, Ext());
  v.Add("end_sec", &ThreadRow::end_sec, Ext());
  v.Add("kernel_sec", &ThreadRow::kernel_sec, Ext());
  v.Add("main", &ThreadRow::main, Ext());
  v.Add("name", &ThreadRow::name, Ext());
  v.Add("native", &ThreadRow::native, Ext());
  v.Add("native_sec", &ThreadRow::native_sec, Ext());
  v.Add("pid", &ThreadRow::pid, Ext());
  v.Add("python_sec", &ThreadRow::python_sec, Ext());
  v.Add("start_sec", &ThreadRow::start_sec, Ext());
  v.Add("thread_id", &ThreadRow::thread_id, Ext());
  v.Add("tid", &ThreadRow::tid, Ext());
  v.Add("waits", &ThreadRow::waits, Ext());
}

template <class V>
void DescribeDocumentExt(V& v) {
  v.template AddWhole<SchemaVersion>("schema", Required());
  v.Group("generator", Ext(), [](auto& inner) {
    inner.template AddWhole<GeneratorName>("name", Rule{Presence::kConstant});
    inner.Add("commit", &Document::generator_commit, Ext());
    inner.Add("version", &Document::generator_version, Ext());
  });
  v.Group("python", Ext(), [](auto& inner) {
    inner.Add("executable", &Document::python_executable, Ext());
    inner.Add("free_threaded", &Document::python_free_threaded, Ext());
    inner.Add("version", &Document::python_version, Ext());
  });
  v.Group("host", Ext(), [](auto& inner) {
    inner.Add("arch", &Document::host_arch, Ext());
    inner.Add("cpus", &Document::host_cpus, Ext());
    inner.Add("cpus_usable", &Document::host_cpus_usable, Ext());
    inner.Add("kernel", &Document::host_kernel, Ext());
    inner.Add("libc", &Document::host_libc, Ext());
    inner.Add("os", &Document::host_os, Ext());
  });
  v.Add("exit", &Document::exit, Required());
  v.Add("gil", &Document::gil, Ext());
  v.Add("hidden", &Document::hidden, Ext());
  v.template AddWhole<LossCounters>("losses", Ext());
  v.Add("memory", &Document::memory_run, Ext());
  v.template AddWhole<MemoryStackWeights>("memory_stack_weights", Ext().Rows());
  v.Add("options", &Document::options, Ext());
  v.Add("outside", &Document::outside, Ext());
  v.Add("processes", &Document::processes, Ext().Rows());
  v.template AddWhole<StackWeights>("stack_weights", Ext().Rows());
  v.Add("threads", &Document::threads, Ext().Rows());
  v.template AddWhole<TimelineEnds>("timeline_last_sec", Ext());
  v.Add("totals", &Document::totals, Ext());
  v.Add("waits", &Document::waits, Ext());
  v.Add("warnings", &Document::warnings, Ext());
}

template <class V>
void DescribeFields(V& v, Shape<Document>) {
  v.Add("alloc_samples", &Document::alloc_samples, Required().AtLeast(0));
  v.Add("args", &Document::args, Optional());
  v.Add("async_profile", &Document::async_profile, Optional());
  v.Add("combined_stacks", &Document::combined_stacks, Optional().Rows());
  v.Add("combined_stacks_timeline", &Document::timeline, Optional().Rows());
  v.Add("elapsed_time_sec", &Document::elapsed_time_sec, Required().AtLeast(0));
  v.Add("entrypoint_dir", &Document::entrypoint_dir);
  v.GroupIf("ext", &Document::has_ext, Ext().Rows(), [](auto& ext) { DescribeDocumentExt(ext); });
  v.Add("filename", &Document::filename);
  v.Add("files", &Document::files, Required().Rows());
  v.Add("gpu", &Document::gpu);
  v.Add("gpu_device", &Document::gpu_device);
  v.Add("growth_rate", &Document::growth_rate);
  v.Add("main_thread_id", &Document::main_thread_id, Optional());
  v.Add("max_footprint_fname", &Document::max_footprint_fname);
  v.Add("max_footprint_lineno", &Document::max_footprint_lineno, Required().AtLeast(1));
  v.Add("max_footprint_mb", &Document::max_footprint_mb, Required().AtLeast(0));
  v.Add("max_footprint_python_fraction", &Document::max_footprint_python_fraction, Required().Between(0, 1));
  v.Add("memory", &Document::memory);
  v.Add("memory_stacks", &Document::memory_stacks, Optional().Rows());
  v.Add("native_allocations_mb", &Document::native_allocations_mb, Optional().AtLeast(0));
  v.Add("program", &Document::program);
  v.Add("samples", &Document::samples);
  v.Add("stacks", &Document::stacks, Required().Rows());
  v.Add("start_time_absolute", &Document::start_time_absolute, Required().AtLeast(0));
  v.Add("start_time_perf", &Document::start_time_perf, Required().AtLeast(0));
}

// Which types are described above.
struct NoVisitor {};
template <class T>
concept HasFields = requires(NoVisitor& v) {
  DescribeFields(v, Shape<T>{});
};
template <class T>
concept HasItems = requires(NoVisitor& v) {
  DescribeItems(v, Shape<T>{});
};

}  // namespace scalene::profile
