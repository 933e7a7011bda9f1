// RecordedTime: how much of a process's CPU time and wall time fell into recording, which can be suspended and resumed.
//
//   begin ├──── recorded ────┤ off ├── recorded ──┤ off ├─ … now
//
// Threads: none.
#pragma once

#include <algorithm>
#include <cstdint>

namespace scalene::collector {

class RecordedTime {
 public:
  struct Moment {
    uint64_t time_ns = 0;  // CLOCK_MONOTONIC
    uint64_t cpu_ns = 0;   // the process's CPU clock
  };

  void Begin(Moment moment) { begin_ = since_ = moment; }
  void Switch(bool on, Moment moment) {
    if (on == on_) return;
    if (on) suspended_ = SuspendedUntil(moment);
    since_ = moment;
    on_ = on;
    was_off_ = true;
  }
  // It has been off from the begin.
  void BeginOff() { Switch(false, begin_); }

  bool on() const { return on_; }
  bool was_off() const { return was_off_; }
  uint64_t SuspendedNs(uint64_t now_ns) const { return SuspendedUntil({now_ns, 0}).time_ns; }
  uint64_t RecordedCpuNs(uint64_t cpu_ns) const {
    const uint64_t from_begin = cpu_ns - std::min(cpu_ns, begin_.cpu_ns);
    return from_begin - std::min(from_begin, SuspendedUntil({0, cpu_ns}).cpu_ns);
  }

 private:
  Moment SuspendedUntil(Moment moment) const {
    if (on_) return suspended_;
    return {suspended_.time_ns + moment.time_ns - std::min(moment.time_ns, since_.time_ns),
            suspended_.cpu_ns + moment.cpu_ns - std::min(moment.cpu_ns, since_.cpu_ns)};
  }

  Moment begin_;      // of the process's life in the recording
  Moment since_;      // when it was last switched
  Moment suspended_;  // in suspensions that are over
  bool on_ = true;
  bool was_off_ = false;
};

}  // namespace scalene::collector
