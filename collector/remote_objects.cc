#include "collector/remote_objects.h"

#include <algorithm>

#include "base/cpython/unicode.h"

namespace scalene::collector {
namespace {

constexpr uint32_t kMostTextBytes = 4 * 4096;
constexpr uint64_t kMostEntries = 1 << 20;
constexpr uint64_t kManagedDict = 1 << 4, kInlineValues = 1 << 2;  // of tp_flags

uint64_t OrZero(int32_t offset) { return offset > 0 ? static_cast<uint64_t>(offset) : 0; }

}  // namespace

RemoteText ReadText(RemoteMemory& memory, const cpython::Layout& layout, uint64_t object) {
  RemoteText text;
  uint32_t state = 0;
  uint64_t length = 0;
  if (object == 0 || !memory.Load(object + layout.unicode.state, &state) ||
      !memory.Load(object + layout.unicode.length, &length))
    return text;
  const auto kind = static_cast<uint8_t>(state >> layout.unicode_state.kind_shift & 7);
  if (kind != 1 && kind != 2 && kind != 4) return text;
  const bool compact = state >> layout.unicode_state.compact_shift & 1;
  const bool ascii = state >> layout.unicode_state.ascii_shift & 1;
  uint64_t data = object + (ascii ? layout.unicode.ascii_data : layout.unicode.compact_data);
  if (!compact && !memory.Load(object + layout.unicode.noncompact_data, &data)) return text;
  text.kind = kind;
  text.bytes.resize(std::min<uint64_t>(length, kMostTextBytes / kind) * kind);
  if (!memory.Read(data, text.bytes.data(), text.bytes.size())) text.bytes.clear();
  return text;
}

std::string RemoteObjects::NameOfType(uint64_t type) {
  char name[64] = {};
  const uint64_t text = Word(type + layout_.type.name);
  const size_t to_page_end = 4096 - text % 4096;
  if (text == 0 || !memory_.Read(text, name, std::min(sizeof name - 1, to_page_end))) return "";
  return name;
}

const std::string& RemoteObjects::TypeName(uint64_t object) {
  const uint64_t type = TypeOf(object);
  const auto [place, is_new] = type_names_.try_emplace(type);
  if (is_new && type != 0) place->second = NameOfType(type);
  return place->second;
}

bool RemoteObjects::IsA(uint64_t object, std::string_view type_name) {
  if (TypeName(object) == type_name) return true;
  uint64_t type = TypeOf(object);
  for (int depth = 0; type != 0 && depth < 10; ++depth) {
    type = Word(type + layout_.type.base);
    if (type != 0 && NameOfType(type) == type_name) return true;
  }
  return false;
}

std::string RemoteObjects::Text(uint64_t object) {
  if (TypeName(object) != "str") return "";
  const RemoteText text = ReadText(memory_, layout_, object);
  return cpython::ToUtf8(text.kind, text.bytes);
}

// Digits of 30 bits. Up to 3.11 the first word is the signed number of digits; then it holds the sign in its low bits.
std::optional<int64_t> RemoteObjects::Integer(uint64_t object) {
  if (TypeName(object) != "int") return std::nullopt;
  const uint64_t tag = Word(object + layout_.long_object.tag);
  const auto size = static_cast<int64_t>(tag);
  const bool negative = layout_.minor >= 12 ? (tag & 3) == 2 : size < 0;
  const uint64_t digits = layout_.minor >= 12 ? tag >> 3 : static_cast<uint64_t>(size < 0 ? -size : size);
  if (digits > 3) return std::nullopt;
  uint64_t value = 0;
  for (uint64_t i = digits; i-- > 0;) {
    uint32_t digit = 0;
    if (!memory_.Load(object + layout_.long_object.digits + 4 * i, &digit)) return std::nullopt;
    value = value << 30 | digit;
  }
  return negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

bool RemoteObjects::ReadKeys(uint64_t keys, Keys* read) {
  uint64_t count = 0;
  if (keys == 0 || !memory_.Load(keys + layout_.dictkeys.nentries, &count)) return false;
  uint64_t index_bytes = 0;
  if (layout_.minor <= 10) {
    const uint64_t size = Word(keys + layout_.dictkeys.size);
    const uint64_t width = size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xffffffff ? 4 : 8;
    index_bytes = size * width;
  } else {
    uint8_t log2_bytes = 0, kind = 0;
    if (!memory_.Load(keys + layout_.dictkeys.log2_index_bytes, &log2_bytes) ||
        !memory_.Load(keys + layout_.dictkeys.kind, &kind) || log2_bytes > 40)
      return false;
    index_bytes = uint64_t{1} << log2_bytes;
    if (kind != layout_.dictkeys.kind_general) *read = {.entry_size = 16, .value_at = 8, .key_at = 0};
  }
  read->entries = keys + layout_.dictkeys.indices + index_bytes;
  read->count = std::min(count, kMostEntries);
  return true;
}

void RemoteObjects::ForEachEntry(uint64_t keys, uint64_t values, const std::function<bool(uint64_t, uint64_t)>& visit) {
  Keys read;
  if (!ReadKeys(keys, &read)) return;
  for (uint64_t i = 0; i < read.count; ++i) {
    const uint64_t entry = read.entries + i * read.entry_size;
    const uint64_t key = Word(entry + read.key_at);
    const uint64_t value =
        Word(values != 0 ? values + OrZero(layout_.dictvalues.values) + 8 * i : entry + read.value_at);
    if (key != 0 && value != 0 && !visit(key, value)) return;
  }
}

void RemoteObjects::ForEachItem(uint64_t dict, const std::function<bool(uint64_t, uint64_t)>& visit) {
  if (dict == 0) return;
  ForEachEntry(Word(dict + layout_.dict.keys), Word(dict + layout_.dict.values), visit);
}

uint64_t RemoteObjects::Item(uint64_t dict, std::string_view key) {
  uint64_t found = 0;
  ForEachItem(dict, [&](uint64_t candidate, uint64_t value) {
    if (Text(candidate) == key) found = value;
    return found == 0;
  });
  return found;
}

uint64_t RemoteObjects::Attribute(uint64_t object, std::string_view name) {
  const uint64_t type = TypeOf(object);
  if (type == 0) return 0;
  const uint64_t flags = Word(type + layout_.type.flags);
  uint64_t dict = 0, values = 0;
  if (layout_.minor <= 10 || (flags & kManagedDict) == 0) {
    const auto at = static_cast<int64_t>(Word(type + layout_.type.dictoffset));
    if (at > 0) dict = Word(object + static_cast<uint64_t>(at));
  } else if (layout_.minor == 11) {
    values = Word(object - 32);
    dict = Word(object - 24);
  } else {
    const uint64_t word = Word(object - (layout_.free_threaded ? 8 : 24));
    const bool tagged = layout_.minor == 12 && (word & 1) != 0;
    (tagged ? values : dict) = tagged ? word + 1 : word;
    if (word == 0 && (flags & kInlineValues) != 0) values = object + Word(type + layout_.type.basicsize);
  }
  if (dict != 0) return Item(dict, name);
  uint64_t found = 0;
  if (values == 0) return 0;
  ForEachEntry(Word(type + layout_.heaptype.cached_keys), values, [&](uint64_t key, uint64_t value) {
    if (Text(key) == name) found = value;
    return found == 0;
  });
  return found;
}

uint64_t RemoteObjects::Global(uint64_t interpreter, std::string_view module, std::string_view name) {
  const uint64_t found = Item(Word(interpreter + layout_.interp.modules), module);
  return found == 0 ? 0 : Item(Word(found + layout_.module.dict), name);
}

std::vector<uint64_t> RemoteObjects::Members(uint64_t set, size_t most, uint64_t random, uint64_t* size) {
  std::vector<uint64_t> members;
  *size = Word(set + layout_.set.used);
  const uint64_t slots = Word(set + layout_.set.mask) + 1, table = Word(set + layout_.set.table);
  if (*size == 0 || table == 0 || slots == 0 || slots > uint64_t{1} << 30) return members;
  const bool all = *size <= most;
  const uint64_t tries = all ? slots : std::min(slots, slots * most / *size);
  for (uint64_t i = 0; i < tries; ++i) {
    random = random * 6364136223846793005ull + 1442695040888963407ull;
    const uint64_t entry = table + (all ? i : (random >> 20) % slots) * static_cast<uint64_t>(layout_.setentry.size);
    const uint64_t key = Word(entry + layout_.setentry.key), hash = Word(entry + layout_.setentry.hash);
    if (key != 0 && hash != ~0ull) members.push_back(key);
  }
  return members;
}

}  // namespace scalene::collector
