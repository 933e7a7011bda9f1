// Copies of a few bytes, made in place: a jump to libc's would cost as much as the copy itself.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace scalene::agent {

inline constexpr size_t kFewBytes = 64, kWideFrom = 33;

namespace small_copies {

typedef uint8_t Bytes16 __attribute__((vector_size(16)));

template <typename Piece>
inline Piece Read(const char* at) {
  Piece piece;
  __builtin_memcpy(&piece, at, sizeof piece);
  return piece;
}
template <typename Piece>
inline void Write(char* at, Piece piece) {
  __builtin_memcpy(at, &piece, sizeof piece);
}

// Pieces from both ends, which overlap unless `bytes` is a multiple. All is read before anything is written: the two places
// may overlap as well.
template <typename Piece>
inline void MoveTwo(char* to, const char* from, size_t bytes) {
  const size_t last = bytes - sizeof(Piece);
  const Piece first = Read<Piece>(from), second = Read<Piece>(from + last);
  Write(to, first);
  Write(to + last, second);
}
inline void MoveFour(char* to, const char* from, size_t bytes) {
  const size_t third_at = bytes - 32, fourth_at = bytes - 16;
  const Bytes16 first = Read<Bytes16>(from), second = Read<Bytes16>(from + 16);
  const Bytes16 third = Read<Bytes16>(from + third_at), fourth = Read<Bytes16>(from + fourth_at);
  Write(to, first);
  Write(to + 16, second);
  Write(to + third_at, third);
  Write(to + fourth_at, fourth);
}

}  // namespace small_copies

#if defined(__x86_64__)
// 33 to 64 bytes by two registers of 32, which libc would use as well: those from 16 on need no cleaning up afterwards. Only
// where HasWideRegisters.
inline void MoveWide(void* to, const void* from, size_t bytes) {
  __asm__ volatile(
      "vmovdqu64 (%1), %%ymm16\n\t"
      "vmovdqu64 -32(%1,%2), %%ymm17\n\t"
      "vmovdqu64 %%ymm16, (%0)\n\t"
      "vmovdqu64 %%ymm17, -32(%0,%2)"
      :
      : "r"(to), "r"(from), "r"(bytes)
      : "memory");
}
inline bool HasWideRegisters() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512vl");
}
#else
inline void MoveWide(void*, const void*, size_t) {}
inline bool HasWideRegisters() { return false; }
#endif

// At most kFewBytes.
inline void* MoveFew(void* target, const void* source, size_t bytes) {
  using namespace small_copies;
  auto* to = static_cast<char*>(target);
  const auto* from = static_cast<const char*>(source);
  if (bytes > 32) {
    MoveFour(to, from, bytes);
  } else if (bytes >= 16) {
    MoveTwo<Bytes16>(to, from, bytes);
  } else if (bytes >= 8) {
    MoveTwo<uint64_t>(to, from, bytes);
  } else if (bytes >= 4) {
    MoveTwo<uint32_t>(to, from, bytes);
  } else if (bytes >= 2) {
    MoveTwo<uint16_t>(to, from, bytes);
  } else if (bytes == 1) {
    *to = *from;
  }
  return target;
}

}  // namespace scalene::agent
