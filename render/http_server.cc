#include "render/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace scalene::render {
namespace {

using Clock = std::chrono::steady_clock;

// A page needs a handful; the rest is for impatient reloads. Beyond it the one that has been silent longest goes.
constexpr size_t kMostConnections = 256;
constexpr auto kRequestTime = std::chrono::seconds(10);
constexpr auto kWriteTime = std::chrono::seconds(60);
constexpr size_t kMostStreamBacklog = 64 * 1024;  // a reader that does not read loses its stream
constexpr size_t kReadBlock = 64 * 1024;

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    default:
      return status < 500 ? "Refused" : "Trouble";
  }
}

Status Trouble(int port, int error) {
  return Status::Error("cannot listen on port " + std::to_string(port) + ": " + strerror(error));
}

Result<UniqueFd> ListenOn(const sockaddr* address, socklen_t size, int port) {
  UniqueFd fd(socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Trouble(port, errno);
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->sa_family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(fd.get(), address, size) != 0 || listen(fd.get(), SOMAXCONN) != 0) return Trouble(port, errno);
  return fd;
}

Result<UniqueFd> ListenV4(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return ListenOn(reinterpret_cast<const sockaddr*>(&address), sizeof address, port);
}

Result<UniqueFd> ListenV6(int port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(static_cast<uint16_t>(port));
  return ListenOn(reinterpret_cast<const sockaddr*>(&address), sizeof address, port);
}

int PortOf(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? ntohs(address.sin_port) : 0;
}

std::string HeadOf(const HttpResponse& response) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(Reason(response.status)) +
                     "\r\nConnection: close\r\n";
  if (!response.stream && !response.feed) head += "Content-Length: " + std::to_string(response.body->size()) + "\r\n";
  for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
  return head + "\r\n";
}

}  // namespace

struct HttpServer::Connection {
  explicit Connection(UniqueFd socket) : fd(std::move(socket)), deadline(Clock::now() + kRequestTime) {}
  ~Connection() {
    if (feed) feed->Abandon();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Phase : uint8_t {
    kReading,
    kWaiting,
    kWriting,
    kStreaming,
    kFeeding,
    kLingering,
    kDone
  } phase = Phase::kReading;
  UniqueFd fd;
  Clock::time_point deadline;
  std::string in;
  HttpRequest request;
  std::string head;                         // then the body; of streams all that is still to be sent
  std::shared_ptr<const std::string> body;  // shared: a profile may be large
  std::shared_ptr<AnswerFeed> feed;         // what is still being written
  size_t sent = 0;
  bool fed = false;  // that was the last of it
  bool stream = false, without_body = false;

  short Wanted() const {
    if (phase == Phase::kWriting) return POLLOUT;
    if (phase == Phase::kStreaming || phase == Phase::kFeeding)
      return static_cast<short>(POLLIN | (head.empty() ? 0 : POLLOUT));
    return POLLIN;
  }
};

HttpServer::HttpServer(Handler handler, std::vector<UniqueFd> listeners, int port, UniqueFd wake)
    : handler_(std::move(handler)), listeners_(std::move(listeners)), port_(port), wake_(std::move(wake)) {}

HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(int port, Handler handler) {
  std::vector<UniqueFd> listeners;
  Result<UniqueFd> v4 = ListenV4(port);
  if (!v4.ok()) return v4.status();
  const int actual = PortOf(v4.value().get());
  listeners.push_back(std::move(v4).value());
  // Where the port is taken on [::1], or there is no such address, 127.0.0.1 alone will do.
  if (Result<UniqueFd> v6 = ListenV6(actual); v6.ok()) listeners.push_back(std::move(v6).value());
  UniqueFd wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake.valid()) return Trouble(actual, errno);
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(handler), std::move(listeners), actual, std::move(wake)));
}

void HttpServer::Wake() const { (void)!eventfd_write(wake_.get(), 1); }

size_t HttpServer::streams() const {
  return static_cast<size_t>(std::count_if(connections_.begin(), connections_.end(), [](const Connection& connection) {
    return connection.phase == Connection::Phase::kStreaming;
  }));
}

bool HttpServer::sending() const {
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const Connection& connection) { return connection.phase == Connection::Phase::kWriting; });
}

void HttpServer::Broadcast(std::string_view text) {
  for (Connection& connection : connections_) {
    if (connection.phase != Connection::Phase::kStreaming) continue;
    if (connection.head.size() > kMostStreamBacklog) {
      connection.phase = Connection::Phase::kDone;
      continue;
    }
    connection.head += text;
    Write(connection);
  }
}

