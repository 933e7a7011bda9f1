#include <array>
#include <cmath>
#include <string>

#include "profile/metrics.h"
#include "render/sample_document.h"

namespace scalene::render {
namespace {

using namespace scalene::profile;  // NOLINT: nothing but the document's types

struct SampleLine {
  int lineno;
  double python, native, system, gpu, await, python_fraction, peak_mb, usage, copy;
  const char* text;
};

constexpr SampleLine kDifflib[] = {
    {266, 0, 0, 0, 0, 0, 0, 0, 0, 0, "    def __chain_b(self):\n"},
    {281, 1.4, 1.2, 0.1, 0, 0, 1, 96, 0.09, 0.2, "            indices = b2j.setdefault(elt, [])\n"},
    {282, 0.8, 0.4, 0, 0, 0, 1, 38, 0.03, 0, "            indices.append(i)\n"},
    {305, 0, 0, 0, 0, 0, 0, 0, 0, 0, "    def find_longest_match(self, alo=0, ahi=None, blo=0, bhi=None):\n"},
    {374, 1.9, 0.2, 0, 0, 0, 0, 0, 0, 0, "        for i in range(alo, ahi):\n"},
    {378, 0.4, 0.1, 0, 0, 0, 1, 12, 0.06, 0, "            newj2len = {}\n"},
    {379, 7.2, 1.1, 0, 0, 0, 0, 0, 0, 0, "            for j in b2j.get(a[i], nothing):\n"},
    {381, 4.3, 0, 0, 0, 0, 0, 0, 0, 0, "                if j < blo:\n"},
    {383, 3.2, 0, 0, 0, 0, 0, 0, 0, 0, "                if j >= bhi:\n"},
    {385, 20.1, 2.2, 0.1, 0, 0, 1, 212, 0.41, 96, "                k = newj2len[j] = j2lenget(j-1, 0) + 1\n"},
    {386, 3.3, 0, 0, 0, 0, 0, 0, 0, 0, "                if k > bestsize:\n"},
    {459, 0.7, 0.2, 0, 0, 0, 1, 8, 0.01, 0, "                matching_blocks.append(x)\n"},
};

constexpr SampleLine kTrain[] = {
    {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, "\"\"\"Train, on little data.\n"},
    {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, "for i in range(3): not code, text\n"},
    {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, "\"\"\"\n"},
    {22, 0.9, 2.1, 0.3, 0, 0, 0.71, 486, 0.12, 38,
     "        records.extend(json.loads(line) for line in shard)  # decoded\n"},
    {31, 2.4, 0.2, 0, 0, 0, 1, 4, 0.01, 0, "        if SequenceMatcher(None, a, text & \"\\u003c\").ratio() > 0.9:\n"},
    {38, 0.3, 1.2, 0.1, 0, 0, 0.03, 1177.6, 0.17, 0, "    CACHE[key] = np.asarray(tokens, dtype=np.int32)\n"},
    {42, 0, 0, 0, 0, 0, 0, 0, 0, 0, "async def train_epoch(model, loader):\n"},
    {44, 0.1, 0.1, 0.2, 0, 64, 0, 0, 0, 0, "    async for keys, rows in loader:\n"},
    {45, 0.4, 2.3, 0.2, 0, 0, 0.02, 96, 0.06, 212,
     "\tbatch = np.stack([features(k, r) for k, r in zip(keys, rows)])\n"},
    {46, 0.1, 0.4, 0.1, 9, 0, 0, 0, 0, 348, "        x = torch.from_numpy(batch).to(device)\n"},
    {47, 0.2, 1.6, 0.1, 71, 0, 0, 0, 0, 0,
     "        loss = model(x)  # \xe6\x90\x8d\xe5\xa4\xb1\xe9\x96\xa2\xe6\x95\xb0 loss\n"},
    {49, 0.1, 2.2, 0.1, 88, 0, 0, 0, 0, 0, "        loss.backward()\n"},
    {50, 0.2, 0.9, 0.1, 64, 0, 0, 0, 0, 0, "        optimizer.step()\n"},
    {51, 0.2, 0.2, 3.9, 83, 0, 0, 0, 0, 0, "        total += loss.item()\n"},
    {55, 0, 0, 0, 0, 0, 0, 0, 0, 0, "def save(model, path):\n"},
    {56, 0.1, 0.3, 0.2, 0, 0, 0.01, 204, 0.02, 0, "    torch.save(model.state_dict(), path)\n"},
    {60, 0.1, 0.1, 0, 0, 0, 0, 0, 0, 0, "    print('\x1b]0;owned\x07\x1b[2J')  # control characters in a source\n"},
    {68, 0.1, 0.1, 0.1, 0, 8, 0, 0, 0, 0, "    asyncio.run(train_epoch(model, loader))"},
};

// A curve of nine points around `peak`, different for each line.
std::vector<MemoryPoint> Curve(int lineno, double peak) {
  std::vector<MemoryPoint> points;
  for (int i = 0; i < 9; i++) {
    const double share = lineno == 38 ? (i + 1) / 9.0 : 0.5 + 0.5 * std::sin(i * 1.3 + lineno);
    points.push_back({int64_t{i} * 5'000'000'000, peak * share});
  }
  return points;
}

void Fill(Line& line, const SampleLine& sample) {
  line.text = sample.text;
  line.cpu_percent_python = sample.python;
  line.cpu_percent_c = sample.native;
  line.sys_percent = sample.system;
  line.gpu_percent = sample.gpu;
  line.async_await_percent = sample.await;
  line.copy_mb_s = sample.copy;
  line.samples = static_cast<int64_t>(CpuPercent(line) * 51.2);
  if (line.samples > 0) line.ci95 = {CpuPercent(line) * 0.95, CpuPercent(line) * 1.05};
  if (sample.await > 0) {
    line.async_task_names = {"Task-1", "Task-2", "</script><script>alert(1)</script>"};
    line.async_concurrency_mean = 3.5;
    line.async_concurrency_peak = 8;
    line.is_coroutine = true;
  }
  if (sample.peak_mb == 0) return;
  line.python_fraction = sample.python_fraction;
  line.peak_mb = line.malloc_mb = sample.peak_mb;
  line.avg_mb = sample.peak_mb / 2;
  line.mallocs = sample.lineno * 3;
  line.usage_fraction = sample.usage;
  line.memory_samples = Curve(sample.lineno, sample.peak_mb);
}

template <size_t N>
void AddLines(File& file, const SampleLine (&samples)[N], int count) {
  for (int lineno = 1; lineno <= count; lineno++) {
    Line& line = file.lines.emplace_back();
    line.lineno = lineno;
    line.text = lineno == count ? "" : "\n";
    line.regions = {lineno, lineno, lineno, lineno, 0, 0};
  }
  for (const SampleLine& sample : samples) Fill(file.lines[sample.lineno - 1], sample);
  for (const Line& line : file.lines) file.percent_cpu_time += CpuPercent(line);
}

void AddFunction(File& file, std::string name, int lineno, double python, double native, double await = 0) {
  Function& function = file.functions.emplace_back();
  function.text = std::move(name);
  function.lineno = lineno;
  function.cpu_percent_python = python;
  function.cpu_percent_c = native;
  function.async_await_percent = await;
  function.total_sec = (python + native) * 0.7;
  function.calls_from = {{"main", "/demo/train.py", 62, 1.5}};
}

void AddFiles(Document& document) {
  File& difflib = document.files["/demo/difflib.py"];
  AddLines(difflib, kDifflib, 470);
  AddFunction(difflib, "SequenceMatcher.__chain_b", 266, 2.6, 2.2);
  AddFunction(difflib, "SequenceMatcher.find_longest_match", 305, 43.9, 4.6);
  AddFunction(difflib, "SequenceMatcher.get_matching_blocks", 421, 1.1, 0.3);
  difflib.imports = {"from _collections import deque"};

  File& train = document.files["/demo/train.py"];
  AddLines(train, kTrain, 68);
  AddFunction(train, "load_shards", 17, 1.0, 1.5);
  AddFunction(train, "near_duplicates", 26, 2.5, 0.2);
  AddFunction(train, "features", 36, 0.6, 1.1);
  AddFunction(train, "train_epoch", 42, 1.9, 7.8, 64);
  AddFunction(train, "save.<locals>.\x1b[31m", 55, 0.1, 0.3);
  train.functions.back().is_coroutine = true;
  train.leaks[38] = {0.97, 3.25};
  train.lines[50].waits = {{"sleep", 0.8}, {"read", 1.2}, {"gil", 0.5}, {"lock", 0.25}};
  train.lines[50].gil_holders = {{"/demo/train.py", 62, 0.3}, {"", 0, 0.1}};
  train.lines[50].lock_holders = {{"/demo/train.py", 46, 0.2}};

  File& odd = document.files["/demo/caf\xef\xbf\xbd.py"];
  odd.path_bytes = "/demo/caf\xe9.py";
  odd.source = "changed";
}

void AddStacks(Document& document) {
  const Frame main{.name = "main", .file_or_module = "/demo/train.py", .line = 62};
  const Frame leaf{.name = "find_longest_match", .file_or_module = "/demo/difflib.py", .line = 385};
  const Frame wait{.name = "[wait] sleep", .file_or_module = "/demo/train.py", .line = 51};
  const Frame native{.kind = FrameKind::kNative,
                     .name = "at::native::add<double>",
                     .file_or_module = "/lib/libtorch.so",
                     .ip = 0x7f0012345678,
                     .offset = 0x24};
  document.combined_stacks = {{{main, leaf}, 2816, {20.5, 7.25, 0.25, 0, 2816}},
                              {{main, native}, 410, {0, 4.1, 0, 0, 410}},
                              {{main, wait}, 40, {0, 0, 0, 0.4, 40}}};
  document.timeline = {{2816, 0, 0, 139637976}, {410, 1, 28.16, 139637976}, {40, 2, 32.26, std::nullopt}};
  document.stacks = {{{"/demo/train.py main:62;", "/demo/difflib.py find_longest_match:385;"}, 2816, 0.4, 0.15, 0.55}};
  document.memory_stacks = {{{main, leaf}, 1800.123456}};
}

void AddRun(Document& document) {
  document.generator_version = "3.0.0";
  document.python_version = "3.12.3";
  document.python_executable = "/usr/bin/python3.12";
  document.host_os = "Debian 12";
  document.host_cpus = 8;
  document.host_cpus_usable = 2.5;
  document.options = {{"cpu-percent-threshold", {"1", "default"}},
                      {"cpu-sampling-rate", {"0.01", "default"}},
                      {"outfile", {"\"scalene-profile.json\"", "command line"}}};
  document.exit.signal = 15;
  document.totals = {.total_sec = 51.2,
                     .python_sec = 30,
                     .native_sec = 18,
                     .kernel_sec = 2,
                     .idle_sec = 1.2,
                     .await_sec = 9.5,
                     .cpu_samples = 5000,
                     .off_cpu_samples = 120};
  document.waits = {{"sleep", 0.8}, {"read", 1.2}, {"gil", 0.5}, {"lock", 0.25}, {"page_fault", 0.01}};
  document.gil = {3.5, 3.1, 0.4, 0.5, {{"/demo/train.py", 62, 0.3}}};
  document.outside = {
      1.47, 0, 147, {{"/usr/lib/python3.12/json/decoder.py", 0.9}, {"/usr/lib/python3.12/selectors.py", 0.3}}};
  document.hidden = {12, {{"/demo/config.py", 0.6, 0.1}, {"/demo/util.py", 0.4, 0}, {"/demo/cli.py", 0.3, 0}}};
  document.losses = {{"capture", {{"in_hook", 11}, {"cut_stacks", 12}}}, {"fold", {{"timeline_halved", 1}}}};
  document.lost_percent = 0.2;
  document.processes = {{.pid = 100,
                         .ppid = 1,
                         .how = "root",
                         .argv = {"train.py", "--name=</script>"},
                         .python = "3.12.3",
                         .end_sec = 51.4,
                         .exit = document.exit,
                         .cpu_sec = 48,
                         .max_footprint_mb = 3502,
                         .samples = 5000},
                        {.pid = 101, .ppid = 100, .how = "exec", .argv = {"/bin/busybox"}, .profiled = false}};
  document.threads = {{.pid = 100,
                       .tid = 100,
                       .thread_id = 139637976,
                       .name = "MainThread",
                       .main = true,
                       .end_sec = 51.4,
                       .python_sec = 30,
                       .waits = {{"sleep", 0.8}}},
                      {.pid = 100, .tid = 105, .name = "omp \x07", .native = true}};
  document.warnings = {"1 child could not be profiled: /bin/busybox is a static program."};
}

}  // namespace

Document RichDocument() {
  Document document;
  document.has_ext = true;
  document.args = {"train.py", "--name=</script>"};
  document.program = "/demo/train.py";
  document.filename = document.entrypoint_dir = "/demo";
  document.elapsed_time_sec = 51.4;
  document.start_time_absolute = 1760000000.25;
  document.start_time_perf = 5012.4;
  document.main_thread_id = 139637976;
  document.async_profile = document.memory = document.gpu = true;
  document.gpu_device = "GPU";
  document.alloc_samples = 4210;
  document.growth_rate = 12.2;
  document.native_allocations_mb = 96.5;
  document.max_footprint_mb = 3502.08;
  document.max_footprint_python_fraction = 0.41;
  document.max_footprint_fname = "/demo/train.py";
  document.max_footprint_lineno = 38;
  document.samples = Curve(38, 3502.08);
  AddFiles(document);
  AddStacks(document);
  AddRun(document);
  return document;
}

Document LargeDocument(int files, int lines) {
  Document document = ExampleDocument();
  const Line busy = document.files.begin()->second.lines[0];
  for (int f = 0; f < files; f++) {
    File& file = document.files["/demo/package/module" + std::to_string(f) + ".py"];
    for (int i = 0; i < lines; i++) {
      Line& line = file.lines.emplace_back();
      if (i % 10 == 0) line = busy;
      if (i % 10 == 0) line.cpu_percent_c = line.cpu_percent_python = line.sys_percent = 10.0 / files / lines / 3;
      line.lineno = i + 1;
      line.text = "        if value < limit and index >= " + std::to_string(i) + ":  # a line of usual length\n";
      line.regions = {i + 1, i + 1, i + 1, i + 1, 0, 0};
    }
  }
  return document;
}

}  // namespace scalene::render
