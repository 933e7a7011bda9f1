// memcpy, memmove, mempcpy, strcpy, stpcpy, strncpy, strcat, strncat and their checked forms: the bytes of every copy count
// down to the next sample. Copies of a few bytes are made here, since another call would cost more than they do; the others
// go on to libc's memmove or stpcpy. To memmove, not memcpy: old binaries bind a memcpy that tolerates overlap.
//
// Resolvers of indirect functions may call us before we are relocated. Then nothing may be touched that needs a relocation:
// the pointers are null, and a string instruction copies.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "agent/copy_hooks.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "agent/small_copies.h"
#include "agent/thread_memory.h"

#define SCALENE_EXPORT extern "C" __attribute__((visibility("default")))

extern "C" [[noreturn]] void __chk_fail() __attribute__((weak));

namespace scalene::agent {
namespace {

void* (*g_move)(void*, const void*, size_t) = nullptr;
char* (*g_copy_text)(char*, const char*) = nullptr;  // stpcpy

// How many sizes from kWideFrom on MoveWide copies; none before we are relocated, so that one comparison answers both.
size_t g_wide_sizes = 0;

// One byte after the other; `volatile`, so that the compiler does not turn it into a call of what it stands for.
__attribute__((cold, noinline)) void* MoveBytes(void* to, const void* from, size_t bytes) {
  auto* out = static_cast<volatile char*>(to);
  const auto* in = static_cast<const char*>(from);
  if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) < bytes) {
    while (bytes-- > 0) out[bytes] = in[bytes];
    return to;
  }
#if defined(__x86_64__)
  void* end = to;
  __asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(bytes) : : "memory");
#else
  for (size_t i = 0; i < bytes; ++i) out[i] = in[i];
#endif
  return to;
}

// Whether this copy is looked at more closely.
inline bool CountsDown(size_t bytes) {
  return __builtin_expect((t_memory.copy_countdown -= static_cast<int64_t>(bytes)) < 0, 0);
}

// A function of its own, so that the way without a sample saves no registers.
__attribute__((cold, noinline)) void* MoveSampled(void* to, const void* from, size_t bytes) {
  TakeCopy(t_memory, bytes);
  return g_move(to, from, bytes);
}

__attribute__((always_inline)) inline void* Move(void* to, const void* from, size_t bytes) {
  if (__builtin_expect(bytes - kWideFrom < g_wide_sizes, 1)) {
    if (CountsDown(bytes)) return MoveSampled(to, from, bytes);
    MoveWide(to, from, bytes);
    return to;
  }
  if (__builtin_expect(g_move == nullptr, 0)) return MoveBytes(to, from, bytes);
  if (CountsDown(bytes)) return MoveSampled(to, from, bytes);
  if (bytes <= kFewBytes) return MoveFew(to, from, bytes);
  return g_move(to, from, bytes);
}

// The end of the copied text, which is its terminating zero.
char* MoveText(char* to, const char* from) {
  if (__builtin_expect(g_copy_text == nullptr, 0)) {
    while ((*to = *from) != '\0') ++to, ++from;
    return to;
  }
  char* end = g_copy_text(to, from);
  const size_t bytes = static_cast<size_t>(end - to) + 1;
  if (CountsDown(bytes)) TakeCopy(t_memory, bytes);
  return end;
}

size_t LengthOf(const char* text, size_t most = SIZE_MAX) {
  if (__builtin_expect(g_copy_text != nullptr, 1)) return strnlen(text, most);
  size_t length = 0;
  while (length < most && text[length] != '\0') ++length;
  return length;
}

// What a checked form does when the destination is too small: libc's message, and the end.
void Check(size_t bytes, size_t room) {
  if (bytes <= room) return;
  if (__chk_fail != nullptr) __chk_fail();
  __builtin_trap();
}

}  // namespace

void FindCopyFunctions() {
  g_copy_text = reinterpret_cast<char* (*)(char*, const char*)>(dlsym(RTLD_NEXT, "stpcpy"));
  g_move = reinterpret_cast<void* (*)(void*, const void*, size_t)>(dlsym(RTLD_NEXT, "memmove"));
  if (HasWideRegisters()) g_wide_sizes = kFewBytes - kWideFrom + 1;
}

}  // namespace scalene::agent

using namespace scalene::agent;

extern "C" __attribute__((visibility("hidden"))) void* OwnMemcpy(void*, const void*,
                                                                 size_t) __asm__("scalene_agent_memcpy");
void* OwnMemcpy(void* to, const void* from, size_t bytes) {
  return g_move != nullptr ? g_move(to, from, bytes) : MoveBytes(to, from, bytes);
}

