// The user's browser: found, and sent to our page without the token ever standing in a process list. The address goes
// through a file that only the user can read; the browser follows it. The file is gone once the page has called, and a
// small process of ours removes it even if we are killed.
// Threads: main thread, before any other is started.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace scalene::cli {

// Commands that open a page, best first, each with its arguments but for the address. Empty where there is none: no
// display, no graphical browser. Text browsers do not count.
std::vector<std::vector<std::string>> BrowserCommands();

class RedirectFile {
 public:
  explicit RedirectFile(const std::string& address);
  ~RedirectFile();
  RedirectFile(const RedirectFile&) = delete;
  RedirectFile& operator=(const RedirectFile&) = delete;

  bool ok() const { return !path_.empty(); }
  std::string url() const { return "file://" + path_; }
  // It has been used.
  void Remove();

 private:
  std::string path_;
  UniqueFd keeper_;  // while it is open, the remover waits
  int remover_ = 0;  // its process id
};

// Starts a command with the address as its last argument, away from our terminal. False when it fails at once.
bool StartBrowser(const std::vector<std::string>& command, const std::string& address);

// Starts a command away from our terminal, without waiting for it.
bool StartCommand(const std::vector<std::string>& command);

// What opens a line in the user's editor: SCALENE_EDITOR ("code -g {file}:{line}"), else one of those we know. Empty when
// there is none.
std::vector<std::string> EditorCommand(const std::string& path, int line);

}  // namespace scalene::cli
