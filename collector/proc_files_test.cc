#include "collector/proc_files.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace scalene::collector {
namespace {

TEST(ProcFilesTest, KnowsOurselves) {
  EXPECT_FALSE(CommandLineOf(getpid()).empty());
  EXPECT_GE(AgeSecOf(getpid()), 0);
  EXPECT_GT(ResidentBytesOf(getpid()), 0);
}

// Opening succeeds, and reading fails because the process has gone: whatever is asked, there is an answer.
TEST(ProcFilesTest, ProcessesMayEndWhileTheyAreAskedFor) {
  for (int i = 0; i < 300; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      for (;;) pause();
    }
    std::thread reaper([child] {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    });
    while (kill(child, 0) == 0) {
      CommandLineOf(child);
      AgeSecOf(child);
      HasPending(child, SIGTERM);
      MapsAgent(child);
    }
    reaper.join();
    EXPECT_TRUE(CommandLineOf(child).empty());
    EXPECT_EQ(AgeSecOf(child), 0);
  }
}

}  // namespace
}  // namespace scalene::collector
