// ScratchDirectory: a place of its own for one test, gone at the end. OrdinaryUser: a scope without the superuser's
// rights. Tests only.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace scalene::cli {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "scalene-cli-XXXXXX").string();
    path_ = std::filesystem::canonical(mkdtemp(name.data())).string();
    chmod(path_.c_str(), 0755);  // for OrdinaryUser
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string At(const std::string& name) const { return path_ + "/" + name; }

  // Writes a file, with its directories, and returns its path.
  std::string Write(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    std::string path = At(name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  std::string WriteExecutable(const std::string& name, const std::string& text) const {
    return Write(name, text, 0755);
  }

 private:
  std::string path_;
};

// Permissions mean something inside this scope even when the tests run as root.
class OrdinaryUser {
 public:
  OrdinaryUser() : user_(geteuid()) {
    if (user_ == 0) is_changed_ = seteuid(kNobody) == 0;
  }
  ~OrdinaryUser() {
    if (is_changed_ && seteuid(user_) != 0) abort();
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  uid_t user_;
  bool is_changed_ = false;
};

}  // namespace scalene::cli
