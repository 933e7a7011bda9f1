#include "collector/launcher.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "collector/signal_relay.h"
#include "profile/temporary_tree.h"

namespace scalene::collector {
namespace {

using testing::ElementsAre;

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> SplitAtZeros(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t start = 0; start < text.size(); start = text.find('\0', start) + 1)
    parts.emplace_back(text.c_str() + start);
  return parts;
}

// "SigBlk:	0000000000000000"
std::string LineStartingWith(const std::string& text, const std::string& start) {
  const size_t from = text.find("\n" + start);
  return from == std::string::npos ? "" : text.substr(from + 1, text.find('\n', from + 1) - from - 1);
}

// A library that every program here can load, in place of the agent: libc, by a function that no sanitizer puts its own
// in place of.
std::string SomeLibrary() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&gnu_get_libc_version), &info);
  return info.dli_fname;
}

// The programs are `cp`, which writes down what the kernel says about itself.
class LauncherTest : public testing::Test {
 protected:
  // Once for all suites: what a second opening would find is the first one's doing.
  static void SetUpTestSuite() {
    if (!status_at_start_.empty()) return;
    status_at_start_ = Content("/proc/self/status");
    static auto relay = SignalRelay::Open();
    ASSERT_TRUE(relay.ok()) << relay.message();
  }
  void SetUp() override { environment_at_start_ = environ; }
  void TearDown() override { environ = environment_at_start_; }

  void UseEnvironment(std::vector<std::string> variables) {
    variables_ = std::move(variables);
    pointers_.clear();
    for (std::string& variable : variables_) pointers_.push_back(variable.data());
    pointers_.push_back(nullptr);
    environ = pointers_.data();
  }
  LaunchRequest Copying(const std::string& file) const {
    return {.executable = "/bin/cp",
            .argv = {"cp", file, tree_.Path("copy")},
            .environment_changes = {},
            .agent_path = agent_,
            .collector_address = "name:1:2:3"};
  }
  // What the program saw in that file of /proc/self.
  std::string Seen(const LaunchRequest& request) {
    const Launched launched = Launch(request);
    EXPECT_EQ(launched.error, 0);
    int status = -1;
    EXPECT_EQ(waitpid(launched.pid, &status, 0), launched.pid);
    EXPECT_EQ(status, 0);
    return Content(tree_.Path("copy"));
  }
  std::vector<std::string> SeenEnvironment() { return SplitAtZeros(Seen(Copying("/proc/self/environ"))); }
  // Nothing was started, and nothing is left to wait for.
  static int ErrorOf(const LaunchRequest& request) {
    const Launched launched = Launch(request);
    EXPECT_EQ(launched.pid, 0);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
    return launched.error;
  }

  static std::string status_at_start_;
  profile::TemporaryTree tree_;
  const std::string agent_ = SomeLibrary();

 private:
  char** environment_at_start_ = nullptr;
  std::vector<std::string> variables_;
  std::vector<char*> pointers_;
};
std::string LauncherTest::status_at_start_;

TEST_F(LauncherTest, PassesTheEnvironmentInOrderWithTheAgentInIt) {
  UseEnvironment({"ZEBRA=1", "EMPTY=", "APE=a=b"});
  EXPECT_THAT(SeenEnvironment(),
              ElementsAre("ZEBRA=1", "EMPTY=", "APE=a=b", "LD_PRELOAD=" + agent_, "SCALENE_COLLECTOR=name:1:2:3"));
}

TEST_F(LauncherTest, KeepsTheUsersPreloadBehindTheAgent) {
  UseEnvironment({"ZEBRA=1", "LD_PRELOAD=libm.so.6", "APE=2"});
  EXPECT_THAT(SeenEnvironment(),
              ElementsAre("ZEBRA=1", "LD_PRELOAD=" + agent_ + ":libm.so.6", "APE=2", "SCALENE_COLLECTOR=name:1:2:3"));
}

TEST_F(LauncherTest, PutsTheAgentBehindAPreloadedSanitizer) {
  UseEnvironment({"LD_PRELOAD=/lib/libasan.so.8:libm.so.6"});
  EXPECT_THAT(SeenEnvironment(),
              ElementsAre("LD_PRELOAD=/lib/libasan.so.8:libm.so.6:" + agent_, "SCALENE_COLLECTOR=name:1:2:3"));
}

