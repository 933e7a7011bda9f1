#include "advise/patch.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "profile/line_match.h"

namespace scalene::advise {
namespace {

using Lines = std::vector<std::string_view>;
constexpr int kContext = 3;

// Lines with their newline; the last may lack it.
Lines LinesOf(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::string_view WithoutEnd(std::string_view line) {
  while (!line.empty() && std::string_view(" \t\r\n").find(line.back()) != std::string_view::npos)
    line.remove_suffix(1);
  return line;
}

std::string_view IndentOf(std::string_view line) { return line.substr(0, line.find_first_not_of(" \t")); }

bool IsBlank(std::string_view line) { return WithoutEnd(line).empty(); }

// ---- Blocks of an answer ----

struct Block {
  std::string_view language, text;
};

// What stands between ``` lines.
std::vector<Block> FencedBlocks(std::string_view answer) {
  std::vector<Block> blocks;
  std::optional<Block> open;
  size_t start = 0;
  for (const std::string_view line : LinesOf(answer)) {
    const size_t at = static_cast<size_t>(line.data() - answer.data());
    std::string_view mark = WithoutEnd(line);
    mark.remove_prefix(std::min(IndentOf(mark).size(), mark.size()));
    if (!mark.starts_with("```")) continue;
    if (open) {
      open->text = answer.substr(start, at - start);
      blocks.push_back(*open);
      open.reset();
    } else {
      open = Block{mark.substr(3), {}};
      start = at + line.size();
    }
  }
  return blocks;
}

bool LooksLikeDiff(const Block& block) {
  return block.language == "diff" || block.language == "patch" || block.text.starts_with("@@") ||
         block.text.starts_with("--- ") || block.text.find("\n@@") != std::string_view::npos;
}

// ---- Hunks ----

struct Hunk {
  int line = 0;  // where it says it begins; 0: it does not say
  Lines before, now;
  std::vector<std::pair<char, std::string_view>> changes;  // mark, line
};

int FirstLineIn(std::string_view header) {  // "@@ -12,7 +12,9 @@"
  const size_t minus = header.find('-');
  int line = 0;
  if (minus != header.npos) std::from_chars(header.data() + minus + 1, header.data() + header.size(), line);
  return line;
}

std::string_view BaseName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

// "--- a/app/main.py\t2026…" -> "main.py"
std::string_view FileIn(std::string_view line) {
  std::string_view path = WithoutEnd(line.substr(4));
  return BaseName(path.substr(0, path.find('\t')));
}

void AddChange(char mark, std::string_view line, Hunk& hunk) {
  hunk.changes.emplace_back(mark, line);
  if (mark != '+') hunk.before.push_back(line);
  if (mark != '-') hunk.now.push_back(line);
}

// Blank lines at the end of a hunk are those before the next paragraph, or lost their blank on the way.
void DropTrailingBlanks(Hunk& hunk) {
  while (!hunk.changes.empty() && hunk.changes.back().first == ' ' && IsBlank(hunk.changes.back().second)) {
    hunk.changes.pop_back();
    hunk.before.pop_back();
    hunk.now.pop_back();
  }
}

Result<std::vector<Hunk>> HunksOf(std::string_view diff, std::string_view file_name) {
  std::vector<Hunk> hunks;
  for (const std::string_view line : LinesOf(diff)) {
    if (line.starts_with("+++ ") || line.starts_with("--- ")) {
      const std::string_view named = FileIn(line);
      if (named != BaseName(file_name) && line.starts_with("+++ ") && named.ends_with(".py"))
        return Status::Error("the diff is for another file, " + std::string(named));
      continue;
    }
    if (line.starts_with("@@")) {
      hunks.push_back({.line = FirstLineIn(line)});
    } else if (line.starts_with("diff ") || line.starts_with("index ") || line.starts_with('\\')) {
      continue;
    } else {
      const char mark = line.front();
      if (hunks.empty() && mark != '+' && mark != '-' && mark != ' ') continue;
      if (hunks.empty()) hunks.push_back({});
      if (mark == '+' || mark == '-' || mark == ' ') {
        AddChange(mark, line.substr(1), hunks.back());
      } else if (IsBlank(line)) {
        AddChange(' ', line, hunks.back());
      } else {
        return Status::Error("the diff holds a line that belongs to none: " + std::string(WithoutEnd(line)));
      }
    }
  }
  for (Hunk& hunk : hunks) DropTrailingBlanks(hunk);
  std::erase_if(hunks, [](const Hunk& hunk) { return hunk.changes.empty(); });
  return hunks;
}

// ---- Where a hunk fits ----

// How much deeper than in the hunk the file's lines stand, if by the same in all of them.
std::optional<std::string> ShiftAt(const Lines& file, size_t at, const Lines& wanted) {
  std::optional<std::string> shift;
  for (size_t i = 0; i < wanted.size(); i++) {
    const std::string_view have = WithoutEnd(file[at + i]), want = WithoutEnd(wanted[i]);
    if (want.empty() && have.empty()) continue;
    if (!have.ends_with(want) || want.empty()) return {};
    const std::string_view more = have.substr(0, have.size() - want.size());
    if (more.find_first_not_of(" \t") != more.npos || (shift && *shift != more)) return {};
    shift = more;
  }
  return shift.value_or("");
}

struct Fit {
  size_t at = 0;
  std::string shift;
};

// The place nearest to where the hunk says it is.
std::optional<Fit> FitOf(const Lines& file, const Lines& wanted, size_t near) {
  std::optional<Fit> best;
  size_t best_distance = 0;
  for (size_t at = 0; at + wanted.size() <= file.size(); at++) {
    const std::optional<std::string> shift = ShiftAt(file, at, wanted);
    const size_t distance = at > near ? at - near : near - at;
    if (!shift || (best && distance >= best_distance)) continue;
    best = {at, *shift};
    best_distance = distance;
  }
  return best;
}

struct Edit {
  size_t at = 0, count = 0;  // lines of the file that go
  std::string text;          // what comes in their place
};

// The file's own context lines stay as they are; only what is added is the hunk's.
Edit EditOf(const Lines& file, const Hunk& hunk, const Fit& fit) {
  Edit edit{fit.at, hunk.before.size(), {}};
  size_t old = fit.at;
  for (const auto& [mark, line] : hunk.changes) {
    if (mark == ' ') edit.text += file[old];
    if (mark != '+') old++;
    if (mark != '+') continue;
    if (!IsBlank(line)) edit.text += fit.shift;
    edit.text += IsBlank(line) ? std::string_view() : WithoutEnd(line);
    edit.text += '\n';
  }
  return edit;
}

Result<std::string> Edited(const Lines& file, std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.at < b.at; });
  std::string text;
  size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.at < at) return Status::Error("two parts of the diff change the same lines");
    for (; at < edit.at; at++) text += file[at];
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += edit.text;
    at += edit.count;
  }
  for (; at < file.size(); at++) text += file[at];
  return text;
}

