// FileFilter: the one rule that says which files are profiled, for every metric.
//
//   1  no name; our own files                                              no
//   2  @profile somewhere: not decided here, see profile/marked_functions.h
//   3  matches --profile-exclude                                           no
//   4  notebook cell                                                       yes
//   5  --profile-only given and no pattern matches                         no     (an absolute one that matches: yes)
//   6  --profile-all                                                       yes
//   7  <exec@FILE:LINE>, <eval@FILE:LINE>                                  yes
//      other <…> names                                                     no     (see may_be_executed_text)
//   8  the deepest of root, editable installs (yes) and libraries (no) that contains it
//   9  directly in the parent directory of the root                        yes
//  10  anything else                                                       no
//
// Paths are compared resolved and component by component, never as substrings (patterns of row 3 and 5 aside).
// --profile-only looks at the whole path; --profile-exclude at the path from the root's own name on, so that a project
// in /home/me/test/app survives `--profile-exclude test`.
//
// Threads: none of its own; one at a time. Decisions are cached by name.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "profile/library_directories.h"
#include "profile/path_pattern.h"
#include "profile/python_environment.h"

namespace scalene::profile {

struct FilterOptions {
  std::string root;       // R, resolved: see profile/source_root.h
  std::string directory;  // the program's working directory at its start
  std::string home;       // for patterns that start with "~"
  bool profile_all = false;
  bool profile_system_libraries = false;
  std::string profile_only, profile_exclude;  // as given: separated by commas
  std::vector<std::string> own_directories;   // the scalene Python package
  std::string program_text;  // the name of the program's own text: "<string>" for -c, "<stdin>" for "-", else empty
};

// What decided, in the order of the table.
enum class FilterRow : uint8_t {
  kNoName,
  kOwnFile,
  kExcluded,
  kNotebookCell,
  kNotSelected,
  kSelected,
  kProfileAll,
  kProgramText,
  kExecutedText,
  kOtherText,
  kRoot,
  kEditableInstall,
  kLibrary,
  kBesideRoot,
  kElsewhere,
};

struct Verdict {
  bool profiled = false;
  FilterRow row = FilterRow::kElsewhere;
  // A <…> name that is not profiled by itself. If exec, eval or compile ran it from a profiled file, its text is
  // profiled under the name <exec@FILE:LINE>; only the caller knows that.
  bool may_be_executed_text = false;
  std::string path;  // resolved; for names that are no path the name itself
};

// The option with which files of this row would have been profiled, as it stands in a message; empty if there is none.
std::string_view OptionThatIncludes(FilterRow row);

class FileFilter {
 public:
  FileFilter(FilterOptions options, const PythonEnvironment& environment);

  // Another interpreter of the same run: its libraries are libraries too.
  void AddEnvironment(const PythonEnvironment& environment);
  // Valid until the next call.
  const Verdict& Decide(std::string_view co_filename);
  const FilterOptions& options() const { return options_; }

 private:
  Verdict Judge(std::string_view name);
  Verdict JudgePath(const std::string& path);
  bool IsOwn(std::string_view path) const;
  std::string_view FromRootsName(std::string_view path) const;

  FilterOptions options_;
  LibraryDirectories libraries_;
  std::vector<PathPattern> only_, exclude_;
  std::unordered_map<std::string, Verdict> verdicts_;
};

// "<exec@FILE:LINE>" and "<eval@FILE:LINE>": the FILE; empty for other names.
std::string_view FileOfExecutedText(std::string_view name);

// "[3]", or the names that IPython gives to the code of cells before they are mapped to that.
bool IsNotebookCell(std::string_view name);

}  // namespace scalene::profile
