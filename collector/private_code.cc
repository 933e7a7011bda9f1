#include "collector/private_code.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collector/code_references.h"
#include "collector/static_pointers.h"

namespace scalene::collector {
namespace {

constexpr uint64_t kMethodDefWords = 4;  // name, function, flags, doc
constexpr uint64_t kMaxMethodFlags = 0x400;
constexpr uint64_t kTypeIterNext[] = {224, 240};  // tp_iternext in PyTypeObject, with the GIL and without
// Exported, but no more than another door to a method: what they call is the method's own work, even though the optimiser
// may have copied the door into other functions.
constexpr std::string_view kExportedMethods[] = {"PyList_Sort"};
// Iterators that call back: what they do between the calls is theirs.
constexpr std::string_view kCallingIterators[] = {"PyMap_Type", "PyFilter_Type"};

bool IsIdentifierByte(uint8_t byte) {
  return byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

template <size_t N>
bool Contains(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

class Search {
 public:
  Search(const ElfFile& file, const SymbolTable& symbols) : file_(file), symbols_(symbols), pointers_(file) {
    if (const ElfSection* section = file.FindSection(".rodata")) {
      text_address_ = section->address;
      text_ = file.Read(*section);
    }
  }

  PrivateCode Run(const std::unordered_set<uint64_t>& loop) {
    for (const ElfSection& section : file_.sections()) {
      if (section.name.starts_with(".data")) ReadData(pointers_.Words(section));
    }
    AddCallingIterators();
    AddExports();
    ReadCode();
    AddWorkBehindDoors();
    AddEdgesOfParts();
    PrivateCode code;
    code.native_callees = WithPrivateHelpers(methods_);
    code.loop_helpers = WithPrivateHelpers(loop);
    return code;
  }

 private:
  // Both ends are functions: `to` is called, jumped to or its address taken in `from`.
  struct Edge {
    uint64_t from, to;
  };

  bool IsFunctionStart(uint64_t address) const { return address != 0 && symbols_.StartOf(address) == address; }

  bool IsIdentifier(uint64_t address) const {
    if (address < text_address_ || address - text_address_ >= text_.size()) return false;
    uint64_t end = address - text_address_;
    const uint64_t start = end;
    while (end < text_.size() && IsIdentifierByte(text_[end])) end++;
    return end > start && end < text_.size() && text_[end] == 0;
  }

  bool IsMethodDef(const std::vector<uint64_t>& words, size_t i) const {
    if (i + kMethodDefWords > words.size()) return false;
    const uint64_t flags = words[i + 2];
    return flags > 0 && flags < kMaxMethodFlags && IsFunctionStart(words[i + 1]) && IsIdentifier(words[i]);
  }

  // Functions in method tables are methods; those that other data points to are shared.
  void ReadData(const std::vector<uint64_t>& words) {
    for (size_t i = 0; i < words.size(); i++) {
      if (IsMethodDef(words, i)) {
        methods_.insert(words[i + 1]);
        i += kMethodDefWords - 1;
      } else if (IsFunctionStart(words[i])) {
        shared_.insert(words[i]);
      }
    }
  }

  void AddCallingIterators() {
    for (const ElfSymbol& object : file_.ObjectSymbols()) {
      if (!Contains(kCallingIterators, object.name)) continue;
      for (const uint64_t slot : kTypeIterNext) {
        if (const uint64_t next = pointers_.At(object.address + slot); IsFunctionStart(next)) methods_.insert(next);
      }
    }
  }

  void AddExports() {
    for (const ElfSymbol& exported : file_.ExportedFunctions()) {
      (Contains(kExportedMethods, exported.name) ? doors_ : shared_).insert(exported.address);
    }
  }

  void AddWorkBehindDoors() {
    methods_.insert(doors_.begin(), doors_.end());
    for (const Edge& edge : edges_) {
      if (doors_.contains(edge.from) && !shared_.contains(edge.to)) methods_.insert(edge.to);
    }
  }

  void ReadCode() {
    for (const ElfSection& section : file_.sections()) {
      if (!section.name.starts_with(".text")) continue;
      const std::vector<uint8_t> code = file_.Read(section);
      const CodeBytes bytes{file_.machine(), file_.is_position_independent(), code, section.address};
      const uint64_t end = section.address + section.size;
      for (const CodeReference& reference : FindReferences(bytes, section.address, end)) AddEdge(reference);
    }
  }

  // A jump may lead into the middle of a function: into a split-off part, or back from it. Bytes that only look like a
  // jump do so as well; so these count only for functions that nothing enters at their start, as split-off parts are.
  void AddEdge(const CodeReference& reference) {
    const bool is_new = reference.from < source_.start || reference.from >= source_.end;
    if (is_new) source_ = symbols_.Find(reference.from).value_or(SymbolTable::Function{});
    const bool is_inside = reference.target >= source_.start && reference.target < source_.end;
    if (is_inside || source_.start == 0) return;
    const uint64_t target = symbols_.StartOf(reference.target);
    const bool to_start = target == reference.target;
    if (target == 0 || (!to_start && reference.kind != ReferenceKind::kJump)) return;
    (to_start ? edges_ : middle_edges_).push_back({source_.start, target});
  }

  void AddEdgesOfParts() {
    std::unordered_set<uint64_t> entered = shared_;
    for (const Edge& edge : edges_) entered.insert(edge.to);
    for (const Edge& edge : middle_edges_) {
      if (!entered.contains(edge.to)) edges_.push_back(edge);
    }
  }

  // Takes all functions that might serve only `roots` for their helpers, then drops those that others refer to until none
  // is left. (The other way round, functions that call each other would never be found.)
  std::unordered_set<uint64_t> WithPrivateHelpers(const std::unordered_set<uint64_t>& roots) const {
    std::unordered_set<uint64_t> found = roots;
    for (const Edge& edge : edges_) {
      if (!shared_.contains(edge.to)) found.insert(edge.to);
    }
    for (bool shrinks = true; shrinks;) {
      shrinks = false;
      for (const Edge& edge : edges_) {
        if (found.contains(edge.from) || roots.contains(edge.to)) continue;
        shrinks |= found.erase(edge.to) > 0;
      }
    }
    return found;
  }

  const ElfFile& file_;
  const SymbolTable& symbols_;
  const StaticPointers pointers_;
  uint64_t text_address_ = 0;
  std::vector<uint8_t> text_;
  std::vector<Edge> edges_;
  std::vector<Edge> middle_edges_;
  SymbolTable::Function source_;         // that of the last reference; they come in the order of their addresses
  std::unordered_set<uint64_t> shared_;  // exported, or pointed to by data that is no method table
  std::unordered_set<uint64_t> doors_;   // kExportedMethods
  std::unordered_set<uint64_t> methods_;
};

}  // namespace

PrivateCode FindPrivateCode(const ElfFile& file, const SymbolTable& symbols, const std::unordered_set<uint64_t>& loop) {
  return Search(file, symbols).Run(loop);
}

}  // namespace scalene::collector
