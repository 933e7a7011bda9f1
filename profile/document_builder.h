// BuildDocument: the profile of a recorded run. Attributes sums to lines, functions and files by their source text, turns
// seconds into percentages, applies the thresholds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "profile/document.h"
#include "profile/recorded_run.h"
#include "profile/source_cache.h"

namespace scalene::profile {

// What the command line knows and the recording does not.
struct DocumentOptions {
  std::vector<std::string> args;
  std::string program, root, entrypoint_dir;
  double cpu_percent_threshold = 1;
  // Files are also reported from so much memory on: so many allocations when given, else 1 MiB.
  std::optional<double> malloc_threshold;
  bool leaks = true;
  bool stacks = true, async_profile = false;
  std::map<std::string, OptionValue> options;
  ExitStatus exit;
  std::string generator_version, generator_commit;
};

Document BuildDocument(const RecordedRun& run, const DocumentOptions& options, SourceCache& sources);

}  // namespace scalene::profile
