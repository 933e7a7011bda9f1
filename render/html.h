// The page as one file that needs nothing else: script, style and payload in one HTML text, and no request
// unless it was allowed to ask for proposals. And the
// shell of the served page, which is the same without the payload.
//
// Text of the profile reaches the HTML in two places only: the title, escaped, and the payload, in base64, which has no
// character that HTML could mistake.
// Threads: any, one call each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "profile/document.h"
#include "render/ai_address.h"

namespace scalene::render {

struct HtmlOptions {
  bool source = true;
  bool ai = true;                       // whether the page may offer proposals
  std::vector<AiAddress> ai_addresses;  // which it may ask; none: it makes no request
  size_t max_bytes = size_t{25} << 20;
};

struct HtmlFile {
  std::string html;
  std::vector<std::string> left_out;  // sentences: what had to go to keep to the size; they stand in the page, too
};

// `before`: an older profile to compare with, or null.
HtmlFile RenderHtml(const profile::Document& document, const profile::Document* before, const HtmlOptions& options);

// The document of `scalene view`'s server; it names /app.js and /app.css and holds no profile.
std::string ServedShell(bool ai);

// What a served page may do.
std::string ServedPolicy();

}  // namespace scalene::render
