#include "profile/stack_tree.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace scalene::profile {
namespace {

// ---- The weights of a node ----

enum Weight : uint8_t {
  kTime,
  kPythonTime,
  kNativeTime,
  kKernelTime,
  kIdleTime,
  kSamples,
  kMemory,
  kLive,
  kAtPeak,
  kWeights
};
using Weights = std::array<double, kWeights>;
struct BothWeights {
  Weights now{}, before{};
};
using Side = Weights BothWeights::*;

struct WeightName {
  std::string_view id, label, unit, color;
};
constexpr std::array<WeightName, kWeights> kNames = {{
    {"time", "Time", "s", "cpu-native"},
    {"time.python", "Python", "s", "cpu-python"},
    {"time.native", "native", "s", "cpu-native"},
    {"time.kernel", "kernel", "s", "cpu-system"},
    {"time.idle", "waiting", "s", "neutral"},
    {"samples", "samples", "count", "neutral"},
    {"memory", "allocated", "MiB", "mem-python"},
    {"memory.live", "live at the end", "MiB", "mem-python"},
    {"memory.at_peak", "at the peak", "MiB", "mem-python"},
}};

Weights WeightsOf(const Stack& stack, double seconds_per_hit) {
  const StackWeight& weight = stack.weight;
  const double exact = weight.python_sec + weight.native_sec + weight.kernel_sec + weight.idle_sec;
  const double time = exact > 0 ? exact : static_cast<double>(stack.hits) * seconds_per_hit;
  return {time,
          weight.python_sec,
          weight.native_sec,
          weight.kernel_sec,
          weight.idle_sec,
          static_cast<double>(weight.samples)};
}

NodeKind KindOf(const Frame& frame) {
  if (frame.kind == FrameKind::kNative) return NodeKind::kNative;
  return frame.name.starts_with("[await] ") || frame.name.starts_with("[wait] ") ? NodeKind::kMark : NodeKind::kPython;
}

// ---- The tree while it grows, in the order in which nodes are met ----

struct NodeKey {
  uint32_t parent, name, file, line;
  NodeKind kind;
  bool operator==(const NodeKey&) const = default;
};

struct NodeKeyHash {
  size_t operator()(const NodeKey& key) const noexcept {
    uint64_t hash = static_cast<uint64_t>(key.kind);
    for (const uint32_t part : {key.parent, key.name, key.file, key.line}) {
      hash = (hash ^ part) * 0x9e3779b97f4a7c15ull;
      hash ^= hash >> 32;
    }
    return hash;
  }
};

class TreeBuilder {
 public:
  explicit TreeBuilder(StringTable& strings) : strings_(strings) {
    nodes_.push_back({0, 0, 0, 0, NodeKind::kRoot});
    self_.emplace_back();
  }

  uint32_t Add(const std::vector<Frame>& frames, const Weights& weights, Side side) {
    uint32_t node = 0;
    for (const Frame& frame : frames) node = Child(node, frame);
    for (size_t i = 0; i < kWeights; i++) {
      if (std::isfinite(weights[i])) (self_[node].*side)[i] += weights[i];
    }
    return node;
  }

  // Light nodes give what they have to their parents; `where` then says where each node's weight went.
  void Prune(double least) {
    SumUp();
    where_.resize(nodes_.size());
    for (uint32_t node = 0; node < nodes_.size(); node++) {
      const bool stays = node == 0 || total_[node] >= least || memory_[node] > 0;
      where_[node] = stays ? node : where_[nodes_[node].parent];
      if (stays) continue;
      for (const Side side : {&BothWeights::now, &BothWeights::before}) {
        for (size_t i = 0; i < kWeights; i++)
          (self_[where_[node]].*side)[i] += std::exchange((self_[node].*side)[i], 0.0);
      }
    }
  }

  StackTree Finish(std::vector<uint32_t> node_of_stack, bool compared);

 private:
  uint32_t Child(uint32_t parent, const Frame& frame) {
    const NodeKey key{parent, strings_.Intern(frame.name).value, strings_.Intern(frame.file_or_module).value,
                      static_cast<uint32_t>(std::max(frame.line, 0)), KindOf(frame)};
    const auto [place, inserted] = ids_.try_emplace(key, static_cast<uint32_t>(nodes_.size()));
    if (inserted) {
      nodes_.push_back(key);
      self_.emplace_back();
    }
    return place->second;
  }

