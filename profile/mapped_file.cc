#include "profile/mapped_file.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <utility>

namespace scalene::profile {
namespace {

// The bytes that are mapped now: read by the handler, on any thread.
std::atomic<char*> mapped_begin{nullptr}, mapped_end{nullptr};
std::atomic<size_t> page_size{0};
struct sigaction action_before;

size_t WholePages(size_t bytes) {
  const size_t page = page_size.load();
  return (bytes + page - 1) / page * page;
}

// A page that the file has lost becomes one of zeros. Anything else is as deadly as before.
void OnBusError(int signal, siginfo_t* info, void*) {
  char* const where = static_cast<char*>(info->si_addr);
  if (where >= mapped_begin && where < mapped_end) {
    const size_t page = page_size;
    void* const start = where - reinterpret_cast<uintptr_t>(where) % page;
    if (mmap(start, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) return;
  }
  ::signal(signal, SIG_DFL);  // the access is made again
}

void ExpectBusErrors() {
  struct sigaction action {};
  action.sa_sigaction = OnBusError;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, &action_before);
}

}  // namespace

MappedFile::MappedFile(int descriptor, size_t size) {
  if (mapped_begin != nullptr || size == 0) return;
  page_size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t with_zeros = WholePages(size) + page_size;
  void* const place = mmap(nullptr, with_zeros, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return;
  if (mmap(place, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == MAP_FAILED) {
    munmap(place, with_zeros);
    return;
  }
  begin_ = static_cast<char*>(place);
  size_ = size;
  mapped_begin = begin_;
  mapped_end = begin_ + WholePages(size);
  ExpectBusErrors();
}

MappedFile::~MappedFile() {
  if (begin_ == nullptr) return;
  munmap(begin_, WholePages(size_) + page_size);
  mapped_begin = mapped_end = nullptr;
  sigaction(SIGBUS, &action_before, nullptr);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}

}  // namespace scalene::profile
