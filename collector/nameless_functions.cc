#include "collector/nameless_functions.h"

#include <elf.h>

#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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

template <typename T>
T LoadAt(const std::vector<uint8_t>& bytes, uint64_t offset) {
  T value{};
  if (offset <= bytes.size() && sizeof value <= bytes.size() - offset) {
    std::memcpy(&value, bytes.data() + offset, sizeof value);
  }
  return value;
}

// Pointers in the data sections of a file that has not been loaded: in a position-independent file they stand in the
// relocations, in others in the sections themselves.
class StaticPointers {
 public:
  explicit StaticPointers(const ElfFile& file) : file_(file) {
    const ElfSection* section = file.FindSection(".rela.dyn");
    if (section == nullptr) return;
    const std::vector<uint8_t> bytes = file.Read(*section);
    for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= bytes.size(); at += sizeof(Elf64_Rela)) {
      const auto entry = LoadAt<Elf64_Rela>(bytes, at);
      const uint64_t type = ELF64_R_TYPE(entry.r_info);
      if (type != R_X86_64_RELATIVE && type != R_AARCH64_RELATIVE) continue;
      relocated_[entry.r_offset] = static_cast<uint64_t>(entry.r_addend);
    }
  }

  uint64_t At(uint64_t address) const {
    if (const auto found = relocated_.find(address); found != relocated_.end()) return found->second;
    return LoadAt<uint64_t>(file_.ReadAt(address, sizeof(uint64_t)), 0);
  }

  // All pointer-sized words of a section, in order.
  std::vector<uint64_t> Words(const ElfSection& section) const {
    const std::vector<uint8_t> bytes = file_.Read(section);
    std::vector<uint64_t> words(bytes.size() / sizeof(uint64_t));
    for (size_t i = 0; i < words.size(); i++) {
      const auto found = relocated_.find(section.address + i * sizeof(uint64_t));
      words[i] = found != relocated_.end() ? found->second : LoadAt<uint64_t>(bytes, i * sizeof(uint64_t));
    }
    return words;
  }

 private:
  const ElfFile& file_;
  std::unordered_map<uint64_t, uint64_t> relocated_;
};

// Sign-extends the low `bits` of a number.
int64_t SignExtend(uint64_t value, int bits) { return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits); }

// Targets of direct jumps in the code of a function. Instructions of x86-64 have no fixed length: every byte is taken for
// the start of one, so some targets are not real.
std::vector<uint64_t> JumpTargets(uint16_t machine, const std::vector<uint8_t>& code, uint64_t address) {
  std::vector<uint64_t> targets;
  const auto add = [&](uint64_t from, int64_t distance) { targets.push_back(from + static_cast<uint64_t>(distance)); };
  if (machine == EM_X86_64) {
    for (size_t i = 0; i + 6 <= code.size(); i++) {
      if (code[i] == 0xe9) add(address + i + 5, LoadAt<int32_t>(code, i + 1));
      const bool is_conditional = code[i] == 0x0f && (code[i + 1] & 0xf0) == 0x80;
      if (is_conditional) add(address + i + 6, LoadAt<int32_t>(code, i + 2));
    }
  } else if (machine == EM_AARCH64) {
    for (size_t i = 0; i + 4 <= code.size(); i += 4) {
      const auto word = LoadAt<uint32_t>(code, i);
      if (word >> 26 == 0x05) add(address + i, SignExtend(word, 26) * 4);                 // b
      if (word >> 24 == 0x54) add(address + i, SignExtend(word >> 5 & 0x7ffff, 19) * 4);  // b.cond
    }
  }
  return targets;
}

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
  bool IsFunctionStart(uint64_t address) const {
    const auto function = symbols_.Find(address);
    return function && function->start == address;
  }

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
    for (const uint64_t target : JumpTargets(file_.machine(), code, whole->start)) {
      const auto function = symbols_.Find(target);
      if (function && function->start != whole->start && function->start != target) jumps[function->start]++;
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
