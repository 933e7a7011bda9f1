#include "render/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sanitized.h"
#include "profile/document_check.h"
#include "profile/profile_reader.h"
#include "render/sample_document.h"

namespace scalene::render {
namespace {

using profile::Document;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string Rendered(const Document& document) {
  StringSink sink;
  RenderJson(document, sink);
  return sink.text();
}

Document Reread(const std::string& text) {
  auto document = profile::ReadProfile(text);
  EXPECT_TRUE(document.ok()) << document.message();
  return document.ok() ? std::move(document).value() : Document();
}

// A document with one file of one line.
Document WithLine(std::string source) {
  Document document = ExampleDocument();
  document.files.begin()->second.lines[0].text = std::move(source);
  return document;
}

std::string LineReadBack(const std::string& source) {
  return Reread(Rendered(WithLine(source))).files.begin()->second.lines[0].text;
}

TEST(JsonTest, SamplesMakeSense) {
  EXPECT_THAT(profile::CheckDocument(ExampleDocument()), IsEmpty());
  EXPECT_THAT(profile::CheckDocument(RichDocument()), IsEmpty());
}

TEST(JsonTest, WritesTheWorkedExampleByteForByte) {
  // The example of docs/profile-format.md.
  EXPECT_EQ(Rendered(ExampleDocument()), R"({
    "alloc_samples": 1,
    "args": ["app.py"],
    "async_profile": true,
    "combined_stacks": [
        [[{"display_name": "<module>", "filename_or_module": "/demo/app.py", "ip": null, "kind": "py", "line": 1, "offset": null}], 101],
        [[{"display_name": "<module>", "filename_or_module": "/demo/app.py", "ip": null, "kind": "py", "line": 1, "offset": null}, {"display_name": "builtin_sum", "filename_or_module": "/usr/bin/python3.12", "ip": 5644288, "kind": "native", "line": null, "offset": 96}], 99]
    ],
    "combined_stacks_timeline": [
        {"count": 1, "stack_index": 0, "t_sec": 0.0, "thread_id": 140258411},
        {"count": 99, "stack_index": 1, "t_sec": 0.01, "thread_id": 140258411},
        {"count": 100, "stack_index": 0, "t_sec": 1.01, "thread_id": 140258411}
    ],
    "elapsed_time_sec": 2.0,
    "entrypoint_dir": "/demo",
    "ext": {
        "exit": {"status": 0},
        "losses": {"lost_percent": 0.2, "transport": {"ring_full": 3}},
        "processes": [
            {"cpu_sec": 1.01, "exit": {"status": 0}, "how": "root", "max_rss_mb": 21.4, "pid": 4711, "samples": 200}
        ],
        "schema": 1,
        "threads": [
            {"main": true, "name": "MainThread", "native_sec": 0.982, "pid": 4711, "thread_id": 140258411, "tid": 4711, "waits": {"sleep": 0.99}}
        ],
        "totals": {"cpu_samples": 100, "idle_sec": 0.99, "kernel_sec": 0.015, "native_sec": 0.982, "off_cpu_samples": 100, "python_sec": 0.013, "total_sec": 2.0},
        "waits": {"sleep": 0.99}
    },
    "filename": "/demo",
    "files": {
        "/demo/app.py": {
            "ext": {"source": "disk"},
            "functions": [],
            "imports": ["import time"],
            "leaks": {},
            "lines": [
                {"async_task_names": [], "cpu_samples_list": [5012.41, 5012.42], "end_function_line": 0, "end_outermost_loop": 1, "end_region_line": 1, "ext": {"ci95": [98.1, 100.0], "idle_sec": 0.99, "kernel_sec": 0.015, "live_end_mb": 8.0, "native_sec": 0.982, "python_sec": 0.013, "samples": 200, "waits": {"sleep": 0.99}}, "is_coroutine": false, "line": "import time; data = bytes(8 \\u003c\\u003c 20); [sum(range(10**6)) for _ in range(60)]; time.sleep(1)\n", "lineno": 1, "memory_samples": [[2000000, 8.0]], "n_async_await_percent": 0.0, "n_async_concurrency_mean": 0.0, "n_async_concurrency_peak": 0.0, "n_avg_mb": 8.0, "n_copy_mb_s": 0.0, "n_core_utilization": 0.12, "n_cpu_percent_c": 49.1, "n_cpu_percent_python": 0.65, "n_gpu_avg_memory_mb": 0.0, "n_gpu_peak_memory_mb": 0.0, "n_gpu_percent": 0.0, "n_growth_mb": 8.0, "n_malloc_mb": 8.0, "n_mallocs": 1, "n_peak_mb": 8.0, "n_python_fraction": 1.0, "n_sys_percent": 50.25, "n_usage_fraction": 1.0, "start_function_line": 0, "start_outermost_loop": 1, "start_region_line": 1}
            ],
            "percent_cpu_time": 100.0
        }
    },
    "gpu": false,
    "gpu_device": "",
    "growth_rate": 100.0,
    "main_thread_id": 140258411,
    "max_footprint_fname": "/demo/app.py",
    "max_footprint_lineno": 1,
    "max_footprint_mb": 8.0,
    "max_footprint_python_fraction": 1.0,
    "memory": true,
    "memory_stacks": [
        [[{"display_name": "<module>", "filename_or_module": "/demo/app.py", "ip": null, "kind": "py", "line": 1, "offset": null}], 8.0]
    ],
    "native_allocations_mb": 0.0,
    "program": "/demo/app.py",
    "samples": [[0, 0.0], [2000000, 8.0]],
    "stacks": [
        [["/demo/app.py <module>:1;"], {"c_time": 0.491, "count": 200, "cpu_samples": 0.4975, "python_time": 0.0065}]
    ],
    "start_time_absolute": 1760000000.25,
    "start_time_perf": 5012.4
}
)");
}

TEST(JsonTest, WritingReadingAndWritingGivesTheSameBytes) {
  for (const Document& document : {ExampleDocument(), RichDocument(), Document()}) {
    const std::string text = Rendered(document);
    EXPECT_EQ(Rendered(Reread(text)), text);
  }
}

TEST(JsonTest, WritesAsciiWhateverTheTexts) {
  for (char c : Rendered(RichDocument())) ASSERT_TRUE((c >= 0x20 && c < 0x7f) || c == '\n');
}

TEST(JsonTest, SourceComesBackAsItWas) {
  const std::string nul("a\0b", 3);
  for (const std::string& source :
       {std::string("if a < b & c > d: x = \"\\u00e9\"\n"), std::string("s = '\\u003c' < t\n"), nul,
        std::string("\xf0\x9f\x90\x8d = '\xc3\xa9\xe2\x82\xac'\x7f\t\r\n"), std::string(),
        std::string((kSanitized ? 1 : 10) << 20, '<')}) {
    EXPECT_EQ(LineReadBack(source), source) << source.substr(0, 80);
  }
}

TEST(JsonTest, OnlyAmbiguousSourceIsWrittenTwice) {
  EXPECT_THAT(Rendered(WithLine("a < b\n")), Not(HasSubstr("\"raw\"")));
  EXPECT_THAT(Rendered(WithLine("a == '\\u003c'\n")), HasSubstr("\"raw\": \"a == '\\\\u003c'\\n\""));
}

TEST(JsonTest, BytesThatAreNoTextBecomeReplacementCharacters) {
  EXPECT_EQ(LineReadBack("x = '\xe9\xff'\n"), "x = '\xef\xbf\xbd\xef\xbf\xbd'\n");
}

TEST(JsonTest, PathBytesTravelBesideTheName) {
  const Document document = Reread(Rendered(RichDocument()));
  EXPECT_EQ(document.files.at("/demo/caf\xef\xbf\xbd.py").path_bytes, "/demo/caf\xe9.py");
}

TEST(JsonTest, RealsAlwaysShowThatTheyAreReals) {
  Document document;
  const auto elapsed = [&](double value) {
    document.elapsed_time_sec = value;
    const std::string text = Rendered(document);
    const size_t from = text.find("\"elapsed_time_sec\": ") + 20;
    return text.substr(from, text.find(',', from) - from);
  };
  EXPECT_EQ(elapsed(3), "3.0");
  EXPECT_EQ(elapsed(0.1), "0.1");
  EXPECT_EQ(elapsed(1e22), "1e+22");
  EXPECT_EQ(elapsed(-0.0), "0.0");
  EXPECT_EQ(elapsed(std::numeric_limits<double>::quiet_NaN()), "0.0");
  EXPECT_EQ(elapsed(std::numeric_limits<double>::infinity()), "0.0");
}

TEST(JsonTest, LeaksAreSortedAsText) {
  Document document = ExampleDocument();
  document.files.begin()->second.leaks = {{9, {0.96, 1}}, {10, {0.97, 2}}};
  EXPECT_THAT(Rendered(document), HasSubstr(R"("leaks": {"10": {"likelihood": 0.97, "velocity_mb_s": 2.0}, "9": {)"));
}

TEST(JsonTest, WithoutOurAdditionsNothingOfOursIsWritten) {
  Document document = ExampleDocument();
  document.has_ext = false;
  document.files.begin()->second.source.clear();
  profile::Line& line = document.files.begin()->second.lines[0];
  line.samples = 0, line.ci95.reset(), line.waits.clear(), line.live_end_mb = 0;
  line.python_sec = line.native_sec = line.kernel_sec = line.idle_sec = 0;
  EXPECT_THAT(Rendered(document), Not(HasSubstr("\"ext\"")));
}

TEST(JsonTest, CountersThatCountedNothingAreLeftOut) {
  Document document = ExampleDocument();
  document.losses = {{"capture", {{"in_hook", 0}}}, {"transport", {{"record_too_big", 0}, {"ring_full", 3}}}};
  EXPECT_THAT(Rendered(document), HasSubstr(R"("losses": {"lost_percent": 0.2, "transport": {"ring_full": 3}},)"));
}

TEST(JsonTest, AdditionsOfARunWithoutDataAreSchemaAndExit) {
  Document document;
  document.has_ext = true;
  EXPECT_THAT(Rendered(document), HasSubstr("\"ext\": {\n        \"exit\": {},\n        \"schema\": 1\n    },"));
}

}  // namespace
}  // namespace scalene::render
