#include "agent/record_writer.h"

#include <pthread.h>

#include "agent/syscalls.h"

namespace scalene::agent {

void WriteProcessStart(wire::ProcessOrigin origin) {
  auto* record = BeginRecord<wire::ProcessStartRecord>(wire::RecordType::kProcessStart);
  if (record == nullptr) return;
  const Interpreter& interpreter = g_agent.interpreter;
  record->pid = CurrentPid();
  record->ppid = static_cast<int32_t>(RawSyscall(SYS_getppid));
  record->version_hex = interpreter.version_hex;
  record->minor = static_cast<uint8_t>(interpreter.layout.minor);
  record->free_threaded = interpreter.layout.free_threaded;
  record->origin = origin;
  record->signal = static_cast<uint8_t>(g_agent.signal);
  record->time_ns = WallClock(CLOCK_MONOTONIC);
  record->realtime_ns = static_cast<int64_t>(WallClock(CLOCK_REALTIME));
  record->process_cpu_ns = ProcessCpu();
  record->main_ident = static_cast<uint64_t>(pthread_self());
  record->runtime_address = interpreter.runtime;
  EndRecord(record);
}

void WriteProcessText(wire::TextKey key, const char* text, uint32_t bytes) {
  auto* record = BeginRecord<wire::ProcessTextRecord>(wire::RecordType::kProcessText, bytes);
  if (record == nullptr) return;
  record->key = key;
  record->bytes = bytes;
  __builtin_memcpy(record + 1, text, bytes);
  EndRecord(record);
}

void WriteThreadStart(int32_t tid, bool is_main, uint64_t ident, uint64_t cpu_ns) {
  auto* record = BeginRecord<wire::ThreadStartRecord>(wire::RecordType::kThreadStart);
  if (record == nullptr) return;
  record->tid = tid;
  record->is_main = is_main;
  record->ident = ident;
  record->time_ns = WallClock(CLOCK_MONOTONIC);
  record->cpu_ns = cpu_ns;
  EndRecord(record);
}

void WriteThreadEnd(int32_t tid, uint64_t cpu_ns) {
  auto* record = BeginRecord<wire::ThreadEndRecord>(wire::RecordType::kThreadEnd);
  if (record == nullptr) return;
  record->tid = tid;
  record->reserved = 0;
  record->time_ns = WallClock(CLOCK_MONOTONIC);
  record->cpu_ns = cpu_ns;
  EndRecord(record);
}

void WriteRecordingEnd(wire::EndReason reason) {
  auto* record = BeginRecord<wire::RecordingEndRecord>(wire::RecordType::kRecordingEnd);
  if (record == nullptr) return;
  record->reason = reason;
  record->reserved = 0;
  record->time_ns = WallClock(CLOCK_MONOTONIC);
  record->process_cpu_ns = ProcessCpu();
  EndRecord(record);
}

void WriteSwitch(bool on, bool from_birth) {
  auto* record = BeginRecord<wire::SwitchRecord>(wire::RecordType::kSwitch);
  if (record == nullptr) return;
  record->on = on;
  record->from_birth = from_birth;
  record->time_ns = WallClock(CLOCK_MONOTONIC);
  record->process_cpu_ns = ProcessCpu();
  EndRecord(record);
}

void WriteNotice(wire::Notice notice, int32_t detail) {
  auto* record = BeginRecord<wire::NoticeRecord>(wire::RecordType::kNotice);
  if (record == nullptr) return;
  record->notice = notice;
  record->detail = detail;
  EndRecord(record);
}

}  // namespace scalene::agent
