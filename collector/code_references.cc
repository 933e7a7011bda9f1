#include "collector/code_references.h"

#include <elf.h>

#include <cstring>

namespace scalene::collector {
namespace {

// Sign-extends the low `bits` of a number.
int64_t SignExtend(uint64_t value, int bits) { return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits); }

template <typename T>
T Load(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

class Collector {
 public:
  explicit Collector(uint64_t address) : address_(address) {}

  void AtX86(const uint8_t* code, uint64_t position) {
    if (code[0] == 0xe8) AddRelative(position, 1, code, ReferenceKind::kCall);
    if (code[0] == 0xe9) AddRelative(position, 1, code, ReferenceKind::kJump);
    if (code[0] == 0x0f && (code[1] & 0xf0) == 0x80) AddRelative(position, 2, code, ReferenceKind::kJump);
    const bool is_lea = (code[0] == 0x48 || code[0] == 0x4c) && code[1] == 0x8d;
    if (is_lea && (code[2] & 0xc7) == 0x05) AddRelative(position, 3, code, ReferenceKind::kAddress);
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
    found_.push_back({from, from + static_cast<uint64_t>(distance), kind});
  }

  const uint64_t address_;
  std::vector<CodeReference> found_;
};

}  // namespace

std::vector<CodeReference> FindReferences(uint16_t machine, std::span<const uint8_t> code, uint64_t address) {
  constexpr size_t kLongest = 7;  // bytes of the longest instruction that is looked for
  Collector collector(address);
  if (machine == EM_X86_64) {
    for (size_t i = 0; i + kLongest <= code.size(); i++) collector.AtX86(code.data() + i, i);
  } else if (machine == EM_AARCH64) {
    for (size_t i = 0; i + 4 <= code.size(); i += 4) collector.AtArm(code.data() + i, i);
  }
  return collector.Take();
}

}  // namespace scalene::collector
