#include "collector/code_objects.h"

#include <sys/uio.h>

#include <algorithm>

#include "base/cpython/unicode.h"

namespace scalene::collector {
namespace {

constexpr uint32_t kMaxTableBytes = 4u << 20;  // tables of generated functions exceed 100 KiB

}  // namespace

int CodeObject::LineAt(int32_t offset) {
  const auto [place, inserted] = lines_.try_emplace(offset, 0);
  if (inserted) place->second = std::max(1, cpython::LineOrNearest(format, table, first_line, offset));
  return place->second;
}

void CodeObjects::Describe(const wire::CodeEvent& event) {
  if (objects_.size() >= kMost) ForgetOldestHalf();
  auto object = std::make_unique<CodeObject>();
  object->file = cpython::ToUtf8(event.file.kind, event.file.bytes);
  object->name = cpython::ToUtf8(event.name.kind, event.name.bytes);
  object->first_line = std::max(1, event.record.first_line);
  object->flags = event.record.code_flags;
  object->format = cpython::FormatFor(minor_);
  object->sequence = described_++;
  if (event.record.flags & wire::kCodeTableElsewhere) {
    object->table = FetchTable(event.record);
  } else {
    object->table.assign(event.table.begin(), event.table.end());
  }
  objects_[{event.record.address, event.record.fingerprint}] = std::move(object);
}

CodeObject* CodeObjects::Find(uint64_t address, uint32_t fingerprint) {
  const auto found = objects_.find({address, fingerprint});
  return found == objects_.end() ? nullptr : found->second.get();
}

void CodeObjects::ForgetOldestHalf() {
  const uint64_t oldest_kept = described_ - kMost / 2;
  std::erase_if(objects_, [oldest_kept](const auto& entry) { return entry.second->sequence < oldest_kept; });
}

// The table of a code object too large for a record. When the process is gone, lines become the first line.
std::vector<uint8_t> CodeObjects::FetchTable(const wire::CodeRecord& record) const {
  std::vector<uint8_t> table(std::min(record.table_bytes, kMaxTableBytes));
  iovec local{table.data(), table.size()};
  iovec remote{reinterpret_cast<void*>(record.table_address), table.size()};
  if (process_vm_readv(pid_, &local, 1, &remote, 1, 0) != static_cast<ssize_t>(table.size())) table.clear();
  return table;
}

}  // namespace scalene::collector
