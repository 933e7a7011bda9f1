#include "cli/serve.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <future>
#include <memory>
#include <thread>

#include "cli/ai_settings.h"
#include "cli/assistant.h"
#include "cli/browser.h"
#include "cli/files.h"
#include "cli/messages.h"
#include "cli/profile_pages.h"
#include "cli/version.h"
#include "render/view_service.h"

namespace scalene::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kTurn{500};       // how often time and the file are looked at
constexpr milliseconds kQuickLoad{150};  // trouble that shows so soon needs no browser
constexpr seconds kAloneTime{10};        // after the last page has gone
constexpr seconds kFirstVisit{600};      // until the first one comes
constexpr seconds kSilentTime{10};       // a browser that has not called by then was perhaps none
constexpr seconds kFailedTime{10};       // a page may still fetch the reason
constexpr seconds kHeartbeat{5};
constexpr int kExitCannotShow = 1;

// ---- The end by a signal ----

std::atomic<bool> g_ended{false};

extern "C" void EndServing(int) { g_ended = true; }

void CatchEndSignals() {
  struct sigaction action {};
  action.sa_handler = EndServing;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
}

// ---- The profile, read beside the server, again whenever its file changes ----

struct FileState {
  ino_t inode = 0;
  off_t size = -1;
  timespec changed{};
  bool operator==(const FileState& other) const {
    return inode == other.inode && size == other.size && changed.tv_sec == other.changed.tv_sec &&
           changed.tv_nsec == other.changed.tv_nsec;
  }
};

FileState StateOf(const std::string& path) {
  struct stat info;
  if (path == "-" || stat(path.c_str(), &info) != 0) return {};
  return {info.st_ino, info.st_size, info.st_mtim};
}

class Loader {
 public:
  Loader(const ViewRequest& request, std::string path, render::ViewService& service, Assistant* assistant)
      : request_(request), path_(std::move(path)), service_(service), assistant_(assistant) {}
  ~Loader() {
    if (thread_.joinable()) thread_.join();
  }

  void Start(const render::HttpServer& server) {
    if (thread_.joinable()) thread_.join();
    busy_ = true;
    seen_ = StateOf(path_);
    thread_ = std::thread([this, &server] {
      Load();
      busy_ = false;
      server.Wake();
    });
  }

  // A changed file is read again; one that is just being written is a complete one soon.
  void Follow(const render::HttpServer& server) {
    if (busy_ || path_ == "-") return;
    const FileState now = StateOf(path_);
    if (now.size >= 0 && !(now == seen_)) Start(server);
  }

  bool busy() const { return busy_; }
  // What went wrong the last time; read only while not busy.
  const std::string& trouble() const { return trouble_; }

 private:
  void Load() {
    try {
      Result<LoadedProfiles> loaded = LoadProfiles(request_, path_);
      trouble_ = loaded.message();
      if (!loaded.ok()) return service_.Fail(trouble_);
      std::future<void> assistant_knows = std::async(std::launch::async, [&] {
        if (assistant_) assistant_->Show(loaded->shown);
      });
      render::Edition edition = EditionOf(loaded.value(), request_, ++editions_);
      assistant_knows.get();
      service_.Publish(std::move(edition));
    } catch (const std::exception& problem) {
      trouble_ = std::string("the profile cannot be shown: ") + problem.what();
      service_.Fail(trouble_);
    }
  }

  const ViewRequest& request_;
  const std::string path_;
  render::ViewService& service_;
  Assistant* const assistant_;  // null: none
  std::thread thread_;
  std::atomic<bool> busy_{false};
  FileState seen_;
  std::string trouble_;
  int editions_ = 0;
};

// ---- The page's address ----

// A browser here, or its address for one elsewhere.
void PrintAddress(const std::string& address, int port) {
  PrintNotice("open this address in a browser: " + address);
  if (const char* remote = std::getenv("SSH_CONNECTION"); remote && *remote) {
    const std::string number = std::to_string(port);
    PrintNotice("from another machine, first: ssh -L " + number + ":127.0.0.1:" + number + " " +
                (std::getenv("USER") ? std::string(std::getenv("USER")) + "@" : "") + "THIS-HOST");
  }
}

bool OpenBrowser(const RedirectFile& redirect) {
  if (!redirect.ok()) return false;
  for (const auto& command : BrowserCommands()) {
    if (StartBrowser(command, redirect.url())) return true;
  }
  return false;
}

