// How many samples a process may take: a steady rate and a burst. Beyond it the window doubles, so that samples become
// rarer and each stands for more; when the budget has recovered it comes back. 2,000 samples a second at 4 us each are 0.8 %
// of a core, whatever the program does and whatever window was asked for.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace scalene::agent {

class SampleBudget {
 public:
  // By how many bits the window is shifted now.
  uint8_t shift() const { return shift_.load(std::memory_order_relaxed); }

  // A sample was taken. Threads may come in between each other; the rate is then off by as many samples.
  void Spend(uint64_t now_ns) {
    const uint64_t since = now_ns - last_ns_.exchange(now_ns, std::memory_order_relaxed);
    const int64_t earned = since > kBurst * kNsPerSample ? kBurst : static_cast<int64_t>(since / kNsPerSample);
    int64_t left = left_.load(std::memory_order_relaxed) + earned - 1;
    const uint8_t shift = shift_.load(std::memory_order_relaxed);
    if (left > kBurst) left = kBurst;
    if (left < 0 && shift < kMostShift) {
      shift_.store(static_cast<uint8_t>(shift + 1), std::memory_order_relaxed);
      left = kBurst / 4;  // time for the new window to take effect
    } else if (left == kBurst && shift > 0) {
      shift_.store(static_cast<uint8_t>(shift - 1), std::memory_order_relaxed);
      left = kBurst / 2;
    }
    left_.store(left, std::memory_order_relaxed);
  }

 private:
  static constexpr int64_t kBurst = 1000;  // 560 bytes each at 30 frames: half a ring
  static constexpr uint64_t kNsPerSample = 500'000;
  static constexpr uint8_t kMostShift = 30;
  std::atomic<uint64_t> last_ns_{0};
  std::atomic<int64_t> left_{kBurst};
  std::atomic<uint8_t> shift_{0};
};

}  // namespace scalene::agent
