// The prompt for a proposal: what the page writes, too (web/src/model/prompt.ts), so that both ask the same. A number
// that is not known is left out.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "profile/document.h"

namespace scalene::advise {

// Lines of a file, 1-based and inclusive.
struct Region {
  int start = 0, end = 0;
};
enum class RegionKind : uint8_t { kLine, kLoop, kFunction };
enum class Goal : uint8_t { kSpeed, kMemory };

std::optional<RegionKind> ParseRegionKind(std::string_view word);  // line, loop, function
std::optional<Goal> ParseGoal(std::string_view word);              // speed, memory

// The line alone; the narrowest loop or function around it; the function around it.
Region RegionAround(const profile::File& file, int line, RegionKind kind);

struct PromptRequest {
  std::string path;  // a file of the document
  Region region;
  Goal goal = Goal::kSpeed;
  bool gpu = false;
};

std::string WritePrompt(const profile::Document& document, const PromptRequest& request);

// The shortest tail of the path that no other file of the document shares: "app/main.py".
std::string ShortName(const profile::Document& document, const std::string& path);

}  // namespace scalene::advise
