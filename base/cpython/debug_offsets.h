// _Py_DebugOffsets: the table at the very start of _PyRuntime in which CPython 3.13+ states its own layout. What it
// says overrides the compiled-in numbers; what it lacks (cpython-internals: firsttraceable, co_version, dict keys, …)
// stays. The .AsyncioDebug section (3.14+) does the same for tasks.
//
//   0        8        16              24
//   +--------+--------+---------------+-----------------------------------------+
//   |xdebugpy|version |free-threaded  | uint64 each; positions per minor version |
//   +--------+--------+---------------+-----------------------------------------+
//
// The bytes come from a stranger (another process, or a file): nothing is written to the layout unless everything is
// sane. Heap: none.  Run-time library: none.  Signal-safe: yes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpython/layout.h"
#include "base/load.h"

namespace scalene::cpython {

inline constexpr size_t kDebugOffsetsHeadSize = 24;
inline constexpr size_t kDebugOffsetsMaxSize =
    1024;  // 3.15 has 888 bytes: read this much, or up to the end of the section
inline constexpr size_t kAsyncioDebugFields = 13;

enum class DebugOffsetsError {
  kNone,
  kTooShort,
  kNoCookie,        // not a _Py_DebugOffsets: 3.12 or older, or not _PyRuntime
  kUnknownVersion,  // no table of positions for this minor version
  kPreRelease,      // alpha, beta or candidate: layouts still move
  kOtherLayout,     // version or build kind differ from the layout's
  kImplausible,     // an offset beyond any struct we know
};

struct DebugOffsetsHead {
  int minor = 0;
  bool free_threaded = false;
  uint32_t version_hex = 0;  // like PY_VERSION_HEX
};

namespace debug_offsets_detail {

// 64 MiB: _PyRuntime embeds the main interpreter and is 0.3 MiB today; anything larger is garbage.
inline constexpr uint64_t kSaneOffset = 64u << 20;

struct Positions {
  const DebugOffsetsField* fields = nullptr;
  size_t count = 0;
  size_t size = 0;
  GilPositions gil{};
};

template <size_t N>
constexpr Positions Make(const DebugOffsetsField (&fields)[N], size_t size, GilPositions gil) {
  return {fields, N, size, gil};
}

constexpr Positions PositionsOf(int minor) {
  switch (minor) {
    case 13:
      return Make(kDebugOffsets313, kDebugOffsetsSize313, kGilPositions313);
    case 14:
      return Make(kDebugOffsets314, kDebugOffsetsSize314, kGilPositions314);
    case 15:
      return Make(kDebugOffsets315, kDebugOffsetsSize315, kGilPositions315);
    default:
      return {};
  }
}

inline void Store(Layout* layout, size_t target, int32_t value) {
  __builtin_memcpy(reinterpret_cast<uint8_t*>(layout) + target, &value, sizeof value);
}

// Fields that exist in free-threaded builds only; a GIL build writes 0 for them.
constexpr bool OnlyFreeThreaded(size_t target) {
  return target == offsetof(Layout, iframe.tlbc_index) || target == offsetof(Layout, code.tlbc);
}

inline bool AllSane(const uint8_t* bytes, const Positions& positions) {
  for (size_t i = 0; i < positions.count; i++) {
    if (Load<uint64_t>(bytes + positions.fields[i].position) >= kSaneOffset) return false;
  }
  return true;
}

// What follows from the stated fields without being stated itself.
inline void Derive(const uint8_t* bytes, const GilPositions& gil, int32_t version_after_line, Layout* layout) {
  layout->runtime.interpreters_main = layout->runtime.interpreters_head + 8;
  layout->code.version = layout->code.firstlineno + version_after_line;
  layout->varobject.size = layout->bytes.size;
  if (layout->minor < 15) layout->unicode.compact_data = layout->unicode.ascii_data + 16;
  layout->unicode.noncompact_data = layout->unicode.compact_data;
  const int32_t start = static_cast<int32_t>(Load<uint64_t>(bytes + gil.state));
  const int32_t locked = static_cast<int32_t>(Load<uint64_t>(bytes + gil.locked)) - start;
  const int32_t moved = locked - layout->gil.locked;
  if (moved == 0) return;
  layout->gil.locked = locked;
  layout->gil.last_holder = static_cast<int32_t>(Load<uint64_t>(bytes + gil.holder)) - start;
  layout->gil.interval += moved;
  layout->gil.switch_number += moved;
  layout->gil.cond += moved;
  layout->gil.mutex += moved;
  layout->gil.switch_cond += moved;
  layout->gil.switch_mutex += moved;
  layout->gil.size += moved;
}

}  // namespace debug_offsets_detail

// Version and build kind of the interpreter whose _PyRuntime starts with `bytes`: enough to choose a layout.
inline DebugOffsetsError ReadDebugOffsetsHead(const uint8_t* bytes, size_t size, DebugOffsetsHead* head) {
  using namespace debug_offsets_detail;
  if (size < kDebugOffsetsHeadSize) return DebugOffsetsError::kTooShort;
  if (__builtin_memcmp(bytes, "xdebugpy", 8) != 0) return DebugOffsetsError::kNoCookie;
  const uint64_t version = Load<uint64_t>(bytes + 8);
  if (version >> 24 != 3) return DebugOffsetsError::kUnknownVersion;
  head->version_hex = static_cast<uint32_t>(version);
  head->minor = static_cast<int>(version >> 16 & 0xff);
  head->free_threaded = Load<uint64_t>(bytes + 16) != 0;
  if (PositionsOf(head->minor).count == 0) return DebugOffsetsError::kUnknownVersion;
  return (version >> 4 & 0xf) == 0xf ? DebugOffsetsError::kNone : DebugOffsetsError::kPreRelease;
}

// Overrides `layout`, a copy of FindLayout(head.minor, head.free_threaded), with what the interpreter says of itself.
inline DebugOffsetsError ApplyDebugOffsets(const uint8_t* bytes, size_t size, Layout* layout) {
  using namespace debug_offsets_detail;
  DebugOffsetsHead head;
  const DebugOffsetsError error = ReadDebugOffsetsHead(bytes, size, &head);
  if (error != DebugOffsetsError::kNone) return error;
  if (head.minor != layout->minor || head.free_threaded != layout->free_threaded)
    return DebugOffsetsError::kOtherLayout;
  const Positions positions = PositionsOf(head.minor);
  if (size < positions.size) return DebugOffsetsError::kTooShort;
  if (!AllSane(bytes, positions)) return DebugOffsetsError::kImplausible;
  const int32_t version_after_line = layout->code.version - layout->code.firstlineno;
  for (size_t i = 0; i < positions.count; i++) {
    const DebugOffsetsField& field = positions.fields[i];
    if (OnlyFreeThreaded(field.target) && !head.free_threaded) continue;
    Store(layout, field.target, static_cast<int32_t>(Load<uint64_t>(bytes + field.position)));
  }
  Derive(bytes, positions.gil, version_after_line, layout);
  return DebugOffsetsError::kNone;
}

// Overrides the task offsets with the 13 values of the section .AsyncioDebug, in its order.
inline DebugOffsetsError ApplyAsyncioDebug(const uint64_t (&values)[kAsyncioDebugFields], Layout* layout) {
  int32_t* const fields[kAsyncioDebugFields] = {
      &layout->task.size,
      &layout->task.name,
      &layout->task.awaited_by,
      &layout->task.is_task,
      &layout->task.awaited_by_is_set,
      &layout->task.coro,
      &layout->task.node,
      &layout->interp.size,
      &layout->interp.asyncio_tasks_head,
      &layout->tstate_impl.size,
      &layout->tstate_impl.asyncio_running_loop,
      &layout->tstate_impl.asyncio_running_task,
      &layout->tstate_impl.asyncio_tasks_head,
  };
  for (uint64_t value : values) {
    if (value >= debug_offsets_detail::kSaneOffset) return DebugOffsetsError::kImplausible;
  }
  for (size_t i = 0; i < kAsyncioDebugFields; i++) *fields[i] = static_cast<int32_t>(values[i]);
  return DebugOffsetsError::kNone;
}

}  // namespace scalene::cpython
