#include "collector/code_references.h"

#include <elf.h>

#include <array>

#include "base/load.h"

namespace scalene::collector {
namespace {

// Sign-extends the low `bits` of a number.
int64_t SignExtend(uint64_t value, int bits) { return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits); }

// First bytes of the instructions that AtX86 looks at.
constexpr std::array<bool, 256> kBeginsX86 = [] {
  std::array<bool, 256> begins{};
  for (const uint8_t byte : {0xe8, 0xe9, 0x0f, 0x48, 0x4c}) begins[byte] = true;
  return begins;
}();

class Collector {
 public:
  Collector(uint64_t address, uint64_t first, uint64_t last) : address_(address), first_(first), size_(last - first) {}

  void AtX86(const uint8_t* code, uint64_t position) {
    switch (code[0]) {
      case 0xe8:
        return AddRelative(position, 1, code, ReferenceKind::kCall);
      case 0xe9:
        return AddRelative(position, 1, code, ReferenceKind::kJump);
      case 0x0f:
        if ((code[1] & 0xf0) == 0x80) AddRelative(position, 2, code, ReferenceKind::kJump);
        return;
      case 0x48:
      case 0x4c:  // lea
        if (code[1] == 0x8d && (code[2] & 0xc7) == 0x05) AddRelative(position, 3, code, ReferenceKind::kAddress);
        return;
      default:
        return;
    }
  }

  // A program that is loaded at a fixed address holds addresses as 32-bit numbers behind an opcode: mov r, push, cmp eax
  // (one byte before), mov m and cmp r (two to seven, depending on the operand). `code` has seven bytes in front of it.
  void AtFixed(const uint8_t* code, uint64_t position) {
    const uint64_t target = Load<uint32_t>(code);
    if (!IsWanted(target)) return;  // most are not: asked first, this saves most of the work
    const uint8_t last = code[-1];
    const bool behind_opcode = (last & 0xf8) == 0xb8 || last == 0x68 || last == 0x3d || code[-2] == 0x81 ||
                               code[-2] == 0xc7 || code[-3] == 0xc7 || code[-4] == 0xc7 || code[-6] == 0xc7 ||
                               code[-7] == 0xc7;
    if (behind_opcode) AddTarget(address_ + position, target, ReferenceKind::kAddress);
  }

  void AtArm(const uint8_t* code, uint64_t position) {
    const auto word = Load<uint32_t>(code);
    if (word >> 26 == 0x25) Add(position, SignExtend(word, 26) * 4, ReferenceKind::kCall);                 // bl
    if (word >> 26 == 0x05) Add(position, SignExtend(word, 26) * 4, ReferenceKind::kJump);                 // b
    if (word >> 24 == 0x54) Add(position, SignExtend(word >> 5 & 0x7ffff, 19) * 4, ReferenceKind::kJump);  // b.cond
  }

  std::vector<CodeReference> Take() { return std::move(found_); }

 private:
  // A 32-bit distance that stands `operand` bytes into the instruction and counts from the instruction's end.
  void AddRelative(uint64_t position, uint64_t operand, const uint8_t* code, ReferenceKind kind) {
    Add(position, static_cast<int64_t>(operand) + 4 + Load<int32_t>(code + operand), kind);
  }
  void Add(uint64_t position, int64_t distance, ReferenceKind kind) {
    const uint64_t from = address_ + position;
    AddTarget(from, from + static_cast<uint64_t>(distance), kind);
  }
  void AddTarget(uint64_t from, uint64_t target, ReferenceKind kind) {
    if (IsWanted(target)) found_.push_back({from, target, kind});
  }

  bool IsWanted(uint64_t target) const { return target - first_ < size_; }

  const uint64_t address_;
  const uint64_t first_, size_;  // of the range that targets must lie in
  std::vector<CodeReference> found_;
};

}  // namespace

std::vector<CodeReference> FindReferences(const CodeBytes& code, uint64_t first, uint64_t last) {
  constexpr size_t kLongest = 7;  // bytes of the longest instruction that is looked for
  Collector collector(code.address, first, last);
  const uint8_t* bytes = code.bytes.data();
  if (code.machine == EM_X86_64) {
    const size_t end = code.bytes.size() < kLongest ? 0 : code.bytes.size() - kLongest + 1;
    for (size_t i = 0; i < end; i++) {
      if (kBeginsX86[bytes[i]]) collector.AtX86(bytes + i, i);
    }
    for (size_t i = kLongest; i < end && !code.position_independent; i++) collector.AtFixed(bytes + i, i);
  } else if (code.machine == EM_AARCH64) {
    for (size_t i = 0; i + 4 <= code.bytes.size(); i += 4) collector.AtArm(bytes + i, i);
  }
  return collector.Take();
}

}  // namespace scalene::collector
