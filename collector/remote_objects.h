// RemoteObjects: dictionaries, sets, strings and attributes of another process's interpreter. Whatever is read may be
// rewritten meanwhile: every answer may be missing ("", 0), and counts are bounded.
// Threads: one owner.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cpython/layout.h"
#include "collector/remote_memory.h"

namespace scalene::collector {

class RemoteObjects {
 public:
  RemoteObjects(RemoteMemory& memory, const cpython::Layout& layout) : memory_(memory), layout_(layout) {}

  uint64_t TypeOf(uint64_t object) { return object == 0 ? 0 : Word(object + layout_.object.type); }
  // tp_name: "coroutine", "_asyncio.Task". Types live as long as their module, so names are kept.
  const std::string& TypeName(uint64_t object);
  // The same of a type that may be none at all: nothing is kept.
  std::string NameOfType(uint64_t type);
  // Whether the type of `object`, or one it derives from, is called so.
  bool IsA(uint64_t object, std::string_view type_name);

  // In UTF-8, of a str; "" for anything else.
  std::string Text(uint64_t object);
  std::optional<int64_t> Integer(uint64_t object);
  // Until `visit` gives false.
  void ForEachItem(uint64_t dict, const std::function<bool(uint64_t key, uint64_t value)>& visit);
  uint64_t Item(uint64_t dict, std::string_view key);
  // From the instance's own dictionary.
  uint64_t Attribute(uint64_t object, std::string_view name);
  // A module's global, by way of sys.modules.
  uint64_t Global(uint64_t interpreter, std::string_view module, std::string_view name);

  // The keys of a set: all of them, or about `most` at random places of its table. `size`: how many there are.
  std::vector<uint64_t> Members(uint64_t set, size_t most, uint64_t random, uint64_t* size);

  uint64_t Word(uint64_t address) {
    uint64_t value = 0;
    return memory_.Load(address, &value) ? value : 0;
  }

 private:
  struct Keys {
    uint64_t entries = 0, count = 0, entry_size = 24, value_at = 16, key_at = 8;
  };
  bool ReadKeys(uint64_t keys, Keys* read);
  void ForEachEntry(uint64_t keys, uint64_t values, const std::function<bool(uint64_t, uint64_t)>& visit);

  RemoteMemory& memory_;
  const cpython::Layout& layout_;
  std::map<uint64_t, std::string> type_names_;
};

// A str's characters as they lie there, `kind` bytes each.
struct RemoteText {
  std::vector<uint8_t> bytes;
  uint8_t kind = 1;
};
RemoteText ReadText(RemoteMemory& memory, const cpython::Layout& layout, uint64_t object);

}  // namespace scalene::collector