Status OpenEditor(const std::string& path, int line) {
  if (!IsRegularFile(path)) return Status::Error(path + " is not on this machine.");
  const std::vector<std::string> command = EditorCommand(path, line);
  if (command.empty()) return Status::Error("No editor was found; set SCALENE_EDITOR.");
  return StartCommand(command) ? Status() : Status::Error("The editor " + command[0] + " could not be started.");
}

// ---- The server's life ----

class Session {
 public:
  Session(render::HttpServer& server, render::ViewService& service, Loader& loader, bool keep)
      : server_(server), service_(service), loader_(loader), keep_(keep) {}

  // Until the profile is there, in trouble, or takes too long to wait for.
  void WaitForQuickLoad() {
    const auto until = Clock::now() + kQuickLoad;
    while (loader_.busy() && Clock::now() < until && !g_ended) server_.Step(milliseconds(5));
  }

  int Run(RedirectFile* redirect, const std::function<void()>& no_visit) {
    const auto began = Clock::now();
    bool complained = false;
    while (!Over(began)) {
      server_.Step(kTurn);
      loader_.Follow(server_);
      if (const auto news = service_.News()) server_.Broadcast(*news);
      Beat();
      if (service_.visited() && redirect) redirect->Remove();
      if (!service_.visited() && !complained && Clock::now() - began > kSilentTime) {
        complained = true;
        no_visit();
      }
    }
    while (server_.sending() && !g_ended) server_.Step(kTurn);
    return failed_ ? kExitCannotShow : 0;
  }

 private:
  void Beat() {
    if (Clock::now() - last_beat_ < kHeartbeat) return;
    last_beat_ = Clock::now();
    server_.Broadcast(": still here\n\n");  // a page that has gone is noticed when it is written to
  }

  bool Over(Clock::time_point began) {
    if (g_ended) return true;
    const auto now = Clock::now();
    if (!loader_.busy() && !loader_.trouble().empty() && !ever_loaded_) {
      if (!failed_) {
        PrintError(loader_.trouble());
        failed_ = true;
        failed_at_ = now;
      }
      return now - failed_at_ > kFailedTime;
    }
    if (!loader_.busy() && loader_.trouble().empty()) ever_loaded_ = true;
    if (server_.streams() > 0 || server_.sending() || loader_.busy()) {
      last_page_ = now;
      had_page_ = had_page_ || server_.streams() > 0;
    }
    if (keep_) return false;
    if (had_page_) return now - last_page_ > kAloneTime;
    return now - began > kFirstVisit;
  }

  render::HttpServer& server_;
  render::ViewService& service_;
  Loader& loader_;
  const bool keep_;
  bool had_page_ = false, failed_ = false, ever_loaded_ = false;
  Clock::time_point last_page_{}, failed_at_{}, last_beat_ = Clock::now();
};

}  // namespace

std::optional<int> Serve(const ViewRequest& request, const std::string& path) {
  if (request.browser && BrowserCommands().empty()) return std::nullopt;
  const bool has_editor = !EditorCommand("", 1).empty();
  std::optional<Assistant> assistant;
  if (request.page.ai)
    assistant.emplace(AiSettings(),
                      Assistant::Place{CredentialsFile(), CacheFolder(), path, request.check_command.value_or("")});
  render::ViewServiceOptions options{
      render::RandomToken(), std::string(kVersion), assistant ? &*assistant : nullptr, {}};
  if (has_editor) options.open_in_editor = OpenEditor;
  const std::string token = options.token;
  render::ViewService service(std::move(options));
  auto server = render::HttpServer::Listen(request.port, [&](const auto& asked) { return service.Handle(asked); });
  if (!server.ok()) return Report({kExitCannotShow, server.message()});
  const int port = server.value()->port();
  const std::string address = "http://127.0.0.1:" + std::to_string(port) + "/#k=" + token;

  CatchEndSignals();
  Loader loader(request, path, service, assistant ? &*assistant : nullptr);
  loader.Start(*server.value());
  Session session(*server.value(), service, loader, request.keep);
  session.WaitForQuickLoad();
  if (!loader.busy() && !loader.trouble().empty()) return Report({kExitCannotShow, loader.trouble()});

  std::optional<RedirectFile> redirect;
  if (request.browser) {
    redirect.emplace(address);
    if (!OpenBrowser(*redirect)) return std::nullopt;
  } else {
    PrintAddress(address, port);
  }
  return session.Run(redirect ? &*redirect : nullptr, [&] {
    if (request.browser) PrintAddress(address, port);
  });
}

}  // namespace scalene::cli
