// The step from the command line to the recording.
#pragma once

#include <optional>
#include <string>

#include "cli/output_path.h"
#include "cli/program.h"
#include "cli/run_options.h"

namespace scalene::cli {

// What `run` has settled and checked. Nothing here is looked up again later.
struct RecordingRequest {
  RunOptions options;
  LaunchPlan plan;
  OutputPath output;
  std::optional<OutputPath> capture;  // --capture
};

// Starts the program of the plan, records it, writes the profile and says where it is. Returns the exit status of
// `scalene run`, which is the program's; when a signal ended the program, ends this process by the same signal.
// Before that, when options.show_in_terminal, calls ShowInTerminal with the written profile.
// Troubles of our own before the program runs are printed here too (125, 126, 127).
int Record(const RecordingRequest& request);

// `scalene view --cli PROFILE`, for --cli.
void ShowInTerminal(const std::string& profile_path);

}  // namespace scalene::cli
