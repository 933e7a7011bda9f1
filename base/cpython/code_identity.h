// CodeFingerprint: tells a code object from another one that lay at its address before. The agent and the collector both
// name code objects by (address, fingerprint), so both compute it from the same bytes: the object up to its bytecode.
//
// Heap: none.  Run-time library: none.  Signal-safe: yes.
#pragma once

#include <cstdint>

#include "base/cpython/layout.h"
#include "base/load.h"

namespace scalene::cpython {

namespace code_identity_detail {

constexpr uint64_t Mix(uint64_t hash, uint64_t value) { return (hash ^ value) * 0x9e3779b97f4a7c15ull ^ hash >> 29; }

}  // namespace code_identity_detail

// Which field holds the name: co_qualname, before 3.11 co_name. Likewise the line table.
constexpr int32_t NameField(const Layout& layout) {
  return layout.code.qualname > 0 ? layout.code.qualname : layout.code.name;
}
constexpr int32_t LineTableField(const Layout& layout) {
  return layout.code.linetable > 0 ? layout.code.linetable : layout.code.lnotab;
}

// Equal for the same code object, different (but for 1 in 2^32) for another one at the same address.
inline uint32_t CodeFingerprint(const Layout& layout, const uint8_t* code) {
  using namespace code_identity_detail;
  uint64_t hash = Load<uint32_t>(code + layout.code.firstlineno);
  if (layout.code.version > 0) hash = Mix(hash, Load<uint32_t>(code + layout.code.version));
  hash = Mix(hash, Load<uint64_t>(code + layout.code.filename));
  hash = Mix(hash, Load<uint64_t>(code + NameField(layout)));
  hash = Mix(hash, Load<uint64_t>(code + LineTableField(layout)));
  return static_cast<uint32_t>(hash >> 32 ^ hash);
}

}  // namespace scalene::cpython
