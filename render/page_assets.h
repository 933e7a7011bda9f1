// The scripts and style sheets of the page, as the build has bundled them from web/.
// Threads: constant data.
#pragma once

#include <string_view>

namespace scalene::render {

struct PageAsset {
  std::string_view text;
  std::string_view sha256;  // base64, as a content security policy wants it
};

PageAsset PageScript();
PageAsset PageStyle();

// What is opened later: it stands behind the first script and uses its modules.
PageAsset LaterScript();

// The drawer for proposals: the served page fetches it when it is first opened.
PageAsset DrawerScript();
PageAsset DrawerStyle();

}  // namespace scalene::render
