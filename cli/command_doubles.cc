#include "cli/command_doubles.h"

#include "cli/commands.h"

namespace scalene::cli {

std::optional<RecordingRequest> last_recording;

int Record(const RecordingRequest& request) {
  last_recording = request;
  return 0;
}

int RunView(const Words&) { return 0; }
OptionTable ViewOptionTable() { return {}; }
std::string ViewCommandHelp(bool) { return ""; }

int RunAdvise(const Words&) { return 0; }
OptionTable AdviseOptionTable() { return {}; }
std::string AdviseCommandHelp(bool) { return ""; }

}  // namespace scalene::cli