Result<std::string> WithDiff(std::string_view text, Region region, std::string_view diff, std::string_view file_name) {
  const Result<std::vector<Hunk>> hunks = HunksOf(diff, file_name);
  if (!hunks.ok()) return hunks.status();
  const Lines file = LinesOf(text);
  std::vector<Edit> edits;
  for (const Hunk& hunk : hunks.value()) {
    if (hunk.before.empty()) return Status::Error("a part of the diff does not say where it belongs");
    // Numbers are believed where they point near the region; many models count from its first line.
    const int said = hunk.line >= region.start ? hunk.line : region.start;
    const std::optional<Fit> fit = FitOf(file, hunk.before, static_cast<size_t>(std::max(said, 1) - 1));
    if (!fit)
      return Status::Error("a part of the diff fits nowhere in the file; it begins with: " +
                           std::string(WithoutEnd(hunk.before.front())));
    edits.push_back(EditOf(file, hunk, *fit));
  }
  return Edited(file, std::move(edits));
}

// ---- A block of code in place of the region ----

std::string WithCode(std::string_view text, Region region, std::string_view code) {
  const Lines file = LinesOf(text), lines = LinesOf(code);
  const size_t first = static_cast<size_t>(std::max(region.start, 1) - 1);
  const size_t count = static_cast<size_t>(std::max(region.end - region.start + 1, 0));
  const auto begins = std::find_if(lines.begin(), lines.end(), [](auto line) { return !IsBlank(line); });
  const std::string_view own = begins == lines.end() ? std::string_view() : IndentOf(*begins);
  const std::string_view wanted = first < file.size() ? IndentOf(file[first]) : std::string_view();
  Edit edit{first, std::min(count, file.size() - std::min(first, file.size())), {}};
  for (std::string_view line : lines) {
    if (!IsBlank(line)) edit.text += wanted;
    if (line.starts_with(own)) line.remove_prefix(own.size());
    edit.text += std::string(WithoutEnd(line)) + "\n";
  }
  return Edited(file, {edit}).value();
}

