// A tool for tests that are not C++: writes the sample profiles, checks and rewrites profiles, prints the schema.
//
//   profile_tool sample example|rich|empty FILE   ·   profile_tool rewrite IN OUT   ·   profile_tool check FILE
//   profile_tool view FILE WIDTH [reduced|wide|plain|markdown|color|truecolor ...]
//   profile_tool schema   ·   profile_tool large FILES LINES OUT   ·   profile_tool time FILE
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "profile/document_check.h"
#include "profile/profile_reader.h"
#include "render/json_schema.h"
#include "render/profile_file.h"
#include "render/sample_document.h"
#include "render/terminal.h"

namespace scalene::render {
namespace {

using Words = std::vector<std::string>;

int Fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 1;
}

int Write(const profile::Document& document, const std::string& path) {
  const Status written = WriteProfileFile(document, path);
  return written.ok() ? 0 : Fail(written.message());
}

int Sample(const std::string& which, const std::string& path) {
  if (which == "example") return Write(ExampleDocument(), path);
  if (which == "rich") return Write(RichDocument(), path);
  return Write({.has_ext = true}, path);
}

int Rewrite(const std::string& in, const std::string& out) {
  const auto document = profile::ReadProfileFile(in);
  return document.ok() ? Write(document.value(), out) : Fail(document.message());
}

int Check(const std::string& path) {
  const auto document = profile::ReadProfileFile(path);
  if (!document.ok()) return Fail(document.message());
  const auto findings = profile::CheckDocument(document.value());
  for (const std::string& finding : findings) Fail(finding);
  return findings.empty() ? 0 : 1;
}

int View(const Words& words) {
  const auto document = profile::ReadProfileFile(words[1]);
  if (!document.ok()) return Fail(document.message());
  TerminalOptions options;
  options.width = std::stoul(words[2]);
  for (const std::string& word : words) {
    if (word == "reduced") options.reduced = true;
    if (word == "wide") options.wide = true;
    if (word == "plain") options.ascii = true;
    if (word == "markdown") options.markdown = true;
    if (word == "color") options.depth = ColorDepth::kSixteen;
    if (word == "truecolor") options.depth = ColorDepth::kTrueColor, options.ground = Ground::kDark;
  }
  const auto text = RenderTerminal(document.value(), options);
  if (!text.ok()) return Fail(text.message());
  std::fputs(text.value().c_str(), stdout);
  return 0;
}

int Schema() {
  std::fputs(ProfileSchema().c_str(), stdout);
  return 0;
}

// Seconds to read `path` and to write it to /dev/null.
int Time(const std::string& path) {
  const auto now = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  const double start = now();
  const auto document = profile::ReadProfileFile(path);
  if (!document.ok()) return Fail(document.message());
  const double middle = now();
  if (const int failed = Write(document.value(), "/dev/null")) return failed;
  std::printf("read %.3f s, write %.3f s\n", middle - start, now() - middle);
  return 0;
}

int Run(const Words& words) {
  const auto is = [&](const char* verb, size_t count) { return words.size() == count && words[0] == verb; };
  if (is("sample", 3)) return Sample(words[1], words[2]);
  if (is("rewrite", 3)) return Rewrite(words[1], words[2]);
  if (is("check", 2)) return Check(words[1]);
  if (words.size() >= 3 && words[0] == "view") return View(words);
  if (is("schema", 1)) return Schema();
  if (is("large", 4)) return Write(LargeDocument(std::stoi(words[1]), std::stoi(words[2])), words[3]);
  if (is("time", 2)) return Time(words[1]);
  return Fail("unknown command");
}

}  // namespace
}  // namespace scalene::render

int main(int argc, char** argv) { return scalene::render::Run({argv + 1, argv + argc}); }
