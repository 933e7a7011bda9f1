// Configuration: the layers below and at the command line, put together into RunOptions.
//
//   built-in < $XDG_CONFIG_HOME/scalene/config.toml < nearest pyproject.toml [tool.scalene] < -c FILE < SCALENE_* < words
//
// Files are read only when they exist, and parsed only when they speak of us: start-up time is part of the product.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/option_spec.h"
#include "cli/run_options.h"

namespace scalene::cli {

// What the layers are read from. Tests make their own.
struct ConfigSources {
  std::string working_directory;
  std::string user_file;                 // may not exist
  std::string home;                      // for ~
  std::vector<std::string> environment;  // "NAME=value"
};
ConfigSources SourcesOfThisProcess();

struct LoadedOptions {
  RunOptions options;
  std::vector<std::string> warnings;  // sentences, in order
};

// The options in force. `given` are those of the command line, in order.
Outcome<LoadedOptions> LoadRunOptions(const std::vector<GivenOption>& given, const ConfigSources& sources);

}  // namespace scalene::cli
