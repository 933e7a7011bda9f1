#include "profile/profile_reader.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/task_pool.h"
#include "profile/base64.h"
#include "profile/json_syntax.h"
#include "profile/json_values.h"
#include "profile/profile_input.h"
#include "profile/source_escape.h"

namespace scalene::profile {
namespace {

// ---- Encodings that the type of a member does not say ----

template <class T>
void ReadCoded(Plain, ReadContext& context, JsonCursor& in, T& out) {
  ReadValue(context, in, out);
}
void ReadCoded(Micros, ReadContext& context, JsonCursor& in, double& out) { ReadValue(context, in, out); }
void ReadCoded(OldAlias, ReadContext&, JsonCursor& in, double&) { in.Skip(); }

void ReadCoded(SourceLine, ReadContext& context, JsonCursor& in, std::string& out) {
  if (context.raw_line_seen) {
    in.Skip();
    return;
  }
  ReadValue(context, in, out);
  if (out.find('\\') != out.npos) out = UnescapeSource(out);
}

void ReadCoded(RawSource, ReadContext& context, JsonCursor& in, std::string& out) {
  ReadValue(context, in, out);
  context.raw_line_seen = true;
}

void ReadCoded(Base64, ReadContext& context, JsonCursor& in, std::string& out) {
  std::string text;
  ReadValue(context, in, text);
  auto bytes = FromBase64(text);
  if (!bytes) throw ReadFailure{"should be base64", {}, nullptr};
  out = std::move(*bytes);
}

void ReadCoded(FrameKindName, ReadContext& context, JsonCursor& in, FrameKind& out) {
  std::string name;
  ReadValue(context, in, name);
  out = name == "native" ? FrameKind::kNative : FrameKind::kPython;
}

// A scalar, kept as JSON text, in our own spelling.
void ReadCoded(JsonText, ReadContext& context, JsonCursor& in, std::string& out) {
  std::string text;
  if (const auto flag = in.TakeBoolean()) {
    out = *flag ? "true" : "false";
  } else if (in.TakeNull()) {
    out = "null";
  } else if (const auto number = in.TakeNumberText()) {
    out = *number;
  } else {
    ReadValue(context, in, text);
    out.clear();
    AppendJsonString(text, out);
  }
}

// ---- Values made from a whole object ----

void ReadWhole(GeneratorName, ReadContext&, JsonCursor& in, Document&, std::string_view) { in.Skip(); }

void ReadWhole(SchemaVersion, ReadContext& context, JsonCursor& in, Document&, std::string_view) {
  int version = 0;
  ReadValue(context, in, version);
  if (version > kSchemaVersion) {
    throw ReadFailure{"is " + std::to_string(version) + ", from a newer Scalene; this one reads up to " +
                          std::to_string(kSchemaVersion),
                      {},
                      nullptr};
  }
}

// Null, or a field of the other kind of frame, leaves the member as it is.
void ReadWhole(FrameLine, ReadContext& context, JsonCursor& in, Frame& frame, std::string_view) {
  ReadValue(context, in, frame.line);
}
void ReadWhole(FrameAddress, ReadContext& context, JsonCursor& in, Frame& frame, std::string_view key) {
  ReadValue(context, in, key == "ip" ? frame.ip : frame.offset);
}

void ReadWhole(LossCounters, ReadContext& context, JsonCursor& in, Document& document, std::string_view) {
  ForEachMember(in, [&](const std::string& key) {
    if (key == "lost_percent") return ReadValue(context, in, document.lost_percent);
    ReadValue(context, in, document.losses[ToValidUtf8(key)]);
  });
}

void ReadWhole(StackWeights, ReadContext& context, JsonCursor& in, Document&, std::string_view) {
  ForEachMember(in, [&](const std::string& key) {
    if (key == "rows") return ReadValue(context, in, context.stack_weights);
    in.Skip();
  });
}

void ReadWhole(MemoryStackWeights, ReadContext& context, JsonCursor& in, Document&, std::string_view) {
  ForEachMember(in, [&](const std::string& key) {
    if (key == "rows") return ReadValue(context, in, context.memory_stack_weights);
    in.Skip();
  });
}

// ---- Objects: the visitor that turns a description into a table of reading steps ----

template <class T>
class FieldReaders {
 public:
  static const FieldReaders& Of() {
    static const FieldReaders readers = Inner([](auto& all) { DescribeFields(all, Shape<T>{}); });
    return readers;
  }

