#include "collector/notices.h"

#include <algorithm>
#include <cstring>

namespace scalene::collector {
namespace {

std::string VersionText(uint32_t hex) {
  return std::to_string(hex >> 24) + "." + std::to_string(hex >> 16 & 0xff) + "." + std::to_string(hex >> 8 & 0xff);
}

}  // namespace

std::string SentenceFor(const wire::NoticeRecord& notice, pid_t pid) {
  const std::string process = "process " + std::to_string(pid);
  switch (notice.notice) {
    case wire::Notice::kUnknownVersion:
      return process + " ran unprofiled: Python " + VersionText(static_cast<uint32_t>(notice.detail)) +
             " is not known; releases of 3.8 to 3.15 are.";
    case wire::Notice::kLayoutMismatch:
      return process + " ran unprofiled: its interpreter's structures are not where they should be (check " +
             std::to_string(notice.detail) + "); is it a patched build?";
    case wire::Notice::kNoTimer:
      return "some threads of " + process + " could not be sampled: no timer (" + std::strerror(notice.detail) +
             "); raise `ulimit -i`.";
    case wire::Notice::kSeccomp:
      return process + " was profiled until it installed a system call filter.";
    case wire::Notice::kSignalTaken:
      return notice.detail == 0 ? process + " took every real-time signal; it was profiled until then." : "";
    case wire::Notice::kThreadTableFull:
      return process + " had more than " + std::to_string(notice.detail) +
             " threads at one time; the others were not sampled.";
    case wire::Notice::kSanitizer:
      return "memory of " + process + " was not measured: AddressSanitizer is in charge of it.";
  }
  return "";
}

void AddWarning(std::string sentence, std::vector<std::string>& warnings) {
  constexpr size_t kMost = 20;
  if (sentence.empty() || warnings.size() >= kMost) return;
  if (std::find(warnings.begin(), warnings.end(), sentence) == warnings.end()) warnings.push_back(std::move(sentence));
}

}  // namespace scalene::collector
