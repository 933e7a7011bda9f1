// The questions of `scalene doctor`. Each check really does on this machine what profiling will do, on itself or on a
// child of its own, in some ten milliseconds, and leaves nothing behind.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/interpreter.h"

namespace scalene::cli {

struct Finding {
  bool is_well = false;
  std::string text;    // what was found
  std::string remedy;  // what to do when it is not well
};

struct DoctorCheck {
  std::string_view name;
  Finding (*examine)(const Surroundings& surroundings);
  bool is_required = true;  // otherwise its absence does not make the machine unfit
};

std::span<const DoctorCheck> DoctorChecks();

// The checks that run a Python or touch the kernel, in files of their own.
Finding ExamineInterpreter(const Surroundings& surroundings);
Finding ExamineAgent(const Surroundings& surroundings);
Finding ExaminePreload(const Surroundings& surroundings);
Finding ExamineTimers(const Surroundings& surroundings);
Finding ExamineOutsideReading(const Surroundings& surroundings);
Finding ExamineProcFiles(const Surroundings& surroundings);
Finding ExamineSharedMemory(const Surroundings& surroundings);
Finding ExamineBrowser(const Surroundings& surroundings);

}  // namespace scalene::cli
