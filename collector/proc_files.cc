#include "collector/proc_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

namespace scalene::collector {
namespace {

bool SomeMapping(pid_t pid, std::string_view what) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  if (!maps || maps.peek() == std::ifstream::traits_type::eof()) return true;  // not ours to read
  for (std::string line; std::getline(maps, line);) {
    if (line.find(what) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

bool MapsRing(pid_t pid) { return SomeMapping(pid, "/memfd:scalene-ring"); }
bool MapsAgent(pid_t pid) { return SomeMapping(pid, "/libscalene_agent.so"); }

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
