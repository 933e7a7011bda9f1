// Stands in for the recording and the view where the command line is tested without them.
#pragma once

#include <optional>

#include "cli/record.h"

namespace scalene::cli {

// What Record was last called with; reset it before a test.
extern std::optional<RecordingRequest> last_recording;

}  // namespace scalene::cli