  static FieldReaders Inner(auto describe) {
    FieldReaders inner;
    describe(inner);
    std::sort(inner.fields_.begin(), inner.fields_.end(), [](const Field& a, const Field& b) { return a.key < b.key; });
    return inner;
  }

  template <class Codec = Plain, class Access>
  void Add(std::string_view key, Access access, Rule = Required()) {
    fields_.push_back({key, [access](ReadContext& context, JsonCursor& in, T& object) {
                         ReadCoded(Codec{}, context, in, std::invoke(access, object));
                       }});
  }

  template <class Codec>
  void AddWhole(std::string_view key, Rule) {
    fields_.push_back({key, [key](ReadContext& context, JsonCursor& in, T& object) {
                         ReadWhole(Codec{}, context, in, object, key);
                       }});
  }

  template <class Describe>
  void Group(std::string_view key, Rule, Describe describe) {
    fields_.push_back({key, [inner = Inner(describe)](ReadContext& context, JsonCursor& in, T& object) {
                         inner.Read(context, in, object);
                       }});
  }

  template <class Describe>
  void GroupIf(std::string_view key, bool T::*flag, Rule, Describe describe) {
    fields_.push_back({key, [flag, inner = Inner(describe)](ReadContext& context, JsonCursor& in, T& object) {
                         object.*flag = true;
                         inner.Read(context, in, object);
                       }});
  }

  void Read(ReadContext& context, JsonCursor& in, T& out) const {
    size_t expected = 0;  // keys usually come sorted, so the next one is usually the next of ours
    in.Enter('{', "an object");
    while (in.Next('}')) {
      const Field* known = Find(in.Name().data(), expected);
      if (!known) {
        in.Skip();
        continue;
      }
      try {
        known->read(context, in, out);
      } catch (ReadFailure& failure) {
        if (failure.key.empty()) failure.key = known->key;
        throw;
      }
    }
  }

 private:
  struct Field {
    std::string_view key;
    std::function<void(ReadContext&, JsonCursor&, T&)> read;
    bool Is(const char* key_start) const {
      return std::memcmp(key_start, key.data(), key.size()) == 0 && key_start[key.size()] == '"';
    }
  };

  // `key_start` points behind the opening quote; memory behind the input's end is padding, longer than any key of ours.
  const Field* Find(const char* key_start, size_t& expected) const {
    if (expected < fields_.size() && fields_[expected].Is(key_start)) return &fields_[expected++];
    for (size_t i = 0; i < fields_.size(); i++) {
      if (!fields_[i].Is(key_start)) continue;
      expected = i + 1;
      return &fields_[i];
    }
    return nullptr;
  }

  std::vector<Field> fields_;
};

// ---- Fixed arrays. Missing items keep their default, further ones are ignored. ----

template <class T>
class ItemReader {
 public:
  ItemReader(ReadContext& context, JsonCursor& in, T& object) : context_(context), in_(in), object_(object) {
    in.Enter('[', "an array");
    more_ = in.Next(']');
  }

  template <class Codec = Plain, class Access>
  void Item(Access access, Rule = Required()) {
    if (!more_) return;
    ReadCoded(Codec{}, context_, in_, std::invoke(access, object_));
    more_ = in_.Next(']');
  }

  template <class Describe>
  void ItemGroup(Describe describe) {
    static const FieldReaders<T> inner = FieldReaders<T>::Inner(describe);
    if (!more_) return;
    inner.Read(context_, in_, object_);
    more_ = in_.Next(']');
  }

  void SkipRest() {
    for (; more_; more_ = in_.Next(']')) in_.Skip();
  }

