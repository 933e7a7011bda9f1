// What crosses the process border: the records of the ring, one struct each. docs/wire-format.md has a worked example.
//
//   ring ─▶ [ header │ payload … ] [ header │ payload … ] …        everything little endian, aligned to 8 bytes
//
//    0        4      5       6        8
//    ┌────────┬──────┬───────┬────────┐
//    │ size   │ type │ state │ check  │   size counts the header and the padding; check = HeaderCheck(size, type)
//    └────────┴──────┴───────┴────────┘
//
// Frames cross as numbers: (address of the code object, fingerprint of its identity, instruction offset). The names
// behind a number cross once, in a CodeRecord with the same address and fingerprint.
// Used by: agent (writes), collector (reads, trusting nothing).
#pragma once

#include <cstddef>
#include <cstdint>

namespace scalene::wire {

inline constexpr uint32_t kWireVersion = 1;
inline constexpr uint32_t kMaxRecordBytes = 64 * 1024;
inline constexpr uint32_t kMaxFrames = 1024;  // deeper stacks are cut in the middle

enum class RecordType : uint8_t {
  kNone = 0,
  kProcessStart = 1,    // ProcessStartRecord
  kProcessText = 2,     // ProcessTextRecord + text: one fact about the interpreter
  kThreadStart = 3,     // ThreadStartRecord
  kThreadEnd = 4,       // ThreadEndRecord
  kCode = 5,            // CodeRecord + file name + name + line table
  kSample = 6,          // SampleRecord + frames
  kMarkedFunction = 7,  // MarkedFunctionRecord: decorated with @profile
  kRecordingEnd = 8,    // RecordingEndRecord: the interpreter finalises or the process exits
  kNotice = 9,          // NoticeRecord: the agent switched itself off, or something worth a sentence
  kSwitch = 10,         // SwitchRecord: recording was suspended or resumed by the program itself
  kAllocation = 11,     // AllocationRecord + frames: a sampled block
  kFree = 12,           // FreeRecord: a sampled block was freed, or became smaller
  kMemoryWindow = 13,   // MemoryWindowRecord: the table of live samples was thinned
  kCopy = 14,           // CopyRecord + frames
};

enum class RecordState : uint8_t { kFree = 0, kReserved = 0x5a, kCommitted = 0xc3 };

struct RecordHeader {
  uint32_t size;
  RecordType type;
  RecordState state;
  uint16_t check;
};
static_assert(sizeof(RecordHeader) == 8);

// Lets a reader find the next good header behind a torn one.
constexpr uint16_t HeaderCheck(uint32_t size, RecordType type) {
  const uint32_t mixed = (size * 2654435761u) ^ (static_cast<uint32_t>(type) * 40503u) ^ 0x5ca1e4eu;
  return static_cast<uint16_t>(mixed >> 16 ^ mixed);
}

enum class ProcessOrigin : uint8_t { kExec = 0, kFork = 1 };  // kExec: a new image; the root's is one, too

struct ProcessStartRecord {
  RecordHeader header;
  int32_t pid, ppid;     // as the process itself sees them
  uint32_t version_hex;  // PY_VERSION_HEX
  uint8_t minor, free_threaded;
  ProcessOrigin origin;
  uint8_t signal;            // the number used for sampling
  uint64_t time_ns;          // CLOCK_MONOTONIC
  int64_t realtime_ns;       // CLOCK_REALTIME at the same moment
  uint64_t process_cpu_ns;   // the process clock now: when recording began, or at a fork child's first tick
  uint64_t main_ident;       // pthread_self() of the thread that started
  uint64_t runtime_address;  // _PyRuntime
};
static_assert(sizeof(ProcessStartRecord) == 64);

enum class TextKey : uint32_t { kVersion = 1, kExecutable = 2, kPrefix = 3, kBasePrefix = 4, kSysPathEntry = 5 };

struct ProcessTextRecord {
  RecordHeader header;
  TextKey key;
  uint32_t bytes;  // of UTF-8 text (file system encoding) that follows
};
static_assert(sizeof(ProcessTextRecord) == 16);

struct ThreadStartRecord {
  RecordHeader header;
  int32_t tid;
  uint32_t is_main;
  uint64_t ident;  // pthread_self() = threading.get_ident(); 0 if unknown
  uint64_t time_ns;
  uint64_t cpu_ns;  // the thread's clock when sampling of it began
};
static_assert(sizeof(ThreadStartRecord) == 40);

struct ThreadEndRecord {
  RecordHeader header;
  int32_t tid;
  uint32_t reserved;
  uint64_t time_ns;
  uint64_t cpu_ns;
};
static_assert(sizeof(ThreadEndRecord) == 32);

// A string object of the interpreter as raw bytes. kind: bytes per character (1 = Latin-1, 2, 4); `bytes` was cut to fit.
struct RawString {
  uint32_t bytes;
  uint8_t kind;
  uint8_t cut;
  uint16_t reserved;
};
static_assert(sizeof(RawString) == 8);

enum CodeFlags : uint32_t {
  kCodeTableElsewhere = 1,  // the line table did not fit: fetch table_bytes at table_address from the process
  kCodeUnreadable = 2,      // the object did not look like code when it was to be described
};

struct CodeRecord {
  RecordHeader header;
  uint64_t address;
  uint32_t fingerprint;
  int32_t first_line;
  uint32_t code_flags;   // co_flags
  uint32_t flags;        // CodeFlags
  RawString file, name;  // name: co_qualname, before 3.11 co_name
  uint64_t table_address;
  uint32_t table_bytes;  // whole length; follows the two strings unless kCodeTableElsewhere
  uint32_t reserved;
};
static_assert(sizeof(CodeRecord) == 64);

struct FrameEntry {
  uint64_t code;
  uint32_t fingerprint;
  int32_t offset;  // bytes from the start of the bytecode; < 0: not started
};
static_assert(sizeof(FrameEntry) == 16);

enum SampleFlags : uint16_t {
  kSampleInSyscall = 1,  // the program counter stands at or right behind a system call instruction
  kSampleHoldsGil = 2,
  kSampleCollecting = 4,        // garbage collection runs in this interpreter
  kSampleJit = 8,               // compiled by the JIT: the line is approximate
  kSampleNoThreadState = 16,    // a thread without Python
  kSampleTorn = 32,             // the frame chain failed its checks; no frames
  kSampleFirst = 64,            // the thread's first: weighs the mean interval
  kSampleLeafIncomplete = 128,  // the leaf function has been entered but not started
};

struct SampleRecord {
  RecordHeader header;
  uint64_t time_ns;    // CLOCK_MONOTONIC
  uint64_t cpu_ns;     // the thread's CPU clock
  uint32_t weight_ns;  // CPU time this sample stands for
  uint32_t lost_ns;    // CPU time since the last sample beyond what one sample may stand for
  uint64_t pc;
  int32_t tid;
  uint16_t flags;        // SampleFlags
  uint8_t opcode;        // at the leaf
  uint8_t opcode_next;   // the unit behind it, for prefixes (EXTENDED_ARG)
  uint32_t frame_count;  // FrameEntry that follow, leaf first
  uint32_t cut_frames;   // left out between the innermost kMaxFrames/2 and the outermost
};
static_assert(sizeof(SampleRecord) == 56);

enum AllocationKind : uint16_t {
  kAllocationPython = 1,  // through the interpreter's allocators
  kAllocationGrowth = 2,  // realloc: `bytes` are what it added
  kAllocationOpaque = 4,  // the allocator does not tell what it frees: the footprint is estimated from such samples
};

// A sampled block (or, of a realloc, its growth). wire/memory_sampling.h says what it stands for.
struct AllocationRecord {
  RecordHeader header;
  uint64_t time_ns;    // CLOCK_MONOTONIC
  uint64_t id;         // rising within the process, not 0
  uint64_t bytes;      // asked for
  uint64_t window;     // at which it was chosen
  uint64_t allocated;  // MemoryCounters::allocated
  int64_t python_live, native_live;
  int32_t tid;
  uint16_t flags;  // SampleFlags
  uint16_t kind;   // AllocationKind
  uint32_t frame_count, cut_frames;
};
static_assert(sizeof(AllocationRecord) == 80);

enum FreeFlags : uint32_t { kFreeInherited = 1 };  // a block of the process that this one was forked from

struct FreeRecord {
  RecordHeader header;
  uint64_t time_ns;
  uint64_t id;
  uint64_t bytes;   // given back; the rest of the block lives on
  uint64_t window;  // at which the block was chosen
  uint64_t allocated;
  uint32_t flags;  // FreeFlags
  uint32_t reserved;
};
static_assert(sizeof(FreeRecord) == 56);

// From here on live samples are those that StaysAt(id, bytes, their window, window).
struct MemoryWindowRecord {
  RecordHeader header;
  uint64_t window;
};
static_assert(sizeof(MemoryWindowRecord) == 16);

// A sampled copy. Python frames as in SampleRecord.
struct CopyRecord {
  RecordHeader header;
  uint64_t time_ns;
  uint64_t bytes;
  uint64_t window;
  int32_t tid;
  uint16_t flags;  // SampleFlags
  uint16_t reserved;
  uint32_t frame_count, cut_frames;
};
static_assert(sizeof(CopyRecord) == 48);

struct MarkedFunctionRecord {
  RecordHeader header;
  uint64_t code;
  uint32_t fingerprint;
  uint32_t reserved;
};
static_assert(sizeof(MarkedFunctionRecord) == 24);

enum class EndReason : uint32_t { kFinalizing = 1, kExit = 2 };

struct RecordingEndRecord {
  RecordHeader header;
  EndReason reason;
  uint32_t reserved;
  uint64_t time_ns;
  uint64_t process_cpu_ns;
};
static_assert(sizeof(RecordingEndRecord) == 32);

enum class Notice : uint32_t {
  kUnknownVersion = 1,  // detail: version hex
  kLayoutMismatch = 2,  // detail: which check
  kNoTimer = 3,         // a thread's timer could not be made; detail: errno
  kSeccomp = 4,         // the program installed a system call filter
  kSignalTaken = 5,     // the program asked for our signal; detail: the new one
  kThreadTableFull = 6,
  kSanitizer = 7,  // an address sanitizer is in charge of the process's memory
};

struct NoticeRecord {
  RecordHeader header;
  Notice notice;
  int32_t detail;
};
static_assert(sizeof(NoticeRecord) == 16);

struct SwitchRecord {
  RecordHeader header;
  uint32_t on;
  uint32_t from_birth;  // 1: it has been so ever since the process began
  uint64_t time_ns;
  uint64_t process_cpu_ns;
};
static_assert(sizeof(SwitchRecord) == 32);

constexpr uint32_t RoundUpToRecord(uint32_t bytes) { return (bytes + 7u) & ~7u; }

}  // namespace scalene::wire
