// Stacks read from outside while their thread hardly ever stands still: of those that the proof accepts (the same blocked
// call and the same schedstat before and after), none may be torn or impossible.
//
//   SCALENE_STRESS_READS=1000000 build/release/tests/waiting_stress_test      so many accepted reads; by default a few
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/cpython/interpreters_for_testing.h"
#include "collector/remote_interpreter.h"
#include "collector/thread_probe.h"

namespace scalene::collector {
namespace {

constexpr int kLevels = 12;
constexpr int kLinesPerLevel = 4;

// level0 calls level1 calls …; the one at which `depth` is reached sleeps for 50 us. So every stack is known.
//   1 + 4k   def levelK(depth):
//   2 + 4k       if depth == K:
//   3 + 4k           return sleep(0.00005)
//   4 + 4k       return levelK+1(depth)
std::string Program() {
  std::string text;
  for (int level = 0; level < kLevels; ++level) {
    const std::string name = std::to_string(level), next = std::to_string(level + 1);
    text += "def level" + name + "(depth):\n    if depth == " + name + ":\n        return sleep(0.00005)\n" +
            "    return level" + next + "(depth)\n";
  }
  text +=
      "import ctypes, os\nfrom time import sleep\n"
      "runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, '_PyRuntime'))\n"
      "print(os.getpid(), runtime, flush=True)\n"
      "while True:\n    for depth in range(" +
      std::to_string(kLevels) + "):\n        level0(depth)\n";
  return text;
}

// A Python that runs the program; ended when this goes.
class Target {
 public:
  explicit Target(const cpython::TestInterpreter& interpreter) {
    path_ = std::filesystem::temp_directory_path() / ("scalene_stress_" + std::to_string(getpid()) + ".py");
    std::ofstream(path_) << Program();
    output_ = popen(("exec '" + interpreter.path + "' -I -S '" + path_.string() + "'").c_str(), "r");
    unsigned long long runtime = 0;
    if (output_ != nullptr && std::fscanf(output_, "%d %llu", &pid, &runtime) != 2) pid = 0;
    start.runtime_address = runtime;
    start.minor = static_cast<decltype(start.minor)>(interpreter.minor);
    start.free_threaded = interpreter.free_threaded;
  }
  ~Target() {
    if (pid > 0) kill(pid, SIGKILL);
    if (output_ != nullptr) pclose(output_);
    std::filesystem::remove(path_);
  }

  pid_t pid = 0;
  wire::ProcessStartRecord start{};

 private:
  std::filesystem::path path_;
  FILE* output_ = nullptr;
};

struct Tally {
  long accepted = 0, moved = 0, refused = 0;  // moved: the proof failed; refused: the walk itself found it torn
  long impossible = 0, impossible_moved = 0;  // of those accepted; of those the proof kept out
  std::string first_impossible;
};

class Reader {
 public:
  explicit Reader(const Target& target)
      : pid_(target.pid),
        probe_(target.pid, target.pid),
        codes_(target.pid, target.start.minor),
        interpreter_(RemoteInterpreter::Open(target.pid, target.start)) {}

  bool ready() {
    if (!interpreter_) return false;
    tstate_ = interpreter_->ThreadStates()[pid_];
    return tstate_ != 0;
  }

  void Read(Tally& tally) {
    const auto before = probe_.ReadSchedStat();
    const BlockedCall call = probe_.ReadCall();
    if (call.state != BlockedCall::State::kBlocked) return;
    const bool walked = interpreter_->ReadFrames(pid_, tstate_, codes_, frames_);
    const bool stood_still = probe_.ReadCall() == call && probe_.ReadSchedStat() == before;
    if (!stood_still) {
      ++tally.moved;
      tally.impossible_moved += !walked || !Impossible(call).empty();
    } else if (!walked) {
      ++tally.refused;
    } else {
      ++tally.accepted;
      if (const std::string wrong = Impossible(call); !wrong.empty() && tally.impossible++ == 0)
        tally.first_impossible = wrong;
    }
  }

 private:
  // "" for a stack that the program can have; otherwise the stack.
  std::string Impossible(const BlockedCall& call) {
    std::string text;
    bool right = !frames_.empty();
    const int leaf = static_cast<int>(frames_.size()) - 2;  // the number of the innermost level
    for (size_t i = 0; i < frames_.size(); ++i) {
      CodeObject* code = codes_.Find(frames_[i].code, frames_[i].fingerprint);
      const int line = code == nullptr ? -1 : code->LineAt(frames_[i].offset);
      const std::string name = code == nullptr ? "?" : code->name;
      text += name + ":" + std::to_string(line) + " ";
      right &= i + 1 == frames_.size() ? name == "<module>" : IsLevel(leaf - static_cast<int>(i), name, line, i, call);
    }
    return right ? "" : text;
  }

  static bool IsLevel(int level, const std::string& name, int line, size_t depth, const BlockedCall& call) {
    if (name != "level" + std::to_string(level)) return false;
    const int first = 1 + kLinesPerLevel * level;
    if (depth > 0) return line == first + 3;
    if (call.number >= 0) return line == first + 2;  // in no call it may stand anywhere: a page is missing
    return line >= first && line < first + kLinesPerLevel;
  }

  const pid_t pid_;
  ThreadProbe probe_;
  CodeObjects codes_;
  std::unique_ptr<RemoteInterpreter> interpreter_;
  uint64_t tstate_ = 0;
  std::vector<wire::FrameEntry> frames_;
};

// At other moments of the sleep each time.
void Pause(uint32_t& random) {
  random = random * 1103515245 + 12345;
  const timespec time{0, static_cast<long>(10'000 + (random >> 8) % 60'000)};
  nanosleep(&time, nullptr);
}

TEST(WaitingStressTest, NoStackThatIsAcceptedIsTornOrImpossible) {
  const char* wanted = std::getenv("SCALENE_STRESS_READS");
  const long reads = wanted == nullptr ? 0 : std::atol(wanted);
  ASSERT_FALSE(cpython::FindInterpreters().empty());
  for (const cpython::TestInterpreter& python : cpython::FindInterpreters()) {
    Target target(python);
    ASSERT_NE(target.pid, 0) << python.path;
    Reader reader(target);
    ASSERT_TRUE(reader.ready()) << python.path;
    Tally tally;
    uint32_t random = 1;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(400);
    while (reads > 0 ? tally.accepted < reads : std::chrono::steady_clock::now() < end) {
      reader.Read(tally);
      Pause(random);
    }
    std::printf("%-8s %ld accepted: %ld impossible; %ld moved meanwhile: %ld impossible; %ld refused by the walk\n",
                python.version.c_str(), tally.accepted, tally.impossible, tally.moved, tally.impossible_moved,
                tally.refused);
    EXPECT_GT(tally.accepted, 0) << python.path;
    EXPECT_EQ(tally.impossible, 0) << python.path << ": " << tally.first_impossible;
  }
}

}  // namespace
}  // namespace scalene::collector