// Named by their symbols: this file's own memcpy is the one above.
// Aligned: small copies then lie in one line of the instruction cache.
SCALENE_EXPORT __attribute__((aligned(64))) void* HookedMemcpy(void*, const void*, size_t) __asm__("memcpy");
SCALENE_EXPORT __attribute__((aligned(64))) void* HookedMemmove(void*, const void*, size_t) __asm__("memmove");
SCALENE_EXPORT void* HookedMempcpy(void*, const void*, size_t) __asm__("mempcpy");
SCALENE_EXPORT void* HookedMemcpyChk(void*, const void*, size_t, size_t) __asm__("__memcpy_chk");
SCALENE_EXPORT void* HookedMemmoveChk(void*, const void*, size_t, size_t) __asm__("__memmove_chk");
SCALENE_EXPORT void* HookedMempcpyChk(void*, const void*, size_t, size_t) __asm__("__mempcpy_chk");
SCALENE_EXPORT char* HookedStrcpy(char*, const char*) __asm__("strcpy");
SCALENE_EXPORT char* HookedStpcpy(char*, const char*) __asm__("stpcpy");
SCALENE_EXPORT char* HookedStrncpy(char*, const char*, size_t) __asm__("strncpy");
SCALENE_EXPORT char* HookedStrcat(char*, const char*) __asm__("strcat");
SCALENE_EXPORT char* HookedStrncat(char*, const char*, size_t) __asm__("strncat");
SCALENE_EXPORT char* HookedStrcpyChk(char*, const char*, size_t) __asm__("__strcpy_chk");
SCALENE_EXPORT char* HookedStpcpyChk(char*, const char*, size_t) __asm__("__stpcpy_chk");
SCALENE_EXPORT char* HookedStrncpyChk(char*, const char*, size_t, size_t) __asm__("__strncpy_chk");
SCALENE_EXPORT char* HookedStrcatChk(char*, const char*, size_t) __asm__("__strcat_chk");
SCALENE_EXPORT char* HookedStrncatChk(char*, const char*, size_t, size_t) __asm__("__strncat_chk");

void* HookedMemcpy(void* to, const void* from, size_t bytes) { return Move(to, from, bytes); }
void* HookedMemmove(void* to, const void* from, size_t bytes) { return Move(to, from, bytes); }
void* HookedMempcpy(void* to, const void* from, size_t bytes) {
  return static_cast<char*>(Move(to, from, bytes)) + bytes;
}
void* HookedMemcpyChk(void* to, const void* from, size_t bytes, size_t room) {
  Check(bytes, room);
  return Move(to, from, bytes);
}
void* HookedMemmoveChk(void* to, const void* from, size_t bytes, size_t room) {
  Check(bytes, room);
  return Move(to, from, bytes);
}
void* HookedMempcpyChk(void* to, const void* from, size_t bytes, size_t room) {
  Check(bytes, room);
  return static_cast<char*>(Move(to, from, bytes)) + bytes;
}

char* HookedStrcpy(char* to, const char* from) {
  MoveText(to, from);
  return to;
}
char* HookedStpcpy(char* to, const char* from) { return MoveText(to, from); }
char* HookedStrncpy(char* to, const char* from, size_t bytes) {
  const size_t length = LengthOf(from, bytes);
  Move(to, from, length);
  for (size_t i = length; i < bytes; ++i) static_cast<volatile char*>(to)[i] = '\0';
  return to;
}
char* HookedStrcpyChk(char* to, const char* from, size_t room) {
  Check(LengthOf(from, room) + 1, room);
  return HookedStrcpy(to, from);
}
char* HookedStpcpyChk(char* to, const char* from, size_t room) {
  Check(LengthOf(from, room) + 1, room);
  return MoveText(to, from);
}
char* HookedStrncpyChk(char* to, const char* from, size_t bytes, size_t room) {
  Check(bytes, room);
  return HookedStrncpy(to, from, bytes);
}
char* HookedStrcat(char* to, const char* from) {
  MoveText(to + LengthOf(to), from);
  return to;
}
char* HookedStrncat(char* to, const char* from, size_t bytes) {
  const size_t length = LengthOf(from, bytes);
  char* end = to + LengthOf(to);
  Move(end, from, length);
  end[length] = '\0';
  return to;
}
char* HookedStrcatChk(char* to, const char* from, size_t room) {
  Check(LengthOf(to, room) + LengthOf(from, room) + 1, room);
  return HookedStrcat(to, from);
}
char* HookedStrncatChk(char* to, const char* from, size_t bytes, size_t room) {
  Check(LengthOf(to, room) + LengthOf(from, bytes) + 1, room);
  return HookedStrncat(to, from, bytes);
}
