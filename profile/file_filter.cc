#include "profile/file_filter.h"

#include <algorithm>
#include <utility>

#include "profile/path_rules.h"

namespace scalene::profile {
namespace {

// Programs that compile text under ever new names would fill the cache; beyond this it starts afresh.
constexpr size_t kMaxCachedVerdicts = 100'000;

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsBracketed(std::string_view name) { return name.starts_with('<') && name.ends_with('>'); }

bool MatchesAny(const std::vector<PathPattern>& patterns, std::string_view path, std::string_view tail) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& pattern) { return pattern.Matches(path, tail); });
}

bool MatchesAnyAbsolute(const std::vector<PathPattern>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& pattern) { return pattern.absolute() && pattern.Matches(path, path); });
}

}  // namespace

std::string_view OptionThatIncludes(FilterRow row) {
  switch (row) {
    case FilterRow::kExcluded:
      return "--profile-exclude";
    case FilterRow::kNotSelected:
      return "--profile-only";
    case FilterRow::kLibrary:
      return "--profile-system-libraries";
    case FilterRow::kElsewhere:
      return "--program-path DIR";
    case FilterRow::kOtherText:
      return "--profile-all";
    default:
      return "";
  }
}

namespace {

// "<exec@F:3> (2)", the second text of that line, without its number.
std::string_view WithoutTextNumber(std::string_view name) {
  const size_t open = name.rfind(" (");
  const bool numbered = open != std::string_view::npos && name.ends_with(')') && open > 0 && name[open - 1] == '>' &&
                        IsDigits(name.substr(open + 2, name.size() - open - 3));
  return numbered ? name.substr(0, open) : name;
}

}  // namespace

std::string_view FileOfExecutedText(std::string_view name) {
  name = WithoutTextNumber(name);
  if (!IsBracketed(name) || !(name.starts_with("<exec@") || name.starts_with("<eval@"))) return {};
  const std::string_view place = name.substr(6, name.size() - 7);
  const size_t colon = place.rfind(':');
  if (colon == std::string_view::npos || !IsDigits(place.substr(colon + 1))) return {};
  return place.substr(0, colon);
}

bool IsNotebookCell(std::string_view name) {
  if (name.starts_with('[') && name.ends_with(']')) return IsDigits(name.substr(1, name.size() - 2));
  if (name.starts_with("<ipython-input-") && name.ends_with('>')) return true;
  // ipykernel: /tmp/ipykernel_PID/HASH.py, which is never written.
  const std::string_view folder = BaseNameOf(ParentOf(name)), file = BaseNameOf(name);
  return folder.starts_with("ipykernel_") && IsDigits(folder.substr(10)) && file.ends_with(".py") &&
         IsDigits(file.substr(0, file.size() - 3));
}

FileFilter::FileFilter(FilterOptions options, const PythonEnvironment& environment)
    : options_(std::move(options)), libraries_(environment) {
  only_ = ParsePatterns(options_.profile_only, options_.home, options_.directory);
  exclude_ = ParsePatterns(options_.profile_exclude, options_.home, options_.directory);
  for (std::string& directory : options_.own_directories) directory = ResolvePath(directory, options_.directory);
}

void FileFilter::AddEnvironment(const PythonEnvironment& environment) {
  libraries_.Add(environment);
  verdicts_.clear();
}

const Verdict& FileFilter::Decide(std::string_view co_filename) {
  std::string name(co_filename);
  if (const auto known = verdicts_.find(name); known != verdicts_.end()) return known->second;
  if (verdicts_.size() >= kMaxCachedVerdicts) verdicts_.clear();
  Verdict verdict = Judge(co_filename);
  return verdicts_.emplace(std::move(name), std::move(verdict)).first->second;
}

Verdict FileFilter::Judge(std::string_view name) {
  if (name.empty()) return {.row = FilterRow::kNoName};
  const std::string_view executed_in = FileOfExecutedText(name);
  const bool cell = IsNotebookCell(name), bracketed = IsBracketed(name);
  const bool is_path = !cell && !bracketed;
  Verdict verdict{.path = is_path ? ResolvePath(name, options_.directory) : std::string(name)};
  // Executed text is selected and excluded with the file that runs it.
  const std::string subject(executed_in.empty() ? verdict.path : executed_in);
  const auto decide = [&verdict](bool profiled, FilterRow row) {
    verdict.profiled = profiled;
    verdict.row = row;
    return std::move(verdict);
  };

  if (is_path && IsOwn(verdict.path)) return decide(false, FilterRow::kOwnFile);
  if (MatchesAny(exclude_, subject, FromRootsName(subject))) return decide(false, FilterRow::kExcluded);
  if (cell) return decide(true, FilterRow::kNotebookCell);
  if (!only_.empty() && !MatchesAny(only_, subject, subject)) return decide(false, FilterRow::kNotSelected);
  if (MatchesAnyAbsolute(only_, subject)) return decide(true, FilterRow::kSelected);
  if (options_.profile_all) return decide(true, FilterRow::kProfileAll);
  if (!executed_in.empty()) return decide(true, FilterRow::kExecutedText);
  if (bracketed && name == options_.program_text) return decide(true, FilterRow::kProgramText);
  if (bracketed) {
    verdict.may_be_executed_text = true;
    return decide(false, FilterRow::kOtherText);
  }
  return JudgePath(verdict.path);
}

Verdict FileFilter::JudgePath(const std::string& path) {
  const std::string_view library = libraries_.LibraryAround(path);
  const bool in_root = IsIn(path, options_.root);
  // Of equally deep ones the root wins: with --program-path it may be a library directory itself.
  if (in_root && options_.root.size() >= library.size())
    return {.profiled = true, .row = FilterRow::kRoot, .path = path};
  const std::string_view editable = libraries_.EditableAround(path);
  if (editable.size() > library.size()) return {.profiled = true, .row = FilterRow::kEditableInstall, .path = path};
  if (!library.empty()) {
    return {.profiled = options_.profile_system_libraries, .row = FilterRow::kLibrary, .path = path};
  }
  if (!options_.root.empty() && ParentOf(path) == ParentOf(options_.root)) {
    return {.profiled = true, .row = FilterRow::kBesideRoot, .path = path};
  }
  return {.profiled = false, .row = FilterRow::kElsewhere, .path = path};
}

bool FileFilter::IsOwn(std::string_view path) const {
  return std::any_of(options_.own_directories.begin(), options_.own_directories.end(),
                     [&](const std::string& directory) { return IsIn(path, directory); });
}

std::string_view FileFilter::FromRootsName(std::string_view path) const {
  const std::string_view parent = ParentOf(options_.root);
  if (options_.root.empty() || !IsIn(path, parent)) return path;
  path.remove_prefix(parent.size());
  if (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

}  // namespace scalene::profile
