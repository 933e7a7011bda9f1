#include "render/view_service.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "profile/json_text.h"
#include "render/html.h"
#include "render/page_assets.h"

namespace scalene::render {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers CommonHeaders(std::string_view type) {
  Headers headers = {{"Content-Security-Policy", ServedPolicy()},
                     {"X-Content-Type-Options", "nosniff"},
                     {"X-Frame-Options", "DENY"},
                     {"Referrer-Policy", "no-referrer"},
                     {"Cross-Origin-Opener-Policy", "same-origin"},
                     {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (!type.empty()) headers.emplace_back("Content-Type", type);
  return headers;
}

HttpResponse Answer(int status, std::string_view type, std::shared_ptr<const std::string> body) {
  HttpResponse response{status, CommonHeaders(type), std::move(body), false};
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpResponse Sentence(int status, std::string text) {
  return Answer(status, "text/plain; charset=utf-8", std::make_shared<std::string>(std::move(text) + "\n"));
}

// Bytes of the binary: the browser may keep them and ask whether they have changed.
HttpResponse Embedded(const HttpRequest& request, std::string_view type, std::string_view text,
                      std::string_view sha256) {
  const std::string tag = "\"" + std::string(sha256) + "\"";
  HttpResponse response{200, CommonHeaders(type), std::make_shared<std::string>(), false};
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  if (request.Header("if-none-match") == tag) {
    response.status = 304;
  } else {
    response.body = std::make_shared<std::string>(text);
  }
  return response;
}

struct ServedAsset {
  std::string_view path, type;
  PageAsset (*content)();
};
constexpr ServedAsset kServedAssets[] = {
    {"/app.js", "text/javascript; charset=utf-8", PageScript},
    {"/later.js", "text/javascript; charset=utf-8", LaterScript},
    {"/app.css", "text/css; charset=utf-8", PageStyle},
    {"/ai.js", "text/javascript; charset=utf-8", DrawerScript},
    {"/ai.css", "text/css; charset=utf-8", DrawerStyle},
};

struct AssistantRoute {
  std::string_view path;
  AssistantReply (PageAssistant::*act)(const std::string& body);
};
constexpr AssistantRoute kAssistantRoutes[] = {
    {"/api/ai/ask", &PageAssistant::Ask},     {"/api/ai/models", &PageAssistant::Models},
    {"/api/ai/key", &PageAssistant::Key},     {"/api/ai/apply", &PageAssistant::Apply},
    {"/api/ai/check", &PageAssistant::Check},
};

HttpResponse FromAssistant(AssistantReply reply) {
  if (reply.status != 200) return Sentence(reply.status, std::move(reply.text));
  HttpResponse response = Answer(200, reply.feed ? "application/x-ndjson" : "application/json",
                                 std::make_shared<std::string>(std::move(reply.text)));
  response.feed = std::move(reply.feed);
  return response;
}

// "localhost:8080" -> "localhost"; the port is whatever a tunnel has made of it.
std::string_view HostWithoutPort(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool IsLoopbackHost(std::string_view host) {
  const std::string_view name = HostWithoutPort(host);
  const std::string_view port = host.substr(name.size());
  const bool port_ok =
      port.empty() || (port.size() <= 6 && port[0] == ':' &&
                       std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; }));
  return port_ok && (name == "localhost" || name == "127.0.0.1" || name == "[::1]");
}

bool IsOwnOrigin(const HttpRequest& request) {
  return request.Header("origin") == "http://" + std::string(request.Header("host"));
}

// Takes as long whatever the text is.
bool EqualInConstantTime(std::string_view given, std::string_view expected) {
  unsigned difference = given.size() != expected.size();
  for (size_t i = 0; i < expected.size(); i++)
    difference |= static_cast<unsigned char>(expected[i] ^ (i < given.size() ? given[i] : 0));
  return difference == 0;
}

// The whole number behind "key": in a flat JSON object; these bodies are two numbers, no more.
std::optional<int> NumberIn(std::string_view json, std::string_view key) {
  size_t at = json.find("\"" + std::string(key) + "\"");
  if (at == json.npos) return {};
  at = json.find_first_not_of(" \t\r\n:", at + key.size() + 2);
  if (at == json.npos) return {};
  int number = 0;
  const auto [end, error] = std::from_chars(json.data() + at, json.data() + json.size(), number);
  const bool ends =
      end == json.data() + json.size() || std::string_view(",} \t\r\n").find(*end) != std::string_view::npos;
  if (error != std::errc() || !ends) return {};
  return number;
}

}  // namespace

std::optional<HttpResponse> ViewService::Handle(const HttpRequest& request) {
  if (!IsLoopbackHost(request.Header("host"))) {
    return Sentence(403, "This server answers to localhost, 127.0.0.1 and [::1] only.");
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && request.method != "POST") {
    HttpResponse refusal = Sentence(405, "GET and POST only.");
    refusal.headers.emplace_back("Allow", "GET, HEAD, POST");
    return refusal;
  }
  if (request.path.starts_with("/api/")) return HandleApi(request);
  if (reads && request.path == "/") {
    const std::string shell = ServedShell(options_.assistant != nullptr);
    return Embedded(request, "text/html; charset=utf-8", shell, PageScript().sha256);
  }
  for (const ServedAsset& asset : kServedAssets) {
    if (reads && request.path == asset.path)
      return Embedded(request, asset.type, asset.content().text, asset.content().sha256);
  }
  return Sentence(404, "There is nothing here.");
}

std::optional<HttpResponse> ViewService::HandleApi(const HttpRequest& request) {
  if (!EqualInConstantTime(request.Header("x-scalene-token"), options_.token)) {
    return Sentence(401, "The token is missing or of another run; open the page that scalene view opened.");
  }
  const bool has_origin = request.headers.contains("origin");
  const bool posts = request.method == "POST";
  if ((posts || has_origin) && !IsOwnOrigin(request)) return Sentence(403, "Only the page itself may ask.");
  visited_ = true;
  if (posts) return Post(request);
  if (request.path == "/api/profile") return Profile(request);
  if (request.path == "/api/alive") return Alive();
  if (request.path == "/api/about") return About();
  if (request.path == "/api/ai" && options_.assistant) return FromAssistant({200, options_.assistant->Services(), {}});
  return Sentence(404, "There is nothing here.");
}

HttpResponse ViewService::Post(const HttpRequest& request) {
  if (request.path == "/api/open") return Open(request);
  if (PageAssistant* assistant = options_.assistant) {
    for (const AssistantRoute& route : kAssistantRoutes) {
      if (request.path == route.path) return FromAssistant((assistant->*route.act)(request.body));
    }
  }
  return Sentence(404, "There is nothing to post to here.");
}

std::optional<HttpResponse> ViewService::Profile(const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  if (!failure_.empty() && !edition_) return Sentence(500, failure_);
  if (!edition_) return std::nullopt;
  const std::string tag = "\"" + edition_->name + "\"";
  const bool known = request.Header("if-none-match") == tag;
  HttpResponse response = Answer(known ? 304 : 200, "application/octet-stream",
                                 known ? std::make_shared<std::string>() : edition_->payload);
  response.headers.emplace_back("ETag", tag);
  return response;
}

std::string ViewService::EventLocked() const {
  std::string event = "data: {";
  if (!failure_.empty()) {
    event += "\"error\": ";
    profile::AppendJsonString(failure_, event);
  } else if (edition_) {
    event += "\"edition\": ";
    profile::AppendJsonString(edition_->name, event);
    event += std::string(", \"partial\": ") + (edition_->partial ? "true" : "false");
  } else {
    return ": reading the profile\n\n";
  }
  return event + "}\n\n";
}

HttpResponse ViewService::Alive() {
  const std::lock_guard lock(mutex_);
  HttpResponse response = Answer(200, "text/event-stream", std::make_shared<std::string>(EventLocked()));
  response.stream = true;
  return response;
}

HttpResponse ViewService::Open(const HttpRequest& request) {
  const std::optional<int> file = NumberIn(request.body, "file"), line = NumberIn(request.body, "line");
  std::string path;
  {
    const std::lock_guard lock(mutex_);
    if (!file || !line || *line < 1 || !edition_ || *file < 0 || static_cast<size_t>(*file) >= edition_->files.size())
      return Sentence(400, "That is no line of this profile.");
    path = edition_->files[static_cast<size_t>(*file)];
  }
  if (!options_.open_in_editor) return Sentence(501, "No editor was found; set SCALENE_EDITOR.");
  const Status opened = options_.open_in_editor(path, *line);
  if (!opened.ok()) return Sentence(502, opened.message());
  return Answer(204, "", std::make_shared<std::string>());
}

HttpResponse ViewService::About() const {
  std::string json = "{\"version\": ";
  profile::AppendJsonString(options_.version, json);
  json += std::string(", \"editor\": ") + (options_.open_in_editor ? "true" : "false") + "}\n";
  return Answer(200, "application/json", std::make_shared<std::string>(std::move(json)));
}

void ViewService::Publish(Edition edition) {
  const std::lock_guard lock(mutex_);
  edition_ = std::move(edition);
  failure_.clear();
  news_ = true;
}

void ViewService::Fail(std::string sentence) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(sentence);
  news_ = true;
}

std::optional<std::string> ViewService::News() {
  const std::lock_guard lock(mutex_);
  if (!news_) return std::nullopt;
  news_ = false;
  return EventLocked();
}

std::string RandomToken() {
  std::array<unsigned char, 16> bytes;
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("the system gives no random numbers");
  std::string token;
  for (const unsigned char byte : bytes) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

}  // namespace scalene::render
