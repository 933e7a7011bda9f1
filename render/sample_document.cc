#include "render/sample_document.h"

#include <algorithm>

namespace scalene::render {
namespace {

using namespace scalene::profile;  // NOLINT: nothing but the document's types

Frame PythonFrame(std::string name, std::string file, int line) {
  return {.kind = FrameKind::kPython, .name = std::move(name), .file_or_module = std::move(file), .line = line};
}
Frame NativeFrame(std::string name, std::string module, uint64_t ip, uint64_t offset) {
  return {.kind = FrameKind::kNative,
          .name = std::move(name),
          .file_or_module = std::move(module),
          .ip = ip,
          .offset = offset};
}

Line BlankLine(int lineno, std::string text) {
  Line line;
  line.lineno = lineno;
  line.text = std::move(text);
  line.regions = {lineno, lineno, lineno, lineno, 0, 0};
  return line;
}

Line ExampleLine() {
  Line line =
      BlankLine(1, "import time; data = bytes(8 << 20); [sum(range(10**6)) for _ in range(60)]; time.sleep(1)\n");
  line.cpu_samples_list = {5012.41, 5012.42};
  line.memory_samples = {{2'000'000, 8}};
  line.avg_mb = line.malloc_mb = line.peak_mb = line.live_end_mb = 8;
  line.mallocs = 1;
  line.python_fraction = line.usage_fraction = 1;
  line.core_utilization = 0.12;
  line.cpu_percent_c = 49.1;
  line.cpu_percent_python = 0.65;
  line.sys_percent = 50.25;
  line.samples = 200;
  line.ci95 = {98.1, 100};
  line.idle_sec = 0.99, line.kernel_sec = 0.015, line.native_sec = 0.982, line.python_sec = 0.013;
  line.waits = {{"sleep", 0.99}};
  return line;
}

void AddExampleStacks(Document& document) {
  const Frame module = PythonFrame("<module>", "/demo/app.py", 1);
  document.combined_stacks = {
      {.frames = {module}, .hits = 101},
      {.frames = {module, NativeFrame("builtin_sum", "/usr/bin/python3.12", 5644288, 96)}, .hits = 99}};
  document.timeline = {{1, 0, 0, 140258411}, {99, 1, 0.01, 140258411}, {100, 0, 1.01, 140258411}};
  document.stacks = {{{"/demo/app.py <module>:1;"}, 200, 0.0065, 0.491, 0.4975}};
  document.memory_stacks = {{{module}, 8}};
}

void AddExampleRun(Document& document) {
  document.exit.status = 0;
  document.lost_percent = 0.2;
  document.losses = {{"transport", {{"ring_full", 3}}}};
  document.waits = {{"sleep", 0.99}};
  Totals& totals = document.totals;
  totals.cpu_samples = totals.off_cpu_samples = 100;
  totals.idle_sec = 0.99, totals.kernel_sec = 0.015, totals.native_sec = 0.982, totals.python_sec = 0.013;
  totals.total_sec = 2;
  ProcessRow& process = document.processes.emplace_back();
  process.cpu_sec = 1.01;
  process.exit = document.exit;
  process.how = "root";
  process.max_rss_mb = 21.4;
  process.pid = 4711;
  process.samples = 200;
  ThreadRow& thread = document.threads.emplace_back();
  thread.main = true;
  thread.name = "MainThread";
  thread.native_sec = 0.982;
  thread.pid = thread.tid = 4711;
  thread.thread_id = 140258411;
  thread.waits = document.waits;
}

}  // namespace

Document ExampleDocument() {
  Document document;
  document.alloc_samples = 1;
  document.args = {"app.py"};
  document.async_profile = document.memory = document.has_ext = true;
  document.elapsed_time_sec = 2;
  document.entrypoint_dir = document.filename = "/demo";
  document.growth_rate = 100;
  document.main_thread_id = 140258411;
  document.max_footprint_fname = document.program = "/demo/app.py";
  document.max_footprint_lineno = 1;
  document.max_footprint_mb = 8;
  document.max_footprint_python_fraction = 1;
  document.samples = {{0, 0}, {2'000'000, 8}};
  document.start_time_absolute = 1760000000.25;
  document.start_time_perf = 5012.4;
  File& file = document.files["/demo/app.py"];
  file.imports = {"import time"};
  file.lines = {ExampleLine()};
  file.percent_cpu_time = 100;
  AddExampleStacks(document);
  AddExampleRun(document);
  return document;
}

}  // namespace scalene::render
