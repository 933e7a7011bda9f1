#include "profile/tables.h"

#include <algorithm>

namespace scalene::profile {

StringId StringTable::Intern(std::string_view text) {
  const auto [place, inserted] = ids_.try_emplace(std::string(text), StringId{static_cast<uint32_t>(texts_.size())});
  if (inserted) texts_.push_back(&place->first);
  return place->second;
}

size_t FrameTable::Hash::operator()(const FrameData& frame) const noexcept {
  uint64_t hash = frame.file.value;
  for (const uint64_t part :
       {uint64_t{frame.function.value}, static_cast<uint64_t>(frame.first_line), static_cast<uint64_t>(frame.line)}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
  }
  return hash;
}

FrameId FrameTable::Intern(const FrameData& frame) {
  const auto [place, inserted] = ids_.try_emplace(frame, FrameId{static_cast<uint32_t>(frames_.size())});
  if (inserted) frames_.push_back(frame);
  return place->second;
}

StackId StackTable::Push(StackId parent, FrameId frame) {
  const uint64_t key = uint64_t{parent.value} << 32 | frame.value;
  if (const auto found = ids_.find(key); found != ids_.end()) return found->second;
  if (nodes_.size() > kCapacity) {
    ++folded_;
    return parent;
  }
  const StackId id{static_cast<uint32_t>(nodes_.size())};
  nodes_.push_back({parent, frame});
  ids_.emplace(key, id);
  return id;
}

std::vector<FrameId> StackTable::FramesOf(StackId id) const {
  std::vector<FrameId> frames;
  for (; id; id = nodes_[id.value].parent) frames.push_back(nodes_[id.value].frame);
  std::reverse(frames.begin(), frames.end());
  return frames;
}

}  // namespace scalene::profile
