#include "profile/line_match.h"

#include <algorithm>
#include <unordered_map>

namespace scalene::profile {
namespace {

using Lines = std::vector<std::string_view>;

// Half-open ranges of both texts that are still to be matched.
struct Gap {
  size_t before_begin, before_end, now_begin, now_end;
};

struct Anchor {
  size_t before, now;
};

class Matcher {
 public:
  Matcher(const Lines& before, const Lines& now) : before_(before), now_(now), result_(before.size(), kNoMatch) {}

  std::vector<int> Run() {
    open_.push_back({0, before_.size(), 0, now_.size()});
    while (!open_.empty()) {
      Gap gap = open_.back();
      open_.pop_back();
      TrimEnds(gap);
      if (gap.before_begin < gap.before_end && gap.now_begin < gap.now_end) Split(gap);
    }
    return std::move(result_);
  }

 private:
  void Match(size_t before, size_t now) { result_[before] = static_cast<int>(now); }

  void TrimEnds(Gap& gap) {
    while (gap.before_begin < gap.before_end && gap.now_begin < gap.now_end &&
           before_[gap.before_begin] == now_[gap.now_begin]) {
      Match(gap.before_begin++, gap.now_begin++);
    }
    while (gap.before_begin < gap.before_end && gap.now_begin < gap.now_end &&
           before_[gap.before_end - 1] == now_[gap.now_end - 1]) {
      Match(--gap.before_end, --gap.now_end);
    }
  }

  // Lines that occur once in both ranges, in the order of the older text.
  std::vector<Anchor> UniquePairs(const Gap& gap) const {
    struct Count {
      int before = 0, now = 0;
      size_t place = 0;
    };
    std::unordered_map<std::string_view, Count> counts;
    for (size_t i = gap.now_begin; i < gap.now_end; i++) {
      Count& count = counts[now_[i]];
      count.now++;
      count.place = i;
    }
    for (size_t i = gap.before_begin; i < gap.before_end; i++) counts[before_[i]].before++;
    std::vector<Anchor> pairs;
    for (size_t i = gap.before_begin; i < gap.before_end; i++) {
      const Count& count = counts[before_[i]];
      if (count.before == 1 && count.now == 1) pairs.push_back({i, count.place});
    }
    return pairs;
  }

  // The longest part of them that keeps its order in the newer text, too.
  static std::vector<Anchor> LongestRising(const std::vector<Anchor>& pairs) {
    std::vector<size_t> ends;  // by length: the pair with the smallest place that ends such a chain
    std::vector<size_t> previous(pairs.size());
    for (size_t i = 0; i < pairs.size(); i++) {
      const auto place = std::lower_bound(ends.begin(), ends.end(), pairs[i].now,
                                          [&](size_t end, size_t now) { return pairs[end].now < now; });
      previous[i] = place == ends.begin() ? i : *(place - 1);
      if (place == ends.end()) {
        ends.push_back(i);
      } else {
        *place = i;
      }
    }
    std::vector<Anchor> chain;
    for (size_t i = ends.empty() ? 0 : ends.back(), left = ends.size(); left > 0; left--, i = previous[i])
      chain.push_back(pairs[i]);
    std::reverse(chain.begin(), chain.end());
    return chain;
  }

  void Split(const Gap& gap) {
    size_t before = gap.before_begin, now = gap.now_begin;
    const std::vector<Anchor> anchors = LongestRising(UniquePairs(gap));
    if (anchors.empty()) return;
    for (const Anchor& anchor : anchors) {
      open_.push_back({before, anchor.before, now, anchor.now});
      Match(anchor.before, anchor.now);
      before = anchor.before + 1;
      now = anchor.now + 1;
    }
    open_.push_back({before, gap.before_end, now, gap.now_end});
  }

  const Lines& before_;
  const Lines& now_;
  std::vector<int> result_;
  std::vector<Gap> open_;
};

}  // namespace

std::vector<int> MatchLines(const Lines& before, const Lines& now) { return Matcher(before, now).Run(); }

}  // namespace scalene::profile
