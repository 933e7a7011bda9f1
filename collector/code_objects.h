// CodeObjects: the names and lines behind the numbers of frames, per process. Filled by CodeEvents; a code object is named
// by its address and the fingerprint of its identity, so that an address used again does not take its predecessor's name.
// Bounded: beyond kMost code objects the half that has not been seen for longest is forgotten; if its code runs again after
// all, it counts as unknown.
// Threads: one owner.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/cpython/line_table.h"
#include "profile/tables.h"
#include "wire/decoder.h"

namespace scalene::collector {

struct CodeObject {
  std::string file, name;  // file: bytes as the file system has them; name: qualified from 3.11 on
  int first_line = 0;
  uint32_t flags = 0;  // co_flags
  std::vector<uint8_t> table;
  cpython::LineTableFormat format{};
  uint64_t last_used = 0;  // counts up with every use

  // What the fold has decided about it; see SampleFolder.
  enum class Verdict : uint8_t { kUndecided, kProfiled, kOutside };
  Verdict verdict = Verdict::kUndecided;
  profile::StringId file_id, name_id;  // once decided; file_id is the key in the profile

  // The line at an instruction; < 0: not started, the first line. Never 0.
  int LineAt(int32_t offset);

 private:
  std::unordered_map<int32_t, int> lines_;  // answers given before
};

class CodeObjects {
 public:
  static constexpr size_t kMost = 200'000;  // of some 300 bytes
  static constexpr size_t kMostTableBytes = 64u << 20;

  CodeObjects(pid_t pid, int minor) : pid_(pid), minor_(minor) {}

  void Describe(const wire::CodeEvent& event);
  // nullptr: never described (its record was dropped).
  CodeObject* Find(uint64_t address, uint32_t fingerprint);

 private:
  struct Key {
    uint64_t address;
    uint32_t fingerprint;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const noexcept {
      return (key.address ^ uint64_t{key.fingerprint} << 20) * 0x9e3779b97f4a7c15ull;
    }
  };
  void ForgetHalf();
  std::vector<uint8_t> FetchTable(const wire::CodeRecord& record) const;

  pid_t pid_;
  int minor_;
  uint64_t uses_ = 0;
  size_t table_bytes_ = 0;
  std::unordered_map<Key, std::unique_ptr<CodeObject>, KeyHash> objects_;
};

}  // namespace scalene::collector