  // Parents are met before their children, so one pass backwards adds everything up.
  void SumUp() {
    total_.assign(nodes_.size(), 0);
    memory_.assign(nodes_.size(), 0);
    for (size_t node = nodes_.size(); node-- > 0;) {
      total_[node] += self_[node].now[kTime] + self_[node].before[kTime];
      memory_[node] += self_[node].now[kMemory] + self_[node].before[kMemory];
      if (node == 0) break;
      total_[nodes_[node].parent] += total_[node];
      memory_[nodes_[node].parent] += memory_[node];
    }
  }

  std::vector<uint32_t> Preorder() const;

  StringTable& strings_;
  std::unordered_map<NodeKey, uint32_t, NodeKeyHash> ids_;
  std::vector<NodeKey> nodes_;
  std::vector<BothWeights> self_;
  std::vector<double> total_, memory_;
  std::vector<uint32_t> where_;
};

// Nodes in preorder, the heavier child first; those that were pruned are missing.
std::vector<uint32_t> TreeBuilder::Preorder() const {
  std::vector<std::vector<uint32_t>> children(nodes_.size());
  for (uint32_t node = 1; node < nodes_.size(); node++) {
    if (where_[node] == node) children[nodes_[node].parent].push_back(node);
  }
  std::vector<uint32_t> order, open = {0};
  while (!open.empty()) {
    const uint32_t node = open.back();
    open.pop_back();
    order.push_back(node);
    std::vector<uint32_t>& below = children[node];
    std::stable_sort(below.begin(), below.end(), [&](uint32_t a, uint32_t b) {
      return total_[a] != total_[b] ? total_[a] < total_[b] : memory_[a] < memory_[b];
    });
    open.insert(open.end(), below.begin(), below.end());  // the heaviest is taken next
  }
  return order;
}

StackTree TreeBuilder::Finish(std::vector<uint32_t> node_of_stack, bool compared) {
  const std::vector<uint32_t> order = Preorder();
  std::vector<uint32_t> new_of_old(nodes_.size(), 0);
  for (uint32_t i = 0; i < order.size(); i++) new_of_old[order[i]] = i;

  StackTree tree;
  for (const uint32_t old : order) {
    const NodeKey& node = nodes_[old];
    tree.name.push_back({node.name});
    tree.file.push_back({node.file});
    tree.line.push_back(node.line);
    tree.parent.push_back(new_of_old[node.parent]);
    tree.kind.push_back(node.kind);
  }
  for (size_t i = 0; i < kWeights; i++) {
    TreeMetric metric{kNames[i].id, kNames[i].label, kNames[i].unit, kNames[i].color, {}, {}};
    bool occurs = i == kTime;
    for (const uint32_t old : order) {
      metric.self.push_back(self_[old].now[i]);
      if (compared) metric.before.push_back(self_[old].before[i]);
      occurs = occurs || self_[old].now[i] != 0 || self_[old].before[i] != 0;
    }
    if (occurs) tree.metrics.push_back(std::move(metric));
  }
  for (uint32_t& node : node_of_stack) node = new_of_old[where_[node]];
  tree.node_of_stack = std::move(node_of_stack);
  return tree;
}

}  // namespace

double TotalSeconds(const Document& document) {
  return document.totals.total_sec > 0 ? document.totals.total_sec : document.elapsed_time_sec;
}

double SecondsPerHit(const Document& document) {
  double hits = 0;
  for (const Stack& stack : document.combined_stacks) hits += static_cast<double>(std::max<int64_t>(stack.hits, 0));
  return hits > 0 ? TotalSeconds(document) / hits : 0;
}

StackTree BuildStackTree(const Document& document, const Document* before, StringTable& strings, double smallest) {
  TreeBuilder builder(strings);
  double all = 0;
  // The nodes where its stacks end.
  const auto add = [&](const Document& each, Side side) {
    std::vector<uint32_t> ends;
    const double seconds_per_hit = SecondsPerHit(each);
    for (const Stack& stack : each.combined_stacks) {
      const Weights weights = WeightsOf(stack, seconds_per_hit);
      all += weights[kTime];
      ends.push_back(builder.Add(stack.frames, weights, side));
    }
    for (const MemoryStack& stack : each.memory_stacks) {
      Weights weights{};
      weights[kMemory] = stack.mb;
      weights[kLive] = stack.live_end_mb;
      weights[kAtPeak] = stack.at_peak_mb;
      builder.Add(stack.frames, weights, side);
    }
    return ends;
  };
  std::vector<uint32_t> node_of_stack = add(document, &BothWeights::now);
  if (before) add(*before, &BothWeights::before);
  builder.Prune(smallest * all);
  return builder.Finish(std::move(node_of_stack), before != nullptr);
}

}  // namespace scalene::profile
