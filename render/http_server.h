// A server for one person's browser: it listens on the loopback interface, answers one request to a connection, and keeps
// some answers open as event streams. One thread, never blocking: a slow or silent client costs a place in a table until
// its time is up, and nothing else.
//
//   bytes ─▶ ParseHttpRequest ─▶ handler ─▶ answer, or "not yet" (asked again after Wake), or a stream
//
// Threads: everything on the thread that calls Step, except Wake, which any thread may call.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/unique_fd.h"
#include "render/answer_feed.h"
#include "render/http_request.h"

namespace scalene::render {

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const std::string> body = std::make_shared<std::string>();
  bool stream = false;               // stays open after the body; Broadcast appends
  std::shared_ptr<AnswerFeed> feed;  // the body is still being written
};

class HttpServer {
 public:
  // Nothing: the answer is not known yet.
  using Handler = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

  // Listens on 127.0.0.1, and on [::1] where there is one. Port 0 takes a free one.
  static Result<std::unique_ptr<HttpServer>> Listen(int port, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  // Handles what there is to do; waits at most so long for it.
  void Step(std::chrono::milliseconds at_most);
  // Makes Step return, and unanswered requests be asked again.
  void Wake() const;
  // To all streams.
  void Broadcast(std::string_view text);
  size_t streams() const;
  bool sending() const;  // an answer is still on its way

 private:
  struct Connection;
  HttpServer(Handler handler, std::vector<UniqueFd> listeners, int port, UniqueFd wake);

  void Accept(int listener);
  void MakeRoom();
  void Read(Connection& connection);
  void Answer(Connection& connection);
  void Respond(Connection& connection, HttpResponse response);
  void Write(Connection& connection);
  void BeginFeed(Connection& connection, std::shared_ptr<AnswerFeed> feed);
  void TakeFeed(Connection& connection);

  Handler handler_;
  std::vector<UniqueFd> listeners_;
  int port_;
  UniqueFd wake_;
  std::list<Connection> connections_;
};

}  // namespace scalene::render
