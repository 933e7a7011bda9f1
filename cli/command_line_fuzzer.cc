// Any words as a command line of `run`: one word per line of the input.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/run_options.h"
#include "cli/shebang.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace scalene::cli;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadShebang(text);
  Words words;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  Outcome<RunCommandLine> line = ReadRunCommandLine(RunOptionTable(), words);
  if (!line.ok()) return 0;
  size_t program_words = line->program.arguments.size() + line->program.interpreter_options.size();
  if (program_words > words.size()) __builtin_trap();  // a word came from nowhere
  return 0;
}
