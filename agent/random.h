// Times between samples: random, so that they cannot run in step with the program. No libm in the target: logarithms come
// from a series, in the handler from a table made of it at compile time.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread (the state is the caller's).
#pragma once

#include <cstdint>

namespace scalene::agent {

namespace random_detail {

inline constexpr int kTableBits = 8;
inline constexpr int kTableSize = 1 << kTableBits;
inline constexpr double kLn2 = 0.69314718055994530942;

// ln(x) for x in [1, 2], by the series of 2 artanh((x - 1) / (x + 1)); the ratio is at most 1/3, so 15 terms are exact.
constexpr double LogSeries(double x) {
  const double ratio = (x - 1) / (x + 1);
  double term = ratio, sum = 0;
  for (int n = 1; n <= 29; n += 2) {
    sum += term / n;
    term *= ratio * ratio;
  }
  return 2 * sum;
}

struct LogTable {
  float value[kTableSize + 1];
  constexpr LogTable() : value{} {
    for (int i = 0; i <= kTableSize; ++i) value[i] = static_cast<float>(LogSeries(1 + double(i) / kTableSize));
  }
};
inline constexpr LogTable kLogTable;

}  // namespace random_detail

// xorshift64*: 2^64 - 1 states, any seed but 0.
inline uint64_t NextRandom(uint64_t* state) {
  uint64_t x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return x * 2685821657736338717ull;
}

// Spreads a small seed (a tid, a clock) over all bits; never 0.
inline uint64_t SeedFrom(uint64_t value) {
  value += 0x9e3779b97f4a7c15ull;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
  return (value ^ (value >> 31)) | 1;
}

// An exponentially distributed number with this mean; at most about 44 times the mean.
inline uint64_t ExponentialDraw(uint64_t* state, uint64_t mean) {
  using namespace random_detail;
  const uint64_t random = NextRandom(state) | 1;
  const int zeros = __builtin_clzll(random);
  const uint64_t mantissa = zeros == 63 ? 0 : random << (zeros + 1);  // the bits behind the leading one
  const auto index = static_cast<uint32_t>(mantissa >> (64 - kTableBits));
  const float fraction = static_cast<float>(mantissa << kTableBits >> 40) * (1.0f / (1 << 24));
  const float low = kLogTable.value[index], high = kLogTable.value[index + 1];
  const double minus_log = (zeros + 1) * kLn2 - (low + (high - low) * fraction);
  return static_cast<uint64_t>(minus_log * static_cast<double>(mean));
}

// Timers on CPU clocks fire with the kernel's tick only. So the choice is not when, but at which tick: each tick is taken
// with the same probability tick/interval, independently, whatever came before. Then every moment of CPU time has the same
// chance to be sampled, in threads shorter than a tick, too. (Exponential times rounded up to ticks would miss most of
// those: 3 ms threads at 10 ms and a 4 ms tick would be seen 11 % of the time instead of 30 %.)
class TickLottery {
 public:
  constexpr TickLottery() = default;
  TickLottery(uint64_t interval_ns, uint64_t tick_ns) : tick_ns_(tick_ns) {
    if (interval_ns <= tick_ns) return;  // every tick
    // Whole ticks in an exponential time are geometric; its mean is chosen so that none has probability tick/interval.
    const double chance = static_cast<double>(tick_ns) / static_cast<double>(interval_ns);
    mean_ns_ = static_cast<uint64_t>(static_cast<double>(tick_ns) / NaturalLog(1 / (1 - chance)));
  }
  // CPU time after which the timer has to expire to fire at the chosen tick.
  uint64_t Draw(uint64_t* state) const {
    const uint64_t ticks_to_skip = mean_ns_ == 0 ? 0 : ExponentialDraw(state, mean_ns_) / tick_ns_;
    return ticks_to_skip * tick_ns_ + 1;  // 0 would disarm
  }

 private:
  static double NaturalLog(double x) {  // x >= 1
    double log = 0;
    for (; x > 2; x /= 2) log += random_detail::kLn2;
    return log + random_detail::LogSeries(x);
  }
  uint64_t tick_ns_ = 1;
  uint64_t mean_ns_ = 0;
};

}  // namespace scalene::agent
