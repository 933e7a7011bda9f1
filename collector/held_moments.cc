#include "collector/held_moments.h"

#include <cmath>

namespace scalene::collector {

HeldMoments::Moment& HeldMoments::At(double time_sec, pid_t holder) {
  size_t place = moments_.size();
  for (; place > 0 && moments_[place - 1].time_sec >= time_sec; --place) {
    Moment& moment = moments_[place - 1];
    if (moment.time_sec == time_sec && moment.holder == holder) return moment;
  }
  const auto made = moments_.emplace(moments_.begin() + static_cast<std::ptrdiff_t>(place));
  made->time_sec = time_sec;
  made->holder = holder;
  return *made;
}

void HeldMoments::NoteBlocked(double time_sec, const BlockedHold& hold) {
  for (auto moment = moments_.rbegin(); moment != moments_.rend() && moment->time_sec == time_sec; ++moment)
    moment->hold = hold(moment->holder);
}

void HeldMoments::Settle(TargetProcess& process, double now_sec, bool with_gil, SampleFolder& folder,
                         const std::function<void(const Moment&)>& take) {
  // Its own samples of so long, and those that still lie in the ring.
  while (!moments_.empty() && now_sec - moments_.front().time_sec > 2 * kReachSec) {
    Moment& moment = moments_.front();
    if (!moment.hold) moment.hold = process.NearestHold(moment.holder, moment.time_sec, with_gil, folder);
    if (moment.hold && std::abs(moment.hold->time_sec - moment.time_sec) > kReachSec) moment.hold.reset();
    take(moment);
    moments_.pop_front();
  }
}

}  // namespace scalene::collector
