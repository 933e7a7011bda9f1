#include "agent/connection.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "agent/footprint.h"
#include "agent/process_state.h"
#include "agent/syscalls.h"
#include "wire/handshake.h"

#ifndef MFD_ALLOW_SEALING
#define MFD_ALLOW_SEALING 2u
#endif
#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#endif

namespace scalene::agent {
namespace {

constexpr uint32_t kRingBytes = wire::kDefaultRingBytes;

// Grows the file. Beyond RLIMIT_FSIZE that would raise SIGXFSZ: then the soft limit makes room for the moment.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
long SetSize(long fd, uint64_t bytes) {
  struct Limit {
    uint64_t soft, hard;
  } limit{};
  RawSyscall(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, AsWord(&limit));
  if (limit.soft >= bytes) return RawSyscall(SYS_ftruncate, fd, static_cast<long>(bytes));
  if (limit.hard < bytes) return -EFBIG;
  const Limit room{limit.hard, limit.hard};
  RawSyscall(SYS_prlimit64, 0, RLIMIT_FSIZE, AsWord(&room));
  const long failed = RawSyscall(SYS_ftruncate, fd, static_cast<long>(bytes));
  RawSyscall(SYS_prlimit64, 0, RLIMIT_FSIZE, AsWord(&limit));
  return failed;
}

// A sealed memfd of the right size, or -errno.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
long MakeMemfd() {
  const long fd = RawSyscall(SYS_memfd_create, AsWord("scalene-ring"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return fd;
  long failed = SetSize(fd, wire::kControlBytes + kRingBytes);
  if (failed == 0) failed = RawSyscall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  if (failed == 0) return fd;
  CloseDescriptor(fd);
  return failed;
}

struct Mapping {
  uint8_t* start = nullptr;
  size_t bytes = 0;
  void Unmap() const { RawSyscall(SYS_munmap, AsWord(start), static_cast<long>(bytes)); }
};

// [ Control | data | the same data again ], kept out of fork children.
// Signal-safe: yes.  Allocates: by mmap.  Locks: none.  Runs on: any thread.
Mapping MapRing(long fd) {
  Mapping mapping;
  mapping.bytes = wire::kControlBytes + 2 * static_cast<size_t>(kRingBytes);
  mapping.start =
      static_cast<uint8_t*>(MapMemory(mapping.bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  if (mapping.start == nullptr) return mapping;
  const int protection = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_FIXED;
  const auto file = static_cast<int>(fd);
  uint8_t* data = mapping.start + wire::kControlBytes;
  const bool mapped = MapMemory(wire::kControlBytes, protection, flags, file, 0, mapping.start) != nullptr &&
                      MapMemory(kRingBytes, protection, flags, file, wire::kControlBytes, data) != nullptr &&
                      MapMemory(kRingBytes, protection, flags, file, wire::kControlBytes, data + kRingBytes) != nullptr;
  if (!mapped || RawSyscall(SYS_madvise, AsWord(mapping.start), mapping.bytes, MADV_DONTFORK) != 0) {
    mapping.Unmap();
    mapping.start = nullptr;
  }
  return mapping;
}

// A connected socket, or -errno. Abstract names work in any directory, and after setuid and chroot.
// Signal-safe: yes.  Allocates: no.  Locks: none; non-blocking.  Runs on: any thread.
long ConnectSocket(const wire::CollectorAddress& collector) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  constexpr size_t kPrefix = sizeof(wire::kSocketPrefix) - 1;
  __builtin_memcpy(address.sun_path + 1, wire::kSocketPrefix, kPrefix);
  __builtin_memcpy(address.sun_path + 1 + kPrefix, collector.name, wire::kNameDigits);
  const long length = offsetof(sockaddr_un, sun_path) + 1 + kPrefix + wire::kNameDigits;
  const long fd = RawSyscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fd;
  const long failed = RawSyscall(SYS_connect, fd, AsWord(&address), length);
  if (failed == 0) return fd;
  CloseDescriptor(fd);
  return failed;
}

// Signal-safe: yes.  Allocates: no.  Locks: none; non-blocking.  Runs on: any thread.
bool SendHello(long socket, long memfd) {
  wire::Hello hello{wire::kHelloMagic, wire::kWireVersion, CurrentPid(), kRingBytes, 0};
  iovec payload{&hello, sizeof hello};
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &payload;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* attached = CMSG_FIRSTHDR(&message);
  attached->cmsg_level = SOL_SOCKET;
  attached->cmsg_type = SCM_RIGHTS;
  attached->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = static_cast<int>(memfd);
  __builtin_memcpy(CMSG_DATA(attached), &fd, sizeof fd);
  return RawSyscall(SYS_sendmsg, socket, AsWord(&message), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<long>(sizeof hello);
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void InitControl(wire::Control* control) {
  control->version = wire::kWireVersion;
  control->ring_bytes = kRingBytes;
  control->pid = CurrentPid();
  const bool on = g_agent.forked ? g_agent.on_at_fork != 0 : (g_agent.collector.flags & wire::kStartEnabled) != 0;
  control->switches.store(on, std::memory_order_relaxed);
  control->magic = wire::kControlMagic;
}

// The collector's to keep: sends the memfd, closes everything here. Signal-safe: yes. Runs on: any thread.
bool HandOver(long memfd) {
  const long socket = ConnectSocket(g_agent.collector);
  if (socket < 0) return false;
  // Yama lets only ancestors read us; the collector is not always one. Without Yama this fails, harmlessly.
  RawSyscall(SYS_prctl, PR_SET_PTRACER, g_agent.collector.collector_pid);
  const bool sent = SendHello(socket, memfd);
  CloseDescriptor(socket);
  return sent;
}

}  // namespace

Connection Connect() {
  ProcessState& state = *g_agent.state;
  if (state.connecting.exchange(1, std::memory_order_acq_rel) != 0) return Connection::kBySomebodyElse;
  const long memfd = MakeMemfd();
  if (memfd < 0) return Connection::kFailed;
  const Mapping mapping = MapRing(memfd);
  bool connected = false;
  if (mapping.start != nullptr) {
    auto* control = reinterpret_cast<wire::Control*>(mapping.start);
    InitControl(control);
    if (g_agent.forked) MoveFootprint(control->memory);
    connected = HandOver(memfd);
    if (connected) {
      state.ring = wire::RingBuffer(control, mapping.start + wire::kControlBytes, kRingBytes);
      state.phase.store(RingPhase::kPrivate, std::memory_order_release);  // pairs with the acquire in BeginRecord
    } else {
      mapping.Unmap();
    }
  }
  CloseDescriptor(memfd);
  return connected ? Connection::kMade : Connection::kFailed;
}

void OpenRing() {
  // release: pairs with the acquire in the handler, so that no sample comes before the records written so far.
  g_agent.state->phase.store(RingPhase::kOpen, std::memory_order_release);
}

}  // namespace scalene::agent
