// The payload: a profile as the columns that the page reads (docs/payload.md has the layout).
// Deterministic: equal documents give equal bytes. Any Document that profile_reader accepts is accepted here; numbers that
// make no sense are shown as they are, never trusted as sizes.
// Threads: any, one call each.
#pragma once

#include <string>
#include <vector>

#include "profile/document.h"

namespace scalene::render {

struct PayloadOptions {
  bool source = true;              // text of the files
  bool quiet_source = true;        // also of files without data
  double smallest_stack = 0;       // share of the time below which stacks are folded into their ancestors
  size_t timeline_runs = 200'000;  // beyond it, neighbouring runs of a thread are joined
  std::vector<std::string> notes;  // what the reader must know of this very page
};

// `before`: an older profile of the same program to compare with, or null.
std::string BuildPayload(const profile::Document& document, const profile::Document* before,
                         const PayloadOptions& options);

}  // namespace scalene::render
