// ModelCache: the names of a service's models, kept for a day, so that choosing one is quick and asks nobody. One small file
// per service and address, which hold neither the address nor a key. What cannot be read or written is as if it were not
// there: a name may always be typed.
// Threads: any.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "advise/providers.h"

namespace scalene::advise {

class ModelCache {
 public:
  // "": nothing is kept.
  explicit ModelCache(std::string folder) : folder_(std::move(folder)) {}

  // The names, if they are less than a day old.
  std::optional<std::vector<std::string>> Find(const Provider& provider, const Settings& settings, time_t now) const;
  void Keep(const Provider& provider, const Settings& settings, time_t now,
            const std::vector<std::string>& names) const;

 private:
  std::string FileOf(const Provider& provider, const Settings& settings) const;

  const std::string folder_;
};

}  // namespace scalene::advise
