#include "cli/browser.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "cli/files.h"
#include "cli/messages.h"

extern char** environ;

namespace scalene::cli {
namespace {

constexpr int kPatienceMs = 1500;  // a command that has not failed by then has worked

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<std::string> SplitAt(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  std::erase(parts, "");
  return parts;
}

bool IsTextBrowser(const std::string& command) {
  for (const char* name : {"w3m", "lynx", "links", "elinks", "www-browser", "browsh"}) {
    if (BaseNameOf(command) == name) return true;
  }
  return false;
}

bool HasDisplay() {
  return !Variable("DISPLAY").empty() || !Variable("WAYLAND_DISPLAY").empty() || !Variable("WSL_DISTRO_NAME").empty();
}

// Memory of this user alone where there is some, so that nothing reaches a disk.
std::string RedirectDirectory() {
  for (const std::string& directory : {Variable("XDG_RUNTIME_DIR"), std::string("/dev/shm"), Variable("TMPDIR")}) {
    if (!directory.empty() && access(directory.c_str(), W_OK | X_OK) == 0) return directory;
  }
  return "/tmp";
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In a session of its own, with nothing of our terminal.
pid_t SpawnDetached(std::vector<std::string> words) {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, words[0].c_str(), &files, &attributes, Pointers(words).data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return error == 0 ? pid : 0;
}

// Waits for the pipe to close, then removes the file. Only calls that are safe after a fork.
[[noreturn]] void RemoveWhenAlone(int pipe_end, const char* path) {
  setsid();
  char byte;
  while (read(pipe_end, &byte, 1) < 0 && errno == EINTR) {
  }
  unlink(path);
  _exit(0);
}

}  // namespace

std::vector<std::vector<std::string>> BrowserCommands() {
  std::vector<std::vector<std::string>> commands;
  const std::string path = Variable("PATH");
  for (const std::string& entry : SplitAt(Variable("BROWSER"), ':')) {
    std::vector<std::string> words = SplitAt(entry, ' ');
    if (words.empty() || IsTextBrowser(words[0]) || FindOnPath(words[0], path).empty()) continue;
    commands.push_back(std::move(words));
  }
  if (!HasDisplay()) return commands;
  for (const char* name :
       {"wslview", "xdg-open", "gio open", "x-www-browser", "firefox", "chromium", "google-chrome"}) {
    std::vector<std::string> words = SplitAt(name, ' ');
    const std::string found = FindOnPath(words[0], path);
    if (!found.empty() && !IsTextBrowser(ResolvedPath(found))) commands.push_back(std::move(words));
  }
  return commands;
}

RedirectFile::RedirectFile(const std::string& address) {
  std::string path = RedirectDirectory() + "/scalene-view-XXXXXX.html";
  const int fd = mkostemps(path.data(), 5, O_CLOEXEC);  // mode 0600
  if (fd < 0) return;
  const std::string html =
      "<!doctype html><meta charset=\"utf-8\"><title>Scalene</title><meta name=\"referrer\" "
      "content=\"no-referrer\"><meta http-equiv=\"refresh\" content=\"0; url=" +
      address + "\">\n";
  const bool written = WriteAll(fd, html);
  close(fd);
  int ends[2];
  if (!written || pipe2(ends, O_CLOEXEC) != 0) {
    unlink(path.c_str());
    return;
  }
  const pid_t remover = fork();
  if (remover == 0) {
    close(ends[1]);
    RemoveWhenAlone(ends[0], path.c_str());
  }
  close(ends[0]);
  keeper_ = UniqueFd(ends[1]);
  remover_ = remover;
  path_ = path;
}

RedirectFile::~RedirectFile() { Remove(); }

void RedirectFile::Remove() {
  if (!keeper_.valid()) return;
  keeper_.Reset();
  unlink(path_.c_str());
  if (remover_ > 0) waitpid(remover_, nullptr, 0);
}

bool StartBrowser(const std::vector<std::string>& command, const std::string& address) {
  std::vector<std::string> words = command;
  bool placed = false;
  for (std::string& word : words) {
    if (const size_t at = word.find("%s"); at != word.npos) {
      word.replace(at, 2, address);
      placed = true;
    }
  }
  if (!placed) words.push_back(address);
  const pid_t pid = SpawnDetached(std::move(words));
  if (pid == 0) return false;
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd ended{process.get(), POLLIN, 0};
  if (process.valid() && poll(&ended, 1, kPatienceMs) == 0) return true;  // it runs
  int status = 0;
  return waitpid(pid, &status, process.valid() ? 0 : WNOHANG) <= 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

bool StartCommand(const std::vector<std::string>& command) { return SpawnDetached(command) != 0; }

std::vector<std::string> EditorCommand(const std::string& path, int line) {
  const std::string number = std::to_string(line);
  std::vector<std::string> templates = {
      "code -g {file}:{line}", "codium -g {file}:{line}", "cursor -g {file}:{line}",      "zed {file}:{line}",
      "subl {file}:{line}",    "kate -l {line} {file}",   "pycharm --line {line} {file}", "gedit +{line} {file}"};
  if (const std::string own = Variable("SCALENE_EDITOR"); !own.empty()) templates = {own};
  for (const std::string& text : templates) {
    std::vector<std::string> words = SplitAt(text, ' ');
    if (words.empty() || FindOnPath(words[0], Variable("PATH")).empty()) continue;
    bool named = false;
    for (std::string& word : words) {
      if (const size_t at = word.find("{line}"); at != word.npos) word.replace(at, 6, number);
      if (const size_t at = word.find("{file}"); at != word.npos) word.replace(at, 6, path), named = true;
    }
    if (!named) words.push_back(path);
    return words;
  }
  return {};
}

}  // namespace scalene::cli
