#include "collector/nameless_functions.h"

#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "collector/code_references.h"
#include "collector/static_pointers.h"

namespace scalene::collector {
namespace {

// Offsets in PyTypeObject behind the object header, the same in 3.8 to 3.15; free-threaded builds have a longer header.
constexpr uint64_t kHeaderSizes[] = {24, 40};
constexpr uint64_t kDealloc = 24, kCall = 104, kClear = 168, kDescrGet = 248, kInit = 272, kVectorcall = 376;

struct TypeSlot {
  std::string_view type;
  uint64_t slot;
  CodeRegion region;
};
constexpr TypeSlot kSlots[] = {
    {"PyFrame_Type", kDealloc, CodeRegion::kPythonEntry},
    {"PyFrame_Type", kClear, CodeRegion::kCallMachinery},
    {"PyFunction_Type", kDealloc, CodeRegion::kCallMachinery},
    {"PyFunction_Type", kCall, CodeRegion::kCallMachinery},
    {"PyFunction_Type", kClear, CodeRegion::kCallMachinery},
    {"PyFunction_Type", kDescrGet, CodeRegion::kCallMachinery},
    {"PyMethod_Type", kDealloc, CodeRegion::kCallMachinery},
    {"PyMethod_Type", kCall, CodeRegion::kCallMachinery},
    {"PyMethod_Type", kDescrGet, CodeRegion::kCallMachinery},
    {"PyType_Type", kCall, CodeRegion::kCallMachinery},
    {"PySuper_Type", kDealloc, CodeRegion::kCallMachinery},
    {"PySuper_Type", kInit, CodeRegion::kPythonEntry},
    {"PySuper_Type", kVectorcall, CodeRegion::kPythonEntry},
    {"PyClassMethod_Type", kDescrGet, CodeRegion::kCallMachinery},
    {"PyStaticMethod_Type", kDescrGet, CodeRegion::kCallMachinery},
    {"PyProperty_Type", kDescrGet, CodeRegion::kCallMachinery},
    {"PyGen_Type", kDealloc, CodeRegion::kCallMachinery},
    {"PyBaseObject_Type", kInit, CodeRegion::kCallMachinery},
    {"PyBaseObject_Type", kDealloc, CodeRegion::kCallMachinery},
};

constexpr size_t kOpcodes = 256;

class Finder {
 public:
  Finder(const ElfFile& file, const SymbolTable& symbols) : file_(file), symbols_(symbols), pointers_(file) {}

  std::unordered_map<uint64_t, CodeRegion> Find() {
    AddSlots();
    AddSplitParts("_PyEval_EvalFrameDefault", CodeRegion::kEvalLoop);
    for (const ElfSection& section : file_.sections()) {
      // Constant pointers: .rodata of a fixed-address program, .data.rel.ro of a position-independent one.
      if (section.name == ".rodata" || section.name.starts_with(".data")) AddDispatchTables(section);
    }
    return std::move(found_);
  }

 private:
  bool IsFunctionStart(uint64_t address) const { return address != 0 && symbols_.StartOf(address) == address; }

  void AddIfNameless(uint64_t start, CodeRegion region) {
    if (symbols_.Find(start)->name.empty()) found_.emplace(start, region);
  }

  void AddSlots() {
    std::unordered_map<std::string, uint64_t> types;
    for (ElfSymbol& object : file_.ObjectSymbols()) {
      if (object.name.ends_with("_Type")) types.emplace(std::move(object.name), object.address);
    }
    for (const TypeSlot& slot : kSlots) {
      const auto type = types.find(std::string(slot.type));
      if (type == types.end()) continue;
      for (const uint64_t header : kHeaderSizes) {
        // With the wrong header size this is a number, a flag or another type's slot: no start of a function, mostly.
        const uint64_t target = pointers_.At(type->second + header + slot.slot);
        if (!IsFunctionStart(target)) continue;
        AddIfNameless(target, slot.region);
        break;
      }
    }
  }

  void AddSplitParts(std::string_view name, CodeRegion region) {
    constexpr int kEnoughJumps = 3;  // one or two may be bytes that only look like a jump
    const auto whole = symbols_.FindName(name);
    if (!whole) return;
    const std::vector<uint8_t> code = file_.ReadAt(whole->start, whole->end - whole->start);
    std::map<uint64_t, int> jumps;  // by start of the function that they lead into
    const CodeBytes bytes{file_.machine(), true, code, whole->start};
    for (const CodeReference& reference : FindReferences(bytes, 0, std::numeric_limits<uint64_t>::max())) {
      const auto function = symbols_.Find(reference.target);
      const bool is_elsewhere = function && function->start != whole->start && function->start != reference.target;
      if (is_elsewhere && reference.kind == ReferenceKind::kJump) jumps[function->start]++;
    }
    for (const auto& [start, count] : jumps) {
      if (count >= kEnoughJumps) AddIfNameless(start, region);
    }
  }

  // Runs of 256 and more pointers, all to functions. Nothing else in an interpreter looks like this.
  void AddDispatchTables(const ElfSection& section) {
    const std::vector<uint64_t> words = pointers_.Words(section);
    for (size_t i = 0; i < words.size();) {
      size_t end = i;
      while (end < words.size() && IsFunctionStart(words[end])) end++;
      const bool is_table = end - i >= kOpcodes;
      for (; is_table && i < end; i++) AddIfNameless(words[i], CodeRegion::kEvalLoop);
      i = end + 1;
    }
  }

  const ElfFile& file_;
  const SymbolTable& symbols_;
  const StaticPointers pointers_;
  std::unordered_map<uint64_t, CodeRegion> found_;
};

}  // namespace

std::unordered_map<uint64_t, CodeRegion> RegionsOfNamelessFunctions(const ElfFile& file, const SymbolTable& symbols) {
  return Finder(file, symbols).Find();
}

}  // namespace scalene::collector
