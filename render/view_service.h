// What the server of `scalene view` answers: the page, the profile it shows, and the few things the page may ask for. Who
// may ask is decided here (docs/payload.md lists the routes):
//
//   every request   the Host is this machine by a loopback name, so that no foreign name leads here (DNS rebinding)
//   /api/…          the token of this run in X-Scalene-Token; a foreign Origin is refused
//   POST            the Origin is our own
//
// The profile is published by the thread that loads it, again whenever it has changed; requests that come before the
// first time wait.
// Threads: Publish and Fail from any; the rest on the server's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "render/http_server.h"

namespace scalene::render {

// One state of the profile as the page gets it.
struct Edition {
  std::string name;  // changes with the content
  bool partial = false;
  std::shared_ptr<const std::string> payload;
  std::vector<std::string> files;  // paths in the order of the payload's files
};

// What the page gets from AI services, by way of this process. Bodies are JSON as the page sent it, not yet looked at.
struct AssistantReply {
  int status = 200;
  std::string text;                  // JSON, or a refusal's sentence
  std::shared_ptr<AnswerFeed> feed;  // in place of the text: JSON lines, as they come
};
class PageAssistant {
 public:
  virtual ~PageAssistant() = default;
  virtual std::string Services() = 0;  // JSON
  virtual AssistantReply Ask(const std::string& body) = 0;
  virtual AssistantReply Models(const std::string& body) = 0;
  virtual AssistantReply Key(const std::string& body) = 0;
  virtual AssistantReply Apply(const std::string& body) = 0;
  virtual AssistantReply Check(const std::string& body) = 0;
};

struct ViewServiceOptions {
  std::string token;
  std::string version;
  PageAssistant* assistant = nullptr;  // null: the page offers no proposals
  // Opens a file of the profile in the user's editor; empty: there is none.
  std::function<Status(const std::string& path, int line)> open_in_editor;
};

class ViewService {
 public:
  explicit ViewService(ViewServiceOptions options) : options_(std::move(options)) {}

  std::optional<HttpResponse> Handle(const HttpRequest& request);

  void Publish(Edition edition);
  // The profile cannot be shown; the sentence is what the page says.
  void Fail(std::string sentence);

  // The event for all streams if there is news since the last call.
  std::optional<std::string> News();
  // Whether a page with the right token has been here.
  bool visited() const { return visited_; }

 private:
  std::optional<HttpResponse> HandleApi(const HttpRequest& request);
  std::optional<HttpResponse> Profile(const HttpRequest& request);
  HttpResponse Alive();
  HttpResponse Open(const HttpRequest& request);
  HttpResponse About() const;
  HttpResponse Post(const HttpRequest& request);
  std::string EventLocked() const;

  const ViewServiceOptions options_;
  bool visited_ = false;
  std::mutex mutex_;
  std::optional<Edition> edition_;  // guarded by mutex_, as all below
  std::string failure_;
  bool news_ = false;
};

// 128 random bits in hexadecimal.
std::string RandomToken();

}  // namespace scalene::render
