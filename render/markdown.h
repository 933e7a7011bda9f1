// The same selection of lines and columns as Markdown tables, for issues, notes and reviews.
#pragma once

#include <string>
#include <vector>

#include "profile/document.h"
#include "render/line_selection.h"
#include "render/terminal.h"

namespace scalene::render {

std::string RenderMarkdown(const profile::Document& document, const std::vector<SelectedFile>& files,
                           const std::vector<const Column*>& columns, const TerminalOptions& options);

}  // namespace scalene::render
