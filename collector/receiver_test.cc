#include "collector/receiver.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "wire/handshake.h"
#include "wire/records.h"

namespace scalene::collector {
namespace {

ino_t FileBehind(const UniqueFd& descriptor) {
  struct stat info {};
  EXPECT_EQ(fstat(descriptor.get(), &info), 0);
  return info.st_ino;
}

std::ptrdiff_t OpenDescriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

wire::Hello GoodHello() { return {wire::kHelloMagic, wire::kWireVersion, 4711, 1 << 20, 0}; }

// A process of the run, as far as the socket is concerned.
class Peer {
 public:
  explicit Peer(const Receiver& receiver) : socket_(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = wire::kSocketPrefix + receiver.name();
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    EXPECT_EQ(connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  }

  void Say(const void* bytes, size_t size, const std::vector<int>& descriptors) {
    iovec payload{const_cast<void*>(bytes), size};
    std::vector<char> control(CMSG_SPACE(descriptors.size() * sizeof(int)));
    msghdr message{};
    message.msg_iov = &payload;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* part = CMSG_FIRSTHDR(&message);
      part->cmsg_level = SOL_SOCKET;
      part->cmsg_type = SCM_RIGHTS;
      part->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
      std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size() * sizeof(int));
    }
    EXPECT_EQ(sendmsg(socket_.get(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(size));
  }
  void Introduce(const UniqueFd& memfd) {
    const wire::Hello hello = GoodHello();
    Say(&hello, sizeof hello, {memfd.get()});
  }
  // Whether the other side has closed the connection by then.
  bool HungUpWithin(int milliseconds) {
    pollfd state{socket_.get(), POLLRDHUP, 0};
    return poll(&state, 1, milliseconds) == 1;
  }
  void HangUp() { socket_.Reset(); }

 private:
  UniqueFd socket_;
};

class ReceiverTest : public testing::Test {
 protected:
  static Receiver Open() {
    auto receiver = Receiver::Listen();
    EXPECT_TRUE(receiver.ok()) << receiver.message();
    return std::move(receiver).value();
  }
  bool Readable() {
    pollfd state{receiver_.descriptor(), POLLIN, 0};
    return poll(&state, 1, 0) == 1;
  }
  // What comes of a message like this one.
  size_t IntroductionsFrom(const void* bytes, size_t size, const std::vector<int>& descriptors) {
    Peer peer(receiver_);
    peer.Say(bytes, size, descriptors);
    const size_t introductions = receiver_.Receive().introductions.size();
    EXPECT_TRUE(peer.HungUpWithin(0)) << "an answered connection stays open";
    return introductions;
  }

  Receiver receiver_ = Open();
  UniqueFd ring_{memfd_create("ring", MFD_CLOEXEC)};
};

TEST_F(ReceiverTest, TakesTheNameThatTheAgentsCanRead) {
  wire::CollectorAddress address{};
  EXPECT_TRUE(wire::ParseCollectorAddress((receiver_.name() + ":1:2:3:4").c_str(), &address)) << receiver_.name();
  EXPECT_NE(Open().name(), receiver_.name());
}

TEST_F(ReceiverTest, TakesAnIntroductionWithItsRing) {
  Peer peer(receiver_);
  peer.Introduce(ring_);
  EXPECT_TRUE(Readable());
  const auto introductions = receiver_.Receive().introductions;
  ASSERT_EQ(introductions.size(), 1u);
  EXPECT_EQ(FileBehind(introductions[0].memfd), FileBehind(ring_));
  EXPECT_FALSE(Readable());
  EXPECT_TRUE(receiver_.Receive().introductions.empty());
}

TEST_F(ReceiverTest, BelievesTheKernelAboutWhoIsThere) {
  Peer peer(receiver_);
  peer.Introduce(ring_);  // says that it is 4711
  const auto introductions = receiver_.Receive().introductions;
  ASSERT_EQ(introductions.size(), 1u);
  EXPECT_EQ(introductions[0].pid, getpid());
}

TEST_F(ReceiverTest, TakesTheIntroductionOfAPeerThatIsGoneAlready) {
  Peer peer(receiver_);
  peer.Introduce(ring_);
  peer.HangUp();
  EXPECT_EQ(receiver_.Receive().introductions.size(), 1u);
}

TEST_F(ReceiverTest, WaitsForAMessageThatFollowsLate) {
  Peer peer(receiver_);
  EXPECT_TRUE(receiver_.Receive().introductions.empty());
  EXPECT_TRUE(receiver_.Receive().introductions.empty());
  peer.Introduce(ring_);
  EXPECT_EQ(receiver_.Receive().introductions.size(), 1u);
}

TEST_F(ReceiverTest, IsNotHeldUpBySilentPeers) {
  std::vector<Peer> silent;
  for (int i = 0; i < 50; ++i) silent.emplace_back(receiver_);
  Peer talkative(receiver_);
  talkative.Introduce(ring_);
  EXPECT_EQ(receiver_.Receive().introductions.size(), 1u);
}

TEST_F(ReceiverTest, DropsAPeerThatStaysSilent) {
  Peer peer(receiver_);
  receiver_.Receive();
  EXPECT_FALSE(peer.HungUpWithin(0));
  for (int waited = 0; waited < 50 && !peer.HungUpWithin(100); ++waited) receiver_.Receive();
  EXPECT_TRUE(peer.HungUpWithin(0));
}

TEST_F(ReceiverTest, ForgetsAPeerThatHangsUpWithoutAWord) {
  Peer peer(receiver_);
  peer.HangUp();
  EXPECT_TRUE(receiver_.Receive().introductions.empty());
  EXPECT_FALSE(Readable());
}

TEST_F(ReceiverTest, RefusesGarbage) {
  const wire::Hello good = GoodHello();
  wire::Hello other_magic = good, other_version = good;
  other_magic.magic ^= 1;
  other_version.version += 1;
  EXPECT_EQ(IntroductionsFrom(&other_magic, sizeof good, {ring_.get()}), 0u);
  EXPECT_EQ(IntroductionsFrom(&other_version, sizeof good, {ring_.get()}), 0u);
  EXPECT_EQ(IntroductionsFrom(&good, sizeof good - 1, {ring_.get()}), 0u);
  EXPECT_EQ(IntroductionsFrom("?", 1, {ring_.get()}), 0u);
  EXPECT_EQ(IntroductionsFrom(&good, sizeof good, {}), 0u) << "without a ring";
}

TEST_F(ReceiverTest, KeepsOneOfSeveralDescriptors) {
  const UniqueFd other(memfd_create("other", MFD_CLOEXEC));
  Peer peer(receiver_);
  const wire::Hello hello = GoodHello();
  peer.Say(&hello, sizeof hello, {other.get(), other.get(), ring_.get()});
  const auto open_before = OpenDescriptors();
  const auto introductions = receiver_.Receive().introductions;
  ASSERT_EQ(introductions.size(), 1u);
  EXPECT_EQ(FileBehind(introductions[0].memfd), FileBehind(ring_));
  EXPECT_EQ(OpenDescriptors(), open_before + 1);
}

}  // namespace
}  // namespace scalene::collector
