#include "collector/remote_interpreter.h"

#include <algorithm>

#include "base/cpython/code_identity.h"
#include "base/cpython/debug_offsets.h"
#include "base/cpython/frame_walker.h"

namespace scalene::collector {
namespace {

using cpython::Layout;
using cpython::WalkedFrame;
using cpython::WalkEnd;

constexpr size_t kMostThreadStates = 100'000;
constexpr uint64_t kMostTableBytes = 4u << 20;

}  // namespace

std::unique_ptr<RemoteInterpreter> RemoteInterpreter::Open(pid_t pid, const wire::ProcessStartRecord& start) {
  std::unique_ptr<RemoteInterpreter> interpreter(new RemoteInterpreter(pid, start.runtime_address));
  if (!interpreter->ChooseLayout(start)) return nullptr;
  return interpreter;
}

bool RemoteInterpreter::ChooseLayout(const wire::ProcessStartRecord& start) {
  const Layout* table = cpython::FindLayout(start.minor, start.free_threaded != 0);
  if (table == nullptr) return false;
  layout_ = *table;
  uint8_t head[cpython::kDebugOffsetsMaxSize];
  if (!memory_.ReadNow(runtime_, head, sizeof head)) return false;
  if (start.minor < 13) return true;
  return cpython::ApplyDebugOffsets(head, sizeof head, &layout_) == cpython::DebugOffsetsError::kNone;
}

// 3.8 to 3.10 keep no kernel id: it is in the C library's block of the thread.
pid_t RemoteInterpreter::TidOf(uint64_t tstate) {
  if (layout_.tstate.native_thread_id > 0) {
    uint64_t tid = 0;
    return memory_.Load(tstate + layout_.tstate.native_thread_id, &tid) ? static_cast<pid_t>(tid) : 0;
  }
  uint64_t block = 0;
  int32_t tid = 0;
  if (!memory_.Load(tstate + layout_.tstate.thread_id, &block) || block == 0) return 0;
  return memory_.Load(block + cpython::kGlibcPthreadTidOffset, &tid) ? tid : 0;
}

std::map<pid_t, uint64_t> RemoteInterpreter::ThreadStates() {
  memory_.Forget();
  tids_.clear();
  std::map<pid_t, uint64_t> states;
  uint64_t interpreter = 0;
  if (!memory_.Load(runtime_ + layout_.runtime.interpreters_head, &interpreter)) return states;
  for (size_t seen = 0; interpreter != 0 && seen < kMostThreadStates;) {
    uint64_t tstate = 0;
    if (!memory_.Load(interpreter + layout_.interp.threads_head, &tstate)) break;
    for (; tstate != 0 && seen < kMostThreadStates; ++seen) {
      const pid_t tid = TidOf(tstate);
      if (tid > 0) states.try_emplace(tid, tstate);
      if (tid > 0) tids_[objects_.Word(tstate + static_cast<uint64_t>(layout_.tstate.thread_id))] = tid;
      if (!memory_.Load(tstate + layout_.tstate.next, &tstate)) break;
    }
    ++seen;
    if (!memory_.Load(interpreter + layout_.interp.next, &interpreter)) break;
  }
  return states;
}

std::map<pid_t, std::string> RemoteInterpreter::ThreadNames() {
  memory_.Forget();
  std::map<pid_t, std::string> names;
  const uint64_t interpreter = objects_.Word(runtime_ + layout_.runtime.interpreters_main);
  const uint64_t active = objects_.Global(interpreter, "threading", "_active");
  objects_.ForEachItem(active, [&](uint64_t, uint64_t thread) {
    const auto tid = objects_.Integer(objects_.Attribute(thread, "_native_id"));
    if (tid) names[static_cast<pid_t>(*tid)] = objects_.Text(objects_.Attribute(thread, "_name"));
    return names.size() < kMostThreadStates;
  });
  return names;
}

bool RemoteInterpreter::TypeIsCalled(uint64_t type, const char* name) {
  uint64_t text = 0;
  char found[16] = {};
  const size_t size = std::strlen(name) + 1;
  return memory_.Load(type + layout_.type.name, &text) && memory_.Read(text, found, size) &&
         std::memcmp(found, name, size) == 0;
}

uint64_t RemoteInterpreter::LeafFrame(uint64_t tstate) {
  switch (LeafFrameKindOf(layout_)) {
    case cpython::LeafFrameKind::kFrameObject:
      return objects_.Word(tstate + static_cast<uint64_t>(layout_.tstate.frame));
    case cpython::LeafFrameKind::kCframe: {
      const uint64_t cframe = objects_.Word(tstate + static_cast<uint64_t>(layout_.tstate.cframe));
      return cframe == 0 ? 0 : objects_.Word(cframe + static_cast<uint64_t>(layout_.cframe.current_frame));
    }
    case cpython::LeafFrameKind::kCurrentFrame:
      break;
  }
  return objects_.Word(tstate + static_cast<uint64_t>(layout_.tstate.current_frame));
}

uint64_t RemoteInterpreter::CallerOf(uint64_t frame) {
  const bool object = LeafFrameKindOf(layout_) == cpython::LeafFrameKind::kFrameObject;
  return objects_.Word(frame + static_cast<uint64_t>(object ? layout_.frame.back : layout_.iframe.previous));
}

uint64_t RemoteInterpreter::ExecutableOf(uint64_t frame) {
  const bool object = LeafFrameKindOf(layout_) == cpython::LeafFrameKind::kFrameObject;
  const int32_t place = object ? layout_.frame.code : layout_.iframe.executable;
  return cpython::WithoutTag(objects_.Word(frame + static_cast<uint64_t>(place)));
}

uint64_t RemoteInterpreter::CodeOf(uint64_t frame) {
  const uint64_t code = frame == 0 ? 0 : ExecutableOf(frame);
  return code != 0 && code_type_ != 0 && objects_.TypeOf(code) == code_type_ ? code : 0;
}

// What the innermost frame of a thread executes, if it is code: the address of a thing that calls itself so.
uint64_t RemoteInterpreter::FirstCode(uint64_t tstate) {
  constexpr int kMostTried = 16;  // shims stand between
  uint64_t frame = LeafFrame(tstate);
  for (int i = 0; frame != 0 && i < kMostTried; ++i, frame = CallerOf(frame)) {
    const uint64_t code = ExecutableOf(frame);
    if (code != 0 && TypeIsCalled(objects_.TypeOf(code), "code")) return code;
  }
  return 0;
}

bool RemoteInterpreter::FindCodeType(uint64_t tstate) {
  if (code_type_ != 0) return true;
  const uint64_t code = FirstCode(tstate);
  return code != 0 && memory_.Load(code + layout_.object.type, &code_type_);
}

bool RemoteInterpreter::ReadFrames(pid_t tid, uint64_t tstate, CodeObjects& codes,
                                   std::vector<wire::FrameEntry>& frames) {
  frames.clear();
  memory_.Forget();
  if (TidOf(tstate) != tid) return false;
  if (!FindCodeType(tstate)) return true;  // no frames at all
  const WalkEnd end = cpython::WalkFrames(layout_, code_type_, tstate, memory_, [&](const WalkedFrame& frame) {
    const uint32_t fingerprint = cpython::CodeFingerprint(layout_, frame.view);
    if (codes.Find(frame.code, fingerprint) == nullptr) Describe(frame.code, fingerprint, codes);
    frames.push_back({frame.code, fingerprint, frame.offset});
    return frames.size() < wire::kMaxFrames;
  });
  return end != WalkEnd::kTorn;
}

bool RemoteInterpreter::ReadFrame(uint64_t frame, CodeObjects& codes, wire::FrameEntry& entry) {
  const bool object = LeafFrameKindOf(layout_) == cpython::LeafFrameKind::kFrameObject;
  const uint64_t code = frame == 0 ? 0 : ExecutableOf(frame);
  const auto code_bytes = static_cast<size_t>(object ? layout_.code.size : layout_.code.code_adaptive);
  const uint8_t* view =
      code == 0 ? nullptr : memory_.View(cpython::Slot::kCode, code, code_bytes, cpython::Trust::kDoubtful);
  if (view == nullptr || objects_.TypeOf(code) != code_type_) return false;
  entry.code = code;
  entry.fingerprint = cpython::CodeFingerprint(layout_, view);
  if (codes.Find(code, entry.fingerprint) == nullptr) Describe(code, entry.fingerprint, codes);
  if (object) {
    int32_t last = 0;
    if (!memory_.Load(frame + layout_.frame.lasti, &last)) return false;
    entry.offset = last < 0 ? -1 : last * cpython::LastiUnit(layout_);
    return true;
  }
  entry.offset = OffsetIn(code, frame);
  return true;
}

// Of the instruction at which an interpreter frame stands. Free-threaded builds run a copy of the bytecode per thread.
int32_t RemoteInterpreter::OffsetIn(uint64_t code, uint64_t frame) {
  uint64_t start = code + static_cast<uint64_t>(layout_.code.code_adaptive);
  int32_t copy = 0;
  if (layout_.iframe.tlbc_index > 0 && memory_.Load(frame + layout_.iframe.tlbc_index, &copy) && copy > 0) {
    const uint64_t copies = objects_.Word(code + layout_.code.tlbc);
    if (copies == 0 || static_cast<uint64_t>(copy) >= objects_.Word(copies)) return -1;
    start = objects_.Word(copies + 8 + 8 * static_cast<uint64_t>(copy));
  }
  const auto offset = static_cast<int64_t>(objects_.Word(frame + layout_.iframe.instr) - start);
  return offset < 0 || offset > (int64_t{1} << 30) ? -1 : static_cast<int32_t>(offset);
}

void RemoteInterpreter::Describe(uint64_t address, uint32_t fingerprint, CodeObjects& codes) {
  wire::CodeEvent event{};
  uint64_t file = 0, name = 0, table = 0, table_bytes = 0;
  int32_t first_line = 0, flags = 0;
  const bool read = memory_.Load(address + layout_.code.filename, &file) &&
                    memory_.Load(address + cpython::NameField(layout_), &name) &&
                    memory_.Load(address + cpython::LineTableField(layout_), &table) &&
                    memory_.Load(address + layout_.code.firstlineno, &first_line) &&
                    memory_.Load(address + layout_.code.flags, &flags) &&
                    memory_.Load(table + layout_.bytes.size, &table_bytes);
  if (!read || table_bytes > kMostTableBytes) return;
  const RemoteText file_text = ReadText(memory_, layout_, file), name_text = ReadText(memory_, layout_, name);
  std::vector<uint8_t> lines(table_bytes);
  if (!memory_.Read(table + layout_.bytes.data, lines.data(), lines.size())) return;
  event.record.address = address;
  event.record.fingerprint = fingerprint;
  event.record.first_line = first_line;
  event.record.code_flags = static_cast<uint32_t>(flags);
  event.file = {file_text.bytes, file_text.kind, false};
  event.name = {name_text.bytes, name_text.kind, false};
  event.table = lines;
  codes.Describe(event);
}

uint64_t RemoteInterpreter::MainGil() {
  if (layout_.free_threaded) return 0;
  if (layout_.minor <= 11) return runtime_ + static_cast<uint64_t>(layout_.runtime.gil);
  const uint64_t interpreter = objects_.Word(runtime_ + static_cast<uint64_t>(layout_.runtime.interpreters_main));
  return interpreter == 0 ? 0 : objects_.Word(interpreter + static_cast<uint64_t>(layout_.interp.ceval_gil));
}

uint64_t RemoteInterpreter::GilOf(uint64_t tstate) {
  if (layout_.free_threaded) return 0;
  if (layout_.minor <= 11) return runtime_ + layout_.runtime.gil;
  uint64_t interpreter = 0, gil = 0;
  if (!memory_.Load(tstate + layout_.tstate.interp, &interpreter)) return 0;
  return memory_.Load(interpreter + layout_.interp.ceval_gil, &gil) ? gil : 0;
}

// The lock's own words change while we look: one read of both, past the kept pages.
pid_t RemoteInterpreter::GilHolder(uint64_t gil) {
  struct {
    uint64_t holder;
    int32_t locked;
  } state{};
  memory_.Forget();
  if (layout_.gil.locked != layout_.gil.last_holder + 8) return 0;
  if (!memory_.ReadNow(gil + static_cast<uint64_t>(layout_.gil.last_holder), &state, 12)) return 0;
  return state.locked == 1 && state.holder != 0 ? TidOf(state.holder) : 0;
}

pid_t RemoteInterpreter::ThreadOf(uint64_t ident) const {
  const auto found = tids_.find(ident);
  return found == tids_.end() ? 0 : found->second;
}

// It waits in the parking lot for its own state to change: before the semaphore on its stack stands that state's address.
bool RemoteInterpreter::IsSuspended(uint64_t tstate, uint64_t futex) {
  uint64_t parked = 0;
  return layout_.free_threaded && layout_.tstate.state > 0 && memory_.ReadNow(futex - 8, &parked, sizeof parked) &&
         parked == tstate + static_cast<uint64_t>(layout_.tstate.state);
}

bool RemoteInterpreter::IsGil(uint64_t tstate, uint64_t address) {
  const uint64_t gil = GilOf(tstate);
  return gil != 0 && address >= gil && address < gil + static_cast<uint64_t>(layout_.gil.size);
}

}  // namespace scalene::collector
