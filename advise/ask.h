// A whole conversation with a service: the answer to a prompt, and the list of its models.
// Threads: any; each call is on its own.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "advise/curl.h"
#include "advise/model_cache.h"

namespace scalene::advise {

struct Answer {
  std::string text;
  bool cut = false;  // the service stopped at its limit of length
};

// `sink` gets the text as it comes. The sentence of a failure names the service and holds no key.
Result<Answer> Ask(const Provider& provider, const Settings& settings, const std::string& model,
                   const std::string& prompt, const AnswerReader::TextSink& sink, const std::atomic<bool>& stopped);

Result<std::vector<std::string>> FetchModels(const Provider& provider, const Settings& settings,
                                             const std::atomic<bool>& stopped);

// From the cache; `anew`, or when they are not there, from the service.
Result<std::vector<std::string>> ModelsOf(const Provider& provider, const Settings& settings, const ModelCache& cache,
                                          bool anew, const std::atomic<bool>& stopped);

}  // namespace scalene::advise