 private:
  ReadContext& context_;
  JsonCursor& in_;
  T& object_;
  bool more_ = false;
};

void ApplyStackWeights(const ReadContext& context, Document& document) {
  const size_t count = std::min(context.stack_weights.size(), document.combined_stacks.size());
  for (size_t i = 0; i < count; i++) {
    const std::vector<double>& row = context.stack_weights[i];
    if (row.size() != kStackWeightColumns.size()) continue;
    document.combined_stacks[i].weight = {row[0], row[1], row[2], row[3],
                                          static_cast<int64_t>(std::clamp(row[4], 0.0, 9e15))};
  }
}

void ApplyMemoryStackWeights(const ReadContext& context, Document& document) {
  const size_t count = std::min(context.memory_stack_weights.size(), document.memory_stacks.size());
  for (size_t i = 0; i < count; i++) {
    const std::vector<double>& row = context.memory_stack_weights[i];
    if (row.size() != kMemoryStackWeightColumns.size()) continue;
    document.memory_stacks[i].live_end_mb = row[1];
    document.memory_stacks[i].at_peak_mb = row[2];
  }
}

// The name under which a file is listed, and the bytes of its path if they are no text.
std::string ListedName(const std::string& path, const std::map<std::string, File>& taken) {
  const std::string name = ToValidUtf8(path);
  std::string free = name;
  for (int copy = 2; taken.contains(free); copy++) free = name + " (" + std::to_string(copy) + ")";
  return free;
}

// ---- The whole file ----

constexpr size_t kLarge = size_t{4} << 20;  // below it threads cost more than they bring
constexpr size_t kLeastBytesOfALine = 600;  // of those that are written with every key; a guess saves moving lines

Status InvalidJson(std::string_view json, const JsonError& error) {
  return Status::Error("invalid JSON in profile file: " + LineAndColumn(json, error.offset) + ": " + error.why);
}

// What went wrong, told from the text itself when it is no JSON at all.
Status Explain(std::string_view json, const ReadFailure& failure) {
  if (const auto error = FindJsonError(json)) return InvalidJson(json, *error);
  std::string message = "error reading profile: ";
  const bool located = failure.where >= json.data() && failure.where < json.data() + json.size();
  if (located) message += LineAndColumn(json, static_cast<size_t>(failure.where - json.data())) + ": ";
  if (!failure.key.empty()) message += "'" + failure.key + "' ";
  return Status::Error(message + failure.why);
}

Document ParseDocument(std::string_view json) {
  JsonCursor in(json.empty() ? "" : json.data());
  if (in.Peek() != '{') {
    throw ReadFailure{"the file holds no profile (a JSON object was expected)", {}, nullptr};
  }
  ReadContext context;
  context.large = json.size() > kLarge;
  Document document;
  FieldReaders<Document>::Of().Read(context, in, document);
  if (in.Here() != json.data() + json.size()) in.Refuse("text after the end");
  const bool empty = JsonCursor(json.data() + json.find('{') + 1).Peek() == '}';
  if (!empty && !context.files_seen) throw ReadFailure{"the file holds no profile ('files' is missing)", {}, nullptr};
  ApplyStackWeights(context, document);
  ApplyMemoryStackWeights(context, document);
  return document;
}

Result<Document> ReadPadded(std::string_view json) {
  try {
    return ParseDocument(json);
  } catch (const ReadFailure& failure) {
    return Explain(json, failure);
  }
}

}  // namespace

template <class T>
void ReadObject(ReadContext& context, JsonCursor& in, T& out) {
  if constexpr (std::is_same_v<T, Line>) context.raw_line_seen = false;
  FieldReaders<T>::Of().Read(context, in, out);
}

template <class T>
void ReadItems(ReadContext& context, JsonCursor& in, T& out) {
  ItemReader<T> items(context, in, out);
  DescribeItems(items, Shape<T>{});
  items.SkipRest();
}

namespace {

// One file of the profile by itself. `json` lies within the padded input.
void ReadFile(std::string_view json, File& file) {
  JsonCursor in(json.data());
  ReadContext context;
  file.lines.reserve(json.size() / kLeastBytesOfALine);
  ReadObject(context, in, file);
  if (in.Behind() != json.data() + json.size()) in.Refuse("expected a comma or the end");
}

}  // namespace

// Files make up nearly all of a large profile and are independent of each other, so they are read side by side.
void ReadValue(ReadContext& context, JsonCursor& in, std::map<std::string, File>& out) {
  out.clear();
  context.files_seen = true;
  TaskPool pool(context.large ? TaskPool::Helpers() : 0);
  ForEachMember(in, [&](const std::string& path) {
    File& file = out[ListedName(path, out)];
    file.source.clear();  // not said
    if (!IsValidUtf8(path)) file.path_bytes = path;
    if (in.Peek() != '{') in.Refuse("should be an object");
    const std::string_view json = in.Skip();
    pool.Add([json, &file] { ReadFile(json, file); });
  });
  pool.Finish();
}

Result<Document> ReadProfile(std::string_view json) { return ReadPadded(PaddedText(json).text()); }

Result<Document> ReadProfileFile(const std::string& path) {
  Result<PaddedText> input = ReadInput(path);
  if (!input.ok()) return input.status();
  return ReadPadded(input->text());
}

}  // namespace scalene::profile
