// Who held what a row waited for: "holders" of a file and of its functions, "gil" of the header. Part of the payload.
#pragma once

#include <vector>

#include "render/json_writer.h"
#include "render/payload_rows.h"

namespace scalene::render {

// [[path, line, seconds], …], the longest first.
void WriteHolderList(const std::vector<profile::Holder>& holders, JsonWriter& json);

// "holders": {kind: [[row, list], …], …}; nothing if no row has any.
void WriteHolders(const std::vector<RowPair>& rows, JsonWriter& json);

}  // namespace scalene::render
