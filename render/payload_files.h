// The files of a payload: their rows, source, structure and functions.
#pragma once

#include <string>
#include <vector>

#include "profile/tables.h"
#include "render/payload.h"
#include "render/payload_rows.h"

namespace scalene::render {

// What all files of a payload share.
struct FilesContext {
  const profile::Document& document;
  const profile::Document* before;
  const PayloadOptions& options;
  const LinesWithData& lines_with_data;  // of `document`
  std::vector<RowNumber> numbers;
};

using NamedFile = std::pair<const std::string, profile::File>;

// Busiest first, then by path.
std::vector<const NamedFile*> FilesByTime(const profile::Document& document);

// "files": […]
void WriteFiles(const FilesContext& context, const std::vector<const NamedFile*>& files, profile::StringTable& strings,
                ColumnBlob& blob, JsonWriter& json);

// "gone": […], the lines of the older profile that this one has not.
void WriteGone(const FilesContext& context, JsonWriter& json);

}  // namespace scalene::render
