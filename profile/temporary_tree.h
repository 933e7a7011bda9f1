// TemporaryTree: a folder of files for one test, gone when the test is over. For tests only.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace scalene::profile {

class TemporaryTree {
 public:
  TemporaryTree() {
    std::string pattern =
        (std::filesystem::canonical(std::filesystem::temp_directory_path()) / "scalene.XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~TemporaryTree() { std::filesystem::remove_all(root_); }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  std::string Path(const std::string& below = {}) const {
    return below.empty() ? root_.string() : (root_ / below).string();
  }
  // Makes a file with the folders it needs; returns its path.
  std::string File(const std::string& below, const std::string& bytes = {}) {
    std::filesystem::create_directories((root_ / below).parent_path());
    std::ofstream(root_ / below, std::ios::binary) << bytes;
    return Path(below);
  }
  std::string Folder(const std::string& below) {
    std::filesystem::create_directories(root_ / below);
    return Path(below);
  }
  void Link(const std::string& below, const std::string& target) {
    std::filesystem::create_directories((root_ / below).parent_path());
    std::filesystem::create_symlink(target, root_ / below);
  }

 private:
  std::filesystem::path root_;
};

}  // namespace scalene::profile
