// All stacks of a profile as one tree of frames that can be weighed by any metric: time by kind, samples, memory.
//
// Nodes are in preorder, children with more time first, so a node's subtree is the range behind it and no reader needs
// recursion (stacks are thousands deep). Node 0 is the root; a node's parent has a smaller index.
// Threads: a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "profile/document.h"
#include "profile/tables.h"

namespace scalene::profile {

enum class NodeKind : uint8_t { kRoot, kPython, kNative, kMark };

struct TreeMetric {
  std::string_view id, label, unit, color;
  std::vector<double> self;    // by node: of stacks that end there
  std::vector<double> before;  // the same of the older profile; empty without one
};

struct StackTree {
  std::vector<StringId> name, file;
  std::vector<uint32_t> line, parent;
  std::vector<NodeKind> kind;
  std::vector<TreeMetric> metrics;      // the first is the time; only those that occur
  std::vector<uint32_t> node_of_stack;  // where each of Document::combined_stacks ends

  size_t size() const { return kind.size(); }
};

// `before`: an older profile whose stacks are weighed on the same nodes, or null. `smallest`: stacks with a smaller share
// of the time end in their nearest ancestor that has as much; 0 keeps all.
StackTree BuildStackTree(const Document& document, const Document* before, StringTable& strings, double smallest = 0);

// What one hit of a stack stands for, in seconds.
double SecondsPerHit(const Document& document);

// The seconds that are 100 %: profiles of the reference do not say, theirs is the elapsed time.
double TotalSeconds(const Document& document);

}  // namespace scalene::profile
