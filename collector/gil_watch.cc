#include "collector/gil_watch.h"

#include <algorithm>
#include <cmath>

namespace scalene::collector {

GilWatch::Moment& GilWatch::MomentOf(pid_t holder, double now_sec) {
  for (auto moment = moments_.rbegin(); moment != moments_.rend() && moment->time_sec == now_sec; ++moment) {
    if (moment->holder == holder) return *moment;
  }
  Moment& moment = moments_.emplace_back();
  moment.time_sec = now_sec;
  moment.holder = holder;
  return moment;
}

void GilWatch::NoteWait(const profile::LineKey& waiter, pid_t holder, double sec, double now_sec) {
  MomentOf(holder, now_sec).waiters[waiter] += sec;
}

void GilWatch::NoteLook(pid_t holder, bool contended, double sec, double now_sec, profile::FoldedCounts& counts) {
  profile::GilCounts& gil = counts.gil();
  gil.looked_sec += sec;
  if (contended) gil.contended_sec += sec;
  if (holder == 0) return;
  gil.held_sec += sec;
  MomentOf(holder, now_sec).held_sec += sec;
}

void GilWatch::NoteBlocked(double now_sec, const BlockedHold& hold) {
  for (auto moment = moments_.rbegin(); moment != moments_.rend() && moment->time_sec == now_sec; ++moment)
    moment->hold = hold(moment->holder);
}

void GilWatch::Settle(TargetProcess& process, double now_sec, SampleFolder& folder, profile::FoldedCounts& counts) {
  // Its own samples of so long, and those that still lie in the ring.
  while (!moments_.empty() && now_sec - moments_.front().time_sec > 2 * kReachSec) {
    Moment& moment = moments_.front();
    if (!moment.hold) moment.hold = process.NearestHold(moment.holder, moment.time_sec, folder);
    if (moment.hold && std::abs(moment.hold->time_sec - moment.time_sec) > kReachSec) moment.hold.reset();
    SettleMoment(moment, counts);
    moments_.pop_front();
  }
}

void GilWatch::SettleMoment(const Moment& moment, profile::FoldedCounts& counts) {
  if (!moment.hold) {
    ++unknown_;
    return;
  }
  if (moment.hold->native) counts.gil().native_sec += moment.held_sec;
  for (const auto& [waiter, sec] : moment.waiters) {
    if (waiter.line > 0) counts.AddGilHolder(waiter, moment.hold->line, sec);
    counts.gil().holders[moment.hold->line] += sec;
  }
}

}  // namespace scalene::collector
