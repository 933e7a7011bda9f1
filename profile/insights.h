// "What limits this program": sentences computed from the numbers, each with the lines that prove it. The page, the terminal
// view and Markdown open with them. A rule looks at the facts of a profile and says something or nothing; the list of rules
// is at the end of insights.cc, the rules are in insight_rules_*.cc.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profile/document.h"

namespace scalene::profile {

enum class TextStyle : uint8_t { kPlain, kStrong, kCode, kHot };

struct TextPart {
  std::string text;
  TextStyle style = TextStyle::kPlain;
};
using Sentence = std::vector<TextPart>;

// Lines `line` to `end` of a file; a single one where end is 0.
struct Evidence {
  std::string path;
  int line = 0, end = 0;
  std::string function;
};

struct Insight {
  std::string_view rule;   // stable name: "python-bound"
  std::string_view color;  // of the palette, see metric_display.h
  std::string title;       // "Python-bound, on one core."
  Sentence text;
  std::string value;  // the number that matters: "62 %", "1.15 GB"
  double share = 0;   // 0..1 of the time, 0 where it is about something else
  std::vector<Evidence> evidence;
};

// Why a hot line is hot.
struct Reason {
  std::string path;
  int line = 0;
  Sentence text;
};

struct Insights {
  Sentence headline;
  std::vector<Insight> all;  // most important first
  std::vector<Reason> reasons;
};

Insights FindInsights(const Document& document);

// Without styles.
std::string PlainText(const Sentence& sentence);

}  // namespace scalene::profile
