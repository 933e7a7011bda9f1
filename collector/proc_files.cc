#include "collector/proc_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace scalene::collector {

std::vector<std::string> CommandLineOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> words;
  for (size_t start = 0; start < bytes.size();) {
    const size_t end = std::min(bytes.find('\0', start), bytes.size());
    words.push_back(bytes.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace scalene::collector
