#include "cli/nearest.h"

#include <algorithm>

namespace scalene::cli {
namespace {

// Longer words are no slips of the finger; the bound keeps the table small for hostile input.
constexpr size_t kLongestWord = 256;

int AllowedDistance(size_t length) { return std::max<int>(length < 4 ? 1 : 2, static_cast<int>(length) / 3); }

}  // namespace

int EditDistance(std::string_view a, std::string_view b) {
  a = a.substr(0, kLongestWord);
  b = b.substr(0, kLongestWord);
  std::vector<int> two_above(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    two_above.swap(above);
    above.swap(row);
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      int replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string NearestName(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string* nearest = nullptr;
  int best = AllowedDistance(word.size()) + 1;
  for (const std::string& candidate : candidates) {
    bool is_beginning = word.size() >= 3 && candidate.starts_with(word);
    int distance = is_beginning ? 1 : EditDistance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  return nearest ? *nearest : "";
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates, std::string_view before) {
  std::string nearest = NearestName(word, candidates);
  if (nearest.empty()) return "";
  return "; did you mean '" + std::string(before) + nearest + "'?";
}

}  // namespace scalene::cli
