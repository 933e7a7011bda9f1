// Stacks, their timeline, and what only stacks know of functions: time including callees, and callers. Part of
// BuildDocument.
#pragma once

#include "profile/document.h"
#include "profile/recorded_run.h"
#include "profile/source_cache.h"

namespace scalene::profile {

// Fills combined_stacks, stacks and timeline.
void BuildStacks(const RecordedRun& run, SourceCache& sources, double total_sec, Document& document);

// Fills memory_stacks.
void BuildMemoryStacks(const RecordedRun& run, SourceCache& sources, Document& document);

// Fills total_sec and calls_from of the functions already in the document.
void AddCallees(const RecordedRun& run, SourceCache& sources, Document& document);

}  // namespace scalene::profile
