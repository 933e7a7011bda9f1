// How allocations are chosen, in one place for the agent, which chooses, and the collector, which weighs.
//
//   A block of s bytes is sampled at window w with chance p(s, w) = 1 - e^(-s/w) and then stands for s / p bytes. Blocks of
//   half a window and more are always sampled: they are exact. Copies are chosen by the formula alone, whatever
//   their size.
//
// When the table of live samples is full, the window doubles. A sample stays when it would have been chosen at the larger
// window as well: each has a number that decides (made of its id), so both sides agree without a word about each block.
#pragma once

#include <cstdint>

namespace scalene::wire {

// From this size on a block is always sampled.
constexpr uint64_t AlwaysSampledBytes(uint64_t window) { return window < 2 ? 1 : window / 2; }

constexpr double SampleChance(uint64_t bytes, uint64_t window) {
  if (bytes >= AlwaysSampledBytes(window)) return 1;
  const double x = static_cast<double>(bytes) / static_cast<double>(window);  // below 1/2: the series is short
  double term = x, chance = 0;
  for (int n = 2; n <= 14; ++n) {
    chance += term;
    term *= -x / n;
  }
  return chance;
}

// Whether the sample `id`, taken at `window`, is one at `larger`, too.
constexpr bool StaysAt(uint64_t id, uint64_t bytes, uint64_t window, uint64_t larger) {
  uint64_t hash = id * 0x9e3779b97f4a7c15ull;
  hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9ull;
  hash = (hash ^ hash >> 27) * 0x94d049bb133111ebull;
  hash ^= hash >> 31;
  const double uniform = static_cast<double>(hash >> 11) * 0x1p-53;
  return uniform * SampleChance(bytes, window) < SampleChance(bytes, larger);
}

}  // namespace scalene::wire
