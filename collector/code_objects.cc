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
  if (objects_.size() >= kMost || table_bytes_ >= kMostTableBytes) ForgetHalf();
  auto object = std::make_unique<CodeObject>();
  object->file = cpython::ToUtf8(event.file.kind, event.file.bytes);
  object->name = cpython::ToUtf8(event.name.kind, event.name.bytes);
  object->first_line = std::max(1, event.record.first_line);
  object->flags = event.record.code_flags;
  object->format = cpython::FormatFor(minor_);
  object->last_used = ++uses_;
  if (event.record.flags & wire::kCodeTableElsewhere) {
    object->table = FetchTable(event.record);
  } else {
    object->table.assign(event.table.begin(), event.table.end());
  }
  table_bytes_ += object->table.size();
  objects_[{event.record.address, event.record.fingerprint}] = std::move(object);
}

CodeObject* CodeObjects::Find(uint64_t address, uint32_t fingerprint) {
  const auto found = objects_.find({address, fingerprint});
  if (found == objects_.end()) return nullptr;
  found->second->last_used = ++uses_;
  return found->second.get();
}

void CodeObjects::ForgetHalf() {
  std::vector<uint64_t> uses;
  for (const auto& [key, object] : objects_) uses.push_back(object->last_used);
  const auto middle = uses.begin() + static_cast<std::ptrdiff_t>(uses.size() / 2);
  std::nth_element(uses.begin(), middle, uses.end());
  std::erase_if(objects_, [oldest_kept = *middle](const auto& entry) { return entry.second->last_used < oldest_kept; });
  table_bytes_ = 0;
  for (const auto& [key, object] : objects_) table_bytes_ += object->table.size();
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
