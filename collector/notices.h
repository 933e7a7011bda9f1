// Notices of the agent as sentences for people.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "wire/records.h"

namespace scalene::collector {

// "" for a notice that needs no sentence.
std::string SentenceFor(const wire::NoticeRecord& notice, pid_t pid);
// Adds a sentence once; the list stays short.
void AddWarning(std::string sentence, std::vector<std::string>& warnings);

}  // namespace scalene::collector
