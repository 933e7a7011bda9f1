// A value out of bytes that need not be aligned. Nothing is checked: the caller knows that the bytes are there.
//
// Heap: none.  Run-time library: none.  Signal-safe: yes.
#pragma once

#include <cstdint>

namespace scalene {

template <typename T>
T Load(const void* bytes) {
  T value;
  __builtin_memcpy(&value, bytes, sizeof value);
  return value;
}

// In our own address space.
template <typename T>
T LoadAt(uint64_t address) {
  return Load<T>(reinterpret_cast<const void*>(address));
}

}  // namespace scalene
