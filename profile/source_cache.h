// SourceCache: each source file read and parsed once per run. A file that cannot be read has an empty text and says so.
// Threads: one owner.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "profile/outline.h"
#include "profile/source_text.h"

namespace scalene::profile {

struct Source {
  SourceText text;
  Outline outline;
  bool found = false;
};

class SourceCache {
 public:
  // The reference stays valid as long as the cache.
  const Source& Get(const std::string& path) {
    auto& source = sources_[path];
    if (!source) {
      source = std::make_unique<Source>();
      if (auto text = LoadSource(path); text.ok()) {
        source->text = std::move(text).value();
        source->outline = Outline::Of(source->text);
        source->found = true;
      }
    }
    return *source;
  }

 private:
  std::unordered_map<std::string, std::unique_ptr<Source>> sources_;
};

}  // namespace scalene::profile