void HttpServer::Step(std::chrono::milliseconds at_most) {
  std::vector<pollfd> polled = {{wake_.get(), POLLIN, 0}};
  for (const UniqueFd& listener : listeners_) polled.push_back({listener.get(), POLLIN, 0});
  const size_t first = polled.size();
  for (const Connection& connection : connections_) polled.push_back({connection.fd.get(), connection.Wanted(), 0});
  if (poll(polled.data(), polled.size(), static_cast<int>(at_most.count())) < 0) return;

  const bool woken = polled[0].revents != 0;
  eventfd_t ignored;
  if (woken) (void)!eventfd_read(wake_.get(), &ignored);
  size_t at = first;
  for (Connection& connection : connections_) {
    const short events = polled[at++].revents;
    if (events & POLLIN) Read(connection);
    if ((events & (POLLERR | POLLHUP)) && !(events & POLLIN)) connection.phase = Connection::Phase::kDone;
    if (events & POLLOUT) Write(connection);
    if (woken && connection.phase == Connection::Phase::kWaiting) Answer(connection);
    if (woken && connection.phase == Connection::Phase::kFeeding) TakeFeed(connection);
  }
  const auto now = Clock::now();
  connections_.remove_if([now](const Connection& connection) {
    return connection.phase == Connection::Phase::kDone || connection.deadline < now;
  });
  for (size_t i = 0; i < listeners_.size(); i++) {
    if (polled[1 + i].revents) Accept(listeners_[i].get());
  }
}

// At most as many at once as are waiting in the kernel's queue.
void HttpServer::Accept(int listener) {
  for (int i = 0; i < 128; i++) {
    UniqueFd socket(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.valid()) return;
    MakeRoom();
    connections_.emplace_back(std::move(socket));
  }
}

void HttpServer::MakeRoom() {
  if (connections_.size() < kMostConnections) return;
  // Oldest first: one that has not even asked; else one that is being answered; a stream last of all.
  using Phase = Connection::Phase;
  for (const auto& spared :
       {std::pair(Phase::kReading, Phase::kLingering), std::pair(Phase::kWaiting, Phase::kWriting)}) {
    const auto found = std::find_if(connections_.begin(), connections_.end(), [&](const Connection& connection) {
      return connection.phase == spared.first || connection.phase == spared.second;
    });
    if (found != connections_.end()) return connections_.erase(found), void();
  }
  connections_.pop_front();
}

void HttpServer::Read(Connection& connection) {
  using Phase = Connection::Phase;
  char block[kReadBlock];
  const ssize_t got = recv(connection.fd.get(), block, sizeof block, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    connection.phase = Phase::kDone;
    return;
  }
  if (connection.phase != Phase::kReading) return;  // nothing more is wanted from it
  connection.in.append(block, static_cast<size_t>(got));
  ParsedRequest parsed = ParseHttpRequest(connection.in);
  if (parsed.state == ParsedRequest::State::kIncomplete) return;
  std::string().swap(connection.in);
  if (parsed.state == ParsedRequest::State::kRefused) return Respond(connection, {.status = parsed.status});
  connection.request = std::move(parsed.request);
  Answer(connection);
}

void HttpServer::Answer(Connection& connection) {
  std::optional<HttpResponse> response = handler_(connection.request);
  if (response) return Respond(connection, std::move(*response));
  connection.phase = Connection::Phase::kWaiting;
  connection.deadline = Clock::time_point::max();
}

void HttpServer::Respond(Connection& connection, HttpResponse response) {
  connection.head = HeadOf(response);
  connection.stream = response.stream;
  if (response.feed) return BeginFeed(connection, std::move(response.feed));
  if (response.stream) connection.head += *response.body;
  if (!response.stream && connection.request.method != "HEAD") connection.body = response.body;
  connection.phase = response.stream ? Connection::Phase::kStreaming : Connection::Phase::kWriting;
  connection.deadline = response.stream ? Clock::time_point::max() : Clock::now() + kWriteTime;
  Write(connection);
}

void HttpServer::BeginFeed(Connection& connection, std::shared_ptr<AnswerFeed> feed) {
  connection.feed = std::move(feed);
  connection.stream = true;
  connection.phase = Connection::Phase::kFeeding;
  connection.deadline = Clock::time_point::max();  // the writer has one of its own
  connection.feed->WakeBy([this] { Wake(); });
  TakeFeed(connection);
}

void HttpServer::TakeFeed(Connection& connection) {
  connection.fed = connection.feed->TakeInto(connection.head);
  Write(connection);
}

void HttpServer::Write(Connection& connection) {
  using Phase = Connection::Phase;
  const bool writes = connection.phase == Phase::kWriting || connection.phase == Phase::kStreaming ||
                      connection.phase == Phase::kFeeding;
  if (!writes) return;
  while (true) {
    const bool in_head = connection.sent < connection.head.size() || !connection.body;
    const std::string_view whole = in_head ? connection.head : *connection.body;
    const size_t offset = in_head ? connection.sent : connection.sent - connection.head.size();
    if (offset < whole.size()) {
      const ssize_t put = send(connection.fd.get(), whole.data() + offset, whole.size() - offset, MSG_NOSIGNAL);
      if (put < 0 && errno == EAGAIN) return;
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) {
        connection.phase = Phase::kDone;
        return;
      }
      connection.sent += static_cast<size_t>(put);
      if (!connection.stream) connection.deadline = Clock::now() + kWriteTime;
      continue;
    }
    if (connection.stream) {
      connection.head.clear();
      connection.sent = 0;
      if (!connection.fed) return;
    }
    // The other side closes once it has read everything; closing first could cut off what is still on its way.
    shutdown(connection.fd.get(), SHUT_WR);
    connection.body.reset();
    connection.phase = Phase::kLingering;
    connection.deadline = Clock::now() + std::chrono::seconds(2);
    return;
  }
}

}  // namespace scalene::render
