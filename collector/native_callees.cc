#include "collector/native_callees.h"

#include <algorithm>
#include <map>
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
constexpr uint64_t kTypeIterNext = 224;  // tp_iternext in PyTypeObject with the GIL
// Exported, but no more than another door to a method.
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

  std::unordered_set<uint64_t> Run() {
    for (const ElfSection& section : file_.sections()) {
      if (section.name.starts_with(".data")) ReadData(pointers_.Words(section));
    }
    AddCallingIterators();
    AddExports();
    ReadCode();
    AddPrivateHelpers();
    return std::move(found_);
  }

 private:
  // Both ends are functions: `to` is called, jumped to or its address taken in `from`.
  struct Edge {
    uint64_t from, to;
  };

  bool IsFunctionStart(uint64_t address) const {
    const auto function = symbols_.Find(address);
    return function && function->start == address;
  }

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

  // Functions in method tables are found; those that other data points to are shared.
  void ReadData(const std::vector<uint64_t>& words) {
    for (size_t i = 0; i < words.size(); i++) {
      if (IsMethodDef(words, i)) {
        found_.insert(words[i + 1]);
        i += kMethodDefWords - 1;
      } else if (words[i] != 0 && IsFunctionStart(words[i])) {
        shared_.insert(words[i]);
      }
    }
  }

  void AddCallingIterators() {
    for (const ElfSymbol& object : file_.ObjectSymbols()) {
      const uint64_t next = Contains(kCallingIterators, object.name) ? pointers_.At(object.address + kTypeIterNext) : 0;
      if (next != 0 && IsFunctionStart(next)) found_.insert(next);
    }
  }

  void AddExports() {
    for (const ElfSymbol& exported : file_.ExportedFunctions()) {
      (Contains(kExportedMethods, exported.name) ? found_ : shared_).insert(exported.address);
    }
  }

  void ReadCode() {
    for (const ElfSection& section : file_.sections()) {
      if (!section.name.starts_with(".text")) continue;
      const std::vector<uint8_t> code = file_.Read(section);
      for (const CodeReference& reference : FindReferences(file_.machine(), code, section.address)) AddEdge(reference);
    }
  }

  // A jump may lead into the middle of a function: from or to its split-off part. Bytes that only look like a jump do so as
  // well, but hardly twice between the same two functions.
  void AddEdge(const CodeReference& reference) {
    const auto target = symbols_.Find(reference.target);
    if (!target) return;
    const bool to_start = target->start == reference.target;
    if (!to_start && reference.kind != ReferenceKind::kJump) return;
    const auto source = symbols_.Find(reference.from);
    if (!source || source->start == target->start) return;
    const Edge edge{source->start, target->start};
    if (to_start || ++middle_jumps_[{edge.from, edge.to}] == 2) edges_.push_back(edge);
  }

  // Takes all functions that might be private for private, then drops those that others refer to until none is left. (The
  // other way round, functions that call each other would never be found.)
  void AddPrivateHelpers() {
    std::unordered_set<uint64_t> maybe = found_;
    for (const Edge& edge : edges_) {
      if (!shared_.contains(edge.to)) maybe.insert(edge.to);
    }
    for (bool shrinks = true; shrinks;) {
      shrinks = false;
      for (const Edge& edge : edges_) {
        if (maybe.contains(edge.from) || found_.contains(edge.to)) continue;
        shrinks |= maybe.erase(edge.to) > 0;
      }
    }
    found_ = std::move(maybe);
  }

  const ElfFile& file_;
  const SymbolTable& symbols_;
  const StaticPointers pointers_;
  uint64_t text_address_ = 0;
  std::vector<uint8_t> text_;
  std::vector<Edge> edges_;
  std::map<std::pair<uint64_t, uint64_t>, int> middle_jumps_;  // by (from, to)
  std::unordered_set<uint64_t> shared_;  // exported, or pointed to by data that is no method table
  std::unordered_set<uint64_t> found_;
};

}  // namespace

std::unordered_set<uint64_t> NativeCallees(const ElfFile& file, const SymbolTable& symbols) {
  return Search(file, symbols).Run();
}

}  // namespace scalene::collector
