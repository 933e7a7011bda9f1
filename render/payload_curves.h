// What of a payload runs along time, and the stacks: tree, timeline, overview, footprint.
#pragma once

#include <string>
#include <vector>

#include "profile/stack_tree.h"
#include "profile/timeline_runs.h"
#include "render/payload.h"
#include "render/payload_columns.h"

namespace scalene::render {

// "tree": {…}.
void WriteTree(const profile::StackTree& tree, ColumnBlob& blob, JsonWriter& json);

// "timeline": {…}, "overview": {…}, "footprint": {…}
void WriteCurves(const profile::Document& document, const profile::StackTree& tree,
                 const std::vector<profile::ThreadRow>& threads, size_t most_runs, ColumnBlob& blob, JsonWriter& json);

}  // namespace scalene::render
