#include "profile/memory_counts.h"

#include <algorithm>

namespace scalene::profile {

void Holding::Add(double bytes, uint32_t peaks_so_far) {
  if (noted_ != peaks_so_far) {
    at_peak_ = live();
    noted_ = peaks_so_far;
  }
  live_ += bytes;
  most_ = std::max(most_, live_);
}

}  // namespace scalene::profile