TEST_F(LauncherTest, PutsTheSanitizerOfTheProgramInFrontOfAll) {
  UseEnvironment({"LD_PRELOAD=libm.so.6"});
  LaunchRequest request = Copying("/proc/self/environ");
  request.sanitizer = "libdl.so.2";  // stands for one; cp runs with it
  EXPECT_THAT(SplitAtZeros(Seen(request)),
              ElementsAre("LD_PRELOAD=libdl.so.2:" + agent_ + ":libm.so.6", "SCALENE_COLLECTOR=name:1:2:3"));
}

TEST_F(LauncherTest, TakesAnEmptyPreloadForNone) {
  UseEnvironment({"LD_PRELOAD=", "LD_PRELOADS=other"});
  EXPECT_THAT(SeenEnvironment(),
              ElementsAre("LD_PRELOAD=" + agent_, "LD_PRELOADS=other", "SCALENE_COLLECTOR=name:1:2:3"));
}

TEST_F(LauncherTest, ReplacesTheAddressOfAnOuterCollector) {
  UseEnvironment({"SCALENE_COLLECTOR=outer:1:2:3", "APE=2"});
  EXPECT_THAT(SeenEnvironment(), ElementsAre("SCALENE_COLLECTOR=name:1:2:3", "APE=2", "LD_PRELOAD=" + agent_));
}

TEST_F(LauncherTest, ChangesVariablesWhereTheyStand) {
  UseEnvironment({"FIRST=1", "GONE=1", "CHANGED=1", "LAST=1"});
  LaunchRequest request = Copying("/proc/self/environ");
  request.environment_changes = {{"CHANGED", "2"}, {"GONE", std::nullopt}, {"NEVER", std::nullopt}, {"NEW", "3"}};
  EXPECT_THAT(SplitAtZeros(Seen(request)), ElementsAre("FIRST=1", "CHANGED=2", "LAST=1", "NEW=3",
                                                       "LD_PRELOAD=" + agent_, "SCALENE_COLLECTOR=name:1:2:3"));
}

TEST_F(LauncherTest, PassesArgumentsAsTheyAre) {
  LaunchRequest request = Copying("/proc/self/cmdline");
  request.argv[0] = "a name of its own";
  EXPECT_THAT(SplitAtZeros(Seen(request)), ElementsAre("a name of its own", "/proc/self/cmdline", tree_.Path("copy")));
}

TEST_F(LauncherTest, GivesTheProgramTheSignalsThatWeFound) {
  const std::string seen = Seen(Copying("/proc/self/status"));
  for (const char* line : {"SigBlk:", "SigIgn:"}) {
    EXPECT_FALSE(LineStartingWith(seen, line).empty());
    EXPECT_EQ(LineStartingWith(seen, line), LineStartingWith(status_at_start_, line));
  }
  EXPECT_NE(LineStartingWith(Content("/proc/self/status"), "SigBlk:"), LineStartingWith(seen, "SigBlk:"));
}

TEST_F(LauncherTest, SaysWhyAProgramCouldNotBeStarted) {
  LaunchRequest request = Copying("/proc/self/environ");
  request.executable = tree_.Path("missing");
  EXPECT_EQ(ErrorOf(request), ENOENT);
  request.executable = tree_.File("not_executable", "#!/bin/sh\n");
  EXPECT_EQ(ErrorOf(request), EACCES);
  request.executable = tree_.File("file/in/the/way") + "/program";
  EXPECT_EQ(ErrorOf(request), ENOTDIR);
}

using EndLikeDeathTest = LauncherTest;

TEST_F(EndLikeDeathTest, ExitsWithTheProgramsStatus) {
  EXPECT_EXIT(EndLike({.status = 0, .signal = std::nullopt}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(EndLike({.status = 7, .signal = std::nullopt}), testing::ExitedWithCode(7), "");
}

TEST_F(EndLikeDeathTest, DiesOfTheProgramsSignal) {
  for (const int number : {SIGTERM, SIGINT, SIGKILL, SIGSEGV, SIGRTMAX}) {
    EXPECT_EXIT(EndLike({.status = std::nullopt, .signal = number}), testing::KilledBySignal(number), "");
  }
}

}  // namespace
}  // namespace scalene::collector
