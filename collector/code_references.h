// Direct references in machine code: calls, jumps and taken addresses. Instructions of x86-64 have no fixed length, so every
// byte is taken for the start of one: some references are not real. Those to the very start of a function nearly always are.
// On aarch64 taken addresses (two instructions) are not found.  Threads: pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace scalene::collector {

enum class ReferenceKind : uint8_t { kCall, kJump, kAddress };

struct CodeReference {
  uint64_t from = 0;
  uint64_t target = 0;
  ReferenceKind kind = ReferenceKind::kCall;
};

struct CodeBytes {
  uint16_t machine = 0;              // as in the ELF header; other machines than x86-64 and aarch64 give nothing
  bool position_independent = true;  // otherwise addresses are taken as 32-bit numbers
  std::span<const uint8_t> bytes;
  uint64_t address = 0;  // of the first byte
};

// References in `code` to [first, last).
std::vector<CodeReference> FindReferences(const CodeBytes& code, uint64_t first, uint64_t last);

}  // namespace scalene::collector
