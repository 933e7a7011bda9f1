#include "cli/live_page.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "cli/browser.h"
#include "cli/messages.h"

namespace scalene::cli {
namespace {

// In a session of its own, so that the terminal's signals for the program do not reach it; with the signals that the
// recording has blocked or ignored as they were.
int SpawnViewer(std::vector<std::string> words) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

void LivePage::Show(const std::string& profile_path) {
  if (started_) return;
  started_ = true;
  std::vector<std::string> words = {"scalene", "view"};
  if (BrowserCommands().empty()) words.push_back("--no-browser");
  words.insert(words.end(), {"--", profile_path});
  if (const int error = SpawnViewer(std::move(words)); error != 0)
    PrintWarning(std::string("the page of the run cannot be shown: ") + strerror(error));
}

}  // namespace scalene::cli
