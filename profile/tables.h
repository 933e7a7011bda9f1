// Tables of a recording: strings, frames and stacks, each stored once and named by a typed id.
//
//   StackId ─▶ (parent stack, frame) ─▶ … ─▶ outermost          a stack is a path in a tree
//   FrameId ─▶ (file, function, its first line, line)
//
// Bounded: beyond its capacity a table gives back the nearest thing it has (a stack's parent, the id "none").
// Threads: one owner.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/id.h"

namespace scalene::profile {

using StringId = Id<struct StringTag>;
using FrameId = Id<struct FrameTag>;
using StackId = Id<struct StackTag>;

class StringTable {
 public:
  StringId Intern(std::string_view text);
  const std::string& Get(StringId id) const { return *texts_[id.value]; }
  uint32_t size() const { return static_cast<uint32_t>(texts_.size()); }

 private:
  std::unordered_map<std::string, StringId> ids_{{std::string(), StringId{}}};
  std::vector<const std::string*> texts_{&ids_.begin()->first};
};

struct FrameData {
  StringId file, function;
  int first_line = 0;  // of the function
  int line = 0;
  bool operator==(const FrameData&) const = default;
};

class FrameTable {
 public:
  FrameId Intern(const FrameData& frame);
  const FrameData& Get(FrameId id) const { return frames_[id.value]; }

 private:
  struct Hash {
    size_t operator()(const FrameData& frame) const noexcept;
  };
  std::unordered_map<FrameData, FrameId, Hash> ids_;
  std::vector<FrameData> frames_{FrameData{}};
};

class StackTable {
 public:
  // 200,000 stacks take about 12 MB here.
  static constexpr uint32_t kCapacity = 200'000;

  // The stack that `frame` makes on top of `parent` (none: a stack of one). A full table gives `parent` back.
  StackId Push(StackId parent, FrameId frame);
  FrameId LeafOf(StackId id) const { return nodes_[id.value].frame; }
  StackId ParentOf(StackId id) const { return nodes_[id.value].parent; }
  // Outermost first.
  std::vector<FrameId> FramesOf(StackId id) const;
  // Stacks that were folded into their parents because the table was full.
  uint64_t folded() const { return folded_; }

 private:
  struct Node {
    StackId parent;
    FrameId frame;
  };
  std::unordered_map<uint64_t, StackId> ids_;  // parent and frame -> child
  std::vector<Node> nodes_{Node{}};
  uint64_t folded_ = 0;
};

}  // namespace scalene::profile
