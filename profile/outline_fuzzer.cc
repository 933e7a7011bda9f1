// Feeds any bytes to the whole way from a source file to its outline, and asks every line and name afterwards.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "profile/outline.h"
#include "profile/source_encoding.h"
#include "profile/source_text.h"
#include "profile/utf8.h"

namespace {

void Require(bool condition) {
  if (!condition) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace scalene::profile;
  const std::string text = DecodeSource(std::string(reinterpret_cast<const char*>(data), size));
  Require(IsValidUtf8(text));
  const SourceText source = SourceText::FromText(text);
  const Outline outline = Outline::Of(source);

  size_t bytes = 0;
  for (int line = 1; line <= source.line_count(); ++line) {
    bytes += source.Line(line).size();
    const LineRegions regions = outline.RegionsOf(line);
    Require(regions.start_region <= line && line <= regions.end_region);
    Require(regions.start_outermost_loop <= line && line <= regions.end_outermost_loop);
    Require(regions.start_function == 0 || (regions.start_function <= line && line <= regions.end_function));
    const FunctionOutline* function = outline.FunctionAt(line);
    Require(!function || (function->first_line <= line && line <= function->last_line));
    outline.QualnameFor(line, "<lambda>");
  }
  Require(bytes == source.text().size());
  for (const FunctionOutline& function : outline.functions()) {
    Require(function.first_line <= function.def_line && function.def_line <= function.last_line);
    Require(!outline.Qualname(function).empty());
  }
  return 0;
}
