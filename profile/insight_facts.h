// What the rules of "what limits this program" look at: sums, the hottest places, and words to speak of them. Made once
// from a profile; the rules only compare.
// Threads: immutable after construction.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "profile/document.h"
#include "profile/insights.h"

namespace scalene::profile {

// A line, its file, and its share of the time.
struct LinePlace {
  const std::string* path = nullptr;
  const File* file = nullptr;
  const Line* line = nullptr;
  double share = 0;  // 0..1
};

// Lines that belong together: a loop.
struct Region {
  const std::string* path = nullptr;
  const File* file = nullptr;
  int first = 0, last = 0;
  double share = 0;
};

class InsightFacts {
 public:
  explicit InsightFacts(const Document& profile);

  const Document& document;
  double total_sec = 0;                                 // 100 %
  double python = 0, native = 0, kernel = 0, idle = 0;  // 0..1 of it
  double system = 0;                                    // kernel + idle
  double cpus = 0;                                      // that the program may use; 0 unknown
  double busy_cpus = 0;                                 // on average over the run; 0 unknown
  std::vector<LinePlace> hottest;                       // lines by time, at most 20
  std::vector<Region> loops;                            // outermost loops by time, at most 5

  // "app.py:12", with as much of the path as it takes to tell it from other files of that name.
  std::string Name(const std::string& path) const;
  std::string Name(const std::string& path, int first, int last = 0) const;
  // The name of the function around a line, "" outside any.
  static std::string FunctionOf(const File& file, const Line& line);
  // The lines with the most of something, most first.
  std::vector<LinePlace> Highest(double (*value)(const Line&), size_t count) const;
  // The lines that waited longest for a reason.
  std::vector<LinePlace> LongestWaits(const std::string& reason, size_t count) const;

 private:
  void AddLoops(const std::string& path, const File& file);
  std::unordered_map<std::string_view, int> files_of_name_;
};

// ---- Words ----

TextPart Code(std::string text);
TextPart Strong(std::string text);
TextPart Hot(std::string text);
TextPart Plain(std::string text);

std::string PercentWords(double share);            // 0.62 -> "62 %"
std::string SecondsWords(double seconds);          // "24.4 s", "120 ms", "2 min 5 s"
std::string MebibyteWords(double mebibytes);       // "212 MB", "1.15 GB"
std::string WaitWords(const std::string& reason);  // "page_fault" -> "page fault"

std::vector<Evidence> EvidenceOf(const std::vector<LinePlace>& places);

}  // namespace scalene::profile
