#include "collector/remote_memory.h"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace scalene::collector {

bool RemoteMemory::ReadNow(uint64_t address, void* into, size_t size) {
  iovec local{into, size};
  iovec remote{reinterpret_cast<void*>(address), size};
  const ssize_t got = process_vm_readv(pid_, &local, 1, &remote, 1, 0);
  refused_ = got < 0 && errno == EPERM;
  return got == static_cast<ssize_t>(size);
}

const RemoteMemory::Page* RemoteMemory::PageAt(uint64_t number) {
  Page& page = pages_[number % kPages];
  if (page.number == number && page.generation == generation_) return &page;
  page.number = number;
  page.generation = ReadNow(number * kPage, page.bytes.data(), kPage) ? generation_ : 0;
  return page.generation == 0 ? nullptr : &page;
}

bool RemoteMemory::Read(uint64_t address, void* into, size_t size) {
  auto* out = static_cast<uint8_t*>(into);
  if (address + size < address) return false;
  while (size > 0) {
    const Page* page = PageAt(address / kPage);
    if (page == nullptr) return false;
    const size_t part = std::min<size_t>(size, kPage - address % kPage);
    std::memcpy(out, page->bytes.data() + address % kPage, part);
    address += part;
    out += part;
    size -= part;
  }
  return true;
}

const uint8_t* RemoteMemory::View(cpython::Slot slot, uint64_t address, size_t size, cpython::Trust) {
  auto& bytes = slots_[static_cast<size_t>(slot)];
  return size <= bytes.size() && Read(address, bytes.data(), size) ? bytes.data() : nullptr;
}

}  // namespace scalene::collector
