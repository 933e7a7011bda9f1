#include "profile/path_pattern.h"

#include "profile/code_point.h"
#include "profile/path_rules.h"

namespace scalene::profile {
namespace {

struct GlobToken {
  enum class Kind { kCharacter, kAny, kSet, kStar, kTwoStars, kDirectories };
  Kind kind = Kind::kCharacter;
  char32_t character = 0;
  bool negated = false;
  std::vector<std::pair<char32_t, char32_t>> ranges;
};

// "[a-z]" from behind the "["; false, and nothing consumed, if it never ends.
bool ReadSet(std::string_view glob, size_t& at, GlobToken& token) {
  size_t next = at;
  token.kind = GlobToken::Kind::kSet;
  if (next < glob.size() && (glob[next] == '!' || glob[next] == '^')) token.negated = true, ++next;
  for (bool first = true; next < glob.size(); first = false) {
    const char32_t low = NextCodePoint(glob, next);
    if (low == ']' && !first) {
      at = next;
      return true;
    }
    char32_t high = low;
    if (next + 1 < glob.size() && glob[next] == '-' && glob[next + 1] != ']') high = NextCodePoint(glob, ++next);
    token.ranges.emplace_back(low, high);
  }
  return false;
}

GlobToken ReadStars(std::string_view glob, size_t& at) {
  if (at == glob.size() || glob[at] != '*') return {.kind = GlobToken::Kind::kStar};
  const bool starts_component = at == 1 || glob[at - 2] == '/';
  while (at < glob.size() && glob[at] == '*') ++at;
  if (!starts_component || at == glob.size() || glob[at] != '/') return {.kind = GlobToken::Kind::kTwoStars};
  ++at;
  return {.kind = GlobToken::Kind::kDirectories};  // "**/": any number of directories, or none
}

std::vector<GlobToken> ReadGlob(std::string_view glob) {
  std::vector<GlobToken> tokens;
  for (size_t at = 0; at < glob.size();) {
    const char32_t c = NextCodePoint(glob, at);
    GlobToken token{.character = c};
    if (c == '*') token = ReadStars(glob, at);
    if (c == '?') token.kind = GlobToken::Kind::kAny;
    if (c == '[') {
      GlobToken set;
      if (ReadSet(glob, at, set)) token = set;
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

bool MayRepeat(const GlobToken& token) {
  return token.kind == GlobToken::Kind::kStar || token.kind == GlobToken::Kind::kTwoStars ||
         token.kind == GlobToken::Kind::kDirectories;
}

bool Takes(const GlobToken& token, char32_t c) {
  switch (token.kind) {
    case GlobToken::Kind::kCharacter:
      return c == token.character;
    case GlobToken::Kind::kAny:
    case GlobToken::Kind::kStar:
      return c != '/';
    case GlobToken::Kind::kTwoStars:
    case GlobToken::Kind::kDirectories:
      return true;
    case GlobToken::Kind::kSet:
      break;
  }
  if (c == '/') return false;
  bool found = false;
  for (const auto& [low, high] : token.ranges) found = found || (low <= c && c <= high);
  return found != token.negated;
}

// Runs all ways to match at once, so that no pattern takes longer than its length times the path's.
class GlobMatcher {
 public:
  explicit GlobMatcher(std::string_view glob) : tokens_(ReadGlob(glob)), active_(tokens_.size() + 1) {}

  bool Matches(std::string_view path, bool from_start) {
    for (size_t at = 0; true;) {
      const bool boundary = at == 0 || path[at - 1] == '/';
      if (at == 0 || (boundary && !from_start)) active_[0] = true;
      SkipWhatMayBeEmpty(boundary);
      const bool component_ends = at == path.size() || path[at] == '/';
      if (component_ends && at > 0 && active_.back()) return true;
      if (at == path.size()) return false;
      Take(NextCodePoint(path, at));
    }
  }

 private:
  void SkipWhatMayBeEmpty(bool boundary) {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const bool skippable = MayRepeat(tokens_[i]) && (boundary || tokens_[i].kind != GlobToken::Kind::kDirectories);
      if (active_[i] && skippable) active_[i + 1] = true;
    }
  }

  void Take(char32_t c) {
    std::vector<bool> next(active_.size());
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (!active_[i] || !Takes(tokens_[i], c)) continue;
      next[MayRepeat(tokens_[i]) ? i : i + 1] = true;
    }
    active_.swap(next);
  }

  std::vector<GlobToken> tokens_;
  std::vector<bool> active_;  // entry i: the path so far fits the tokens before i
};

bool IsBelowHome(std::string_view pattern) { return pattern == "~" || pattern.starts_with("~/"); }

bool IsRelativePlace(std::string_view pattern) {
  return pattern == "." || pattern == ".." || pattern.starts_with("./") || pattern.starts_with("../");
}

}  // namespace

PathPattern::PathPattern(std::string_view pattern, std::string_view home, std::string_view directory)
    : kind_(Kind::kSubstring), text_(pattern) {
  if (IsBelowHome(pattern)) text_ = std::string(home) + std::string(pattern.substr(1));
  if (pattern.find_first_of("*?[") != std::string_view::npos) {
    kind_ = Kind::kGlob;
    if (pattern.starts_with("./")) text_ = std::string(directory) + std::string(pattern.substr(1));
  } else if (text_.starts_with('/') || IsRelativePlace(text_)) {
    kind_ = Kind::kPlace;
    text_ = ResolvePath(text_, directory);
  }
}

bool PathPattern::Matches(std::string_view path, std::string_view tail) const {
  switch (kind_) {
    case Kind::kPlace:
      return IsIn(path, text_);
    case Kind::kGlob:
      return absolute() ? GlobMatches(text_, path, true) : GlobMatches(text_, tail, false);
    case Kind::kSubstring:
      return tail.find(text_) != std::string_view::npos;
  }
  return false;
}

bool GlobMatches(std::string_view glob, std::string_view path, bool from_start) {
  return GlobMatcher(glob).Matches(path, from_start);
}

std::vector<PathPattern> ParsePatterns(std::string_view list, std::string_view home, std::string_view directory) {
  std::vector<PathPattern> patterns;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    std::string_view pattern = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    const size_t first = pattern.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) continue;
    pattern = pattern.substr(first, pattern.find_last_not_of(" \t\n") - first + 1);
    patterns.emplace_back(pattern, home, directory);
  }
  return patterns;
}

}  // namespace scalene::profile
