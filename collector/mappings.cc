#include "collector/mappings.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>

namespace scalene::collector {
namespace {

// Takes the next blank-separated word off the front of `line`.
std::string_view TakeWord(std::string_view* line) {
  line->remove_prefix(std::min(line->find_first_not_of(' '), line->size()));
  const std::string_view word = line->substr(0, line->find(' '));
  line->remove_prefix(word.size());
  return word;
}

bool ParseNumber(std::string_view text, int base, uint64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// "a-b" or "a:b", both hexadecimal.
bool ParsePair(std::string_view text, char separator, uint64_t* first, uint64_t* second) {
  const size_t middle = text.find(separator);
  if (middle == std::string_view::npos) return false;
  return ParseNumber(text.substr(0, middle), 16, first) && ParseNumber(text.substr(middle + 1), 16, second);
}

bool TakeSuffix(std::string* text, std::string_view suffix) {
  if (text->size() < suffix.size() || text->compare(text->size() - suffix.size(), suffix.size(), suffix) != 0) {
    return false;
  }
  text->resize(text->size() - suffix.size());
  return true;
}

// The kernel writes a newline in a file name as \012, and nothing else specially.
std::string Unescape(std::string_view name) {
  static constexpr std::string_view kNewline = "\\012";
  std::string plain;
  for (size_t at; (at = name.find(kNewline)) != std::string_view::npos; name.remove_prefix(at + kNewline.size())) {
    plain += name.substr(0, at);
    plain += '\n';
  }
  plain += name;
  return plain;
}

void SetPath(std::string_view name, Mapping* mapping) {
  mapping->path = Unescape(name);
  if (name == "[vdso]" || name == "[vsyscall]") {
    mapping->kind = MappingKind::kVdso;
  } else if (!name.empty() && name.front() == '/') {
    mapping->kind = MappingKind::kFile;
    mapping->deleted = TakeSuffix(&mapping->path, " (deleted)");
  }
}

// start-end perms offset major:minor inode   path
std::optional<Mapping> ParseLine(std::string_view line) {
  Mapping mapping;
  if (!ParsePair(TakeWord(&line), '-', &mapping.start, &mapping.end) || mapping.start >= mapping.end) return {};
  const std::string_view permissions = TakeWord(&line);
  if (permissions.size() < 4 || permissions[2] != 'x') return {};
  uint64_t major_number, minor_number;
  if (!ParseNumber(TakeWord(&line), 16, &mapping.file_offset)) return {};
  if (!ParsePair(TakeWord(&line), ':', &major_number, &minor_number)) return {};
  if (!ParseNumber(TakeWord(&line), 10, &mapping.inode)) return {};
  mapping.device = makedev(major_number, minor_number);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  SetPath(line, &mapping);
  return mapping;
}

}  // namespace

Mappings Mappings::Parse(std::string_view text) {
  Mappings result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (std::optional<Mapping> mapping = ParseLine(line)) result.executable_.push_back(std::move(*mapping));
  }
  const auto by_start = [](const Mapping& a, const Mapping& b) { return a.start < b.start; };
  std::sort(result.executable_.begin(), result.executable_.end(), by_start);
  return result;
}

Result<Mappings> Mappings::OfProcess(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/maps";
  FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return Status::Error("cannot read " + path + ": " + std::strerror(errno));
  std::string text;
  char buffer[16384];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, got);
  std::fclose(file);
  return Parse(text);
}

const Mapping* Mappings::Find(uint64_t address) const {
  const auto ends_behind = [](uint64_t value, const Mapping& mapping) { return value < mapping.end; };
  const auto found = std::upper_bound(executable_.begin(), executable_.end(), address, ends_behind);
  return found != executable_.end() && found->start <= address ? &*found : nullptr;
}

}  // namespace scalene::collector
