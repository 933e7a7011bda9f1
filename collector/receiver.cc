#include "collector/receiver.h"

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "wire/handshake.h"
#include "wire/records.h"

namespace scalene::collector {
namespace {

constexpr int kBacklog = 4096;
constexpr size_t kMostPending = 1024;
constexpr std::chrono::seconds kPatience{2};  // a peer that has said nothing by then is dropped

Result<std::string> RandomName() {
  unsigned char bytes[wire::kNameDigits / 2];
  if (getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
    return Status::Error(std::string("no random numbers: ") + std::strerror(errno));
  std::string name;
  for (const unsigned char byte : bytes) {
    name += "0123456789abcdef"[byte >> 4];
    name += "0123456789abcdef"[byte & 15];
  }
  return name;
}

enum class Reading { kHello, kSwitch, kNotYet, kBroken };

UniqueFd TakeDescriptor(msghdr& message) {
  UniqueFd taken;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      taken = UniqueFd(fd);  // more than one: the last counts, the others are closed
    }
  }
  return taken;
}

// A hello with its descriptor, or a request.
Reading ReadMessage(int connection, UniqueFd* memfd, wire::SwitchRequest* request) {
  wire::Hello hello{};
  iovec payload{&hello, sizeof hello};
  alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &payload;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t received = recvmsg(connection, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (received < 0) return errno == EAGAIN || errno == EINTR ? Reading::kNotYet : Reading::kBroken;
  *memfd = TakeDescriptor(message);
  if ((message.msg_flags & MSG_TRUNC) != 0 || received != static_cast<ssize_t>(sizeof hello)) return Reading::kBroken;
  std::memcpy(request, &hello, sizeof hello);
  if (request->magic == wire::kSwitchMagic && request->version == wire::kWireVersion) return Reading::kSwitch;
  const bool valid = hello.magic == wire::kHelloMagic && hello.version == wire::kWireVersion && memfd->valid();
  return valid ? Reading::kHello : Reading::kBroken;
}

// Our own user's processes and the superuser's. The socket's name is a secret of the run besides.
bool MayConnect(const ucred& peer) { return peer.uid == getuid() || peer.uid == 0 || getuid() == 0; }

}  // namespace

Result<Receiver> Receiver::Listen() {
  Receiver receiver;
  auto name = RandomName();
  if (!name.ok()) return name.status();
  receiver.name_ = std::move(name).value();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string full = std::string(wire::kSocketPrefix) + receiver.name_;
  std::memcpy(address.sun_path + 1, full.data(), full.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + full.size());
  receiver.socket_ = UniqueFd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int fd = receiver.socket_.get();
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(fd, kBacklog) != 0)
    return Status::Error(std::string("cannot open a local socket: ") + std::strerror(errno));
  return receiver;
}

void Receiver::AcceptAll() {
  while (pending_.size() < kMostPending) {
    UniqueFd connection(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection.valid()) return;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || !MayConnect(peer)) continue;
    pending_.push_back({std::move(connection), peer.pid, std::chrono::steady_clock::now()});
  }
}

Messages Receiver::Receive() {
  AcceptAll();
  Messages complete;
  std::vector<Pending> waiting;
  for (Pending& pending : pending_) {
    UniqueFd memfd;
    wire::SwitchRequest request{};
    switch (ReadMessage(pending.connection.get(), &memfd, &request)) {
      case Reading::kHello:
        complete.introductions.push_back({pending.pid, std::move(memfd)});
        break;
      case Reading::kSwitch:
        complete.calls.push_back({request.verb, std::move(pending.connection)});
        break;
      case Reading::kNotYet:
        if (std::chrono::steady_clock::now() - pending.since < kPatience) waiting.push_back(std::move(pending));
        break;
      case Reading::kBroken:
        break;
    }
  }
  pending_ = std::move(waiting);
  return complete;
}

}  // namespace scalene::collector
