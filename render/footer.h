// What a view does not show: files below the thresholds, time outside the profiled files, samples that were lost. One
// sentence each, for the foot of a terminal or Markdown view; none when there is nothing to say.
#pragma once

#include <string>
#include <vector>

#include "profile/document.h"

namespace scalene::render {

// `brief`: for a narrow terminal.
std::vector<std::string> FooterSentences(const profile::Document& document, bool brief);

// How much CPU time is in no sample, and why; "" when it is too little to matter.
std::string LossSentence(const profile::Document& document);

// Why a profile has no files in it, from its counters; "" when they do not say.
std::string WhyEmpty(const profile::Document& document);

}  // namespace scalene::render
