#include "collector/gil_watch.h"

namespace scalene::collector {

void GilWatch::NoteWait(const profile::LineKey& waiter, pid_t holder, double sec, double time_sec) {
  moments_.At(time_sec, holder).waiters[waiter] += sec;
}

void GilWatch::NoteLook(pid_t holder, bool contended, double sec, double now_sec, profile::FoldedCounts& counts) {
  profile::GilCounts& gil = counts.gil();
  gil.looked_sec += sec;
  if (contended) gil.contended_sec += sec;
  if (holder == 0) return;
  gil.held_sec += sec;
  moments_.At(now_sec, holder).held_sec += sec;
}

void GilWatch::Settle(TargetProcess& process, double now_sec, SampleFolder& folder, profile::FoldedCounts& counts) {
  moments_.Settle(process, now_sec, true, folder,
                  [&](const HeldMoments::Moment& moment) { SettleMoment(moment, counts); });
}

void GilWatch::SettleMoment(const HeldMoments::Moment& moment, profile::FoldedCounts& counts) {
  if (!moment.hold) {
    ++unknown_;
    return;
  }
  profile::GilCounts& gil = counts.gil();
  gil.known_sec += moment.held_sec;
  if (moment.hold->native) gil.native_sec += moment.held_sec;
  for (const auto& [waiter, sec] : moment.waiters) {
    if (waiter.line > 0) counts.AddGilHolder(waiter, moment.hold->line, sec);
    gil.holders[moment.hold->line] += sec;
  }
}

}  // namespace scalene::collector