// ---- Diffs ----

struct Change {
  char mark;
  std::string_view line;
  size_t old_line, new_line;  // of the next line of each, 0-based, before this one
};

std::vector<Change> ChangesOf(const Lines& before, const Lines& now) {
  const std::vector<int> match = profile::MatchLines(before, now);
  std::vector<Change> changes;
  size_t at = 0;
  for (size_t i = 0; i < before.size(); i++) {
    if (match[i] == profile::kNoMatch) {
      changes.push_back({'-', before[i], i, at});
      continue;
    }
    for (; at < static_cast<size_t>(match[i]); at++) changes.push_back({'+', now[at], i, at});
    changes.push_back({' ', before[i], i, at++});
  }
  for (; at < now.size(); at++) changes.push_back({'+', now[at], before.size(), at});
  return changes;
}

std::string Range(size_t first, size_t count) {
  return std::to_string(count == 0 ? first : first + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

void AddHunk(const std::vector<Change>& changes, size_t from, size_t to, std::string& out) {
  size_t old_count = 0, new_count = 0;
  for (size_t i = from; i < to; i++) {
    old_count += changes[i].mark != '+';
    new_count += changes[i].mark != '-';
  }
  out += "@@ -" + Range(changes[from].old_line, old_count) + " +" + Range(changes[from].new_line, new_count) + " @@\n";
  for (size_t i = from; i < to; i++) {
    out += changes[i].mark;
    out += changes[i].line;
    if (!changes[i].line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
  }
}

}  // namespace

Result<std::string> Proposed(std::string_view text, Region region, std::string_view answer,
                             std::string_view file_name) {
  const std::vector<Block> blocks = FencedBlocks(answer);
  std::string diff;
  for (const Block& block : blocks) {
    if (LooksLikeDiff(block)) diff += block.text;
  }
  if (diff.empty()) {
    if (const size_t start = answer.find("--- "); blocks.empty() && start != answer.npos) diff = answer.substr(start);
    if (const size_t start = answer.find("@@ "); blocks.empty() && diff.empty() && start != answer.npos)
      diff = answer.substr(start);
  }
  if (diff.empty() && blocks.size() != 1) return Status::Error("the answer holds no diff");
  const Result<std::string> proposed = diff.empty() ? Result<std::string>(WithCode(text, region, blocks[0].text))
                                                    : WithDiff(text, region, diff, file_name);
  if (proposed.ok() && proposed.value() == text) return Status::Error("the answer changes nothing");
  return proposed;
}

std::string UnifiedDiff(std::string_view before, std::string_view now, std::string_view file_name) {
  const Lines old_lines = LinesOf(before), new_lines = LinesOf(now);
  const std::vector<Change> changes = ChangesOf(old_lines, new_lines);
  std::string out;
  for (size_t i = 0; i < changes.size(); i++) {
    if (changes[i].mark == ' ') continue;
    const size_t from = i - std::min<size_t>(i, kContext);
    size_t last = i;
    for (size_t k = i; k < changes.size() && k <= last + 2 * kContext; k++) {
      if (changes[k].mark != ' ') last = k;
    }
    const size_t to = std::min(last + 1 + kContext, changes.size());
    AddHunk(changes, from, to, out);
    i = to - 1;
  }
  if (out.empty()) return out;
  const std::string name(file_name);
  return "--- a/" + name + "\n+++ b/" + name + "\n" + out;
}

}  // namespace scalene::advise
