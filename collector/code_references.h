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

// `machine` as in the ELF header; other machines than x86-64 and aarch64 give nothing. `code` lies at `address`.
std::vector<CodeReference> FindReferences(uint16_t machine, std::span<const uint8_t> code, uint64_t address);

}  // namespace scalene::collector
