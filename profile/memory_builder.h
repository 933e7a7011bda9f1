// The memory side of the profile: fills the memory fields of rows, files, stacks and the document. Part of BuildDocument;
// lines and functions exist already.
#pragma once

#include <map>
#include <string>

#include "profile/document.h"
#include "profile/recorded_run.h"
#include "profile/source_cache.h"

namespace scalene::profile {

// Memory sums of one file by line.
using FileMemory = std::map<int, const LineMemory*>;

// Lines that count: with @profile, those of marked functions.
std::map<std::string, FileMemory> AttributeMemory(const RecordedRun& run, SourceCache& sources);

double CountedMebibytes(const FileMemory& lines);

struct MemoryOptions {
  bool leaks = true, stacks = true;
};
void BuildMemory(const RecordedRun& run, const std::map<std::string, FileMemory>& memory, const MemoryOptions& options,
                 SourceCache& sources, Document& document);

}  // namespace scalene::profile
