#include "profile/profile_reader.h"

#include <algorithm>
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
void ReadCoded(Plain, ReadContext& context, JsonValue value, T& out) {
  ReadValue(context, value, out);
}
void ReadCoded(Micros, ReadContext& context, JsonValue value, double& out) { ReadValue(context, value, out); }
void ReadCoded(OldAlias, ReadContext&, JsonValue, double&) {}

void ReadCoded(SourceLine, ReadContext& context, JsonValue value, std::string& out) {
  if (context.raw_line_seen) return;
  ReadValue(context, value, out);
  if (out.find('\\') != out.npos) out = UnescapeSource(out);
}

void ReadCoded(RawSource, ReadContext& context, JsonValue value, std::string& out) {
  ReadValue(context, value, out);
  context.raw_line_seen = true;
}

void ReadCoded(Base64, ReadContext& context, JsonValue value, std::string& out) {
  std::string text;
  ReadValue(context, value, text);
  auto bytes = FromBase64(text);
  if (!bytes) throw ReadFailure{"should be base64", {}, nullptr};
  out = std::move(*bytes);
}

void ReadCoded(FrameKindName, ReadContext& context, JsonValue value, FrameKind& out) {
  std::string name;
  ReadValue(context, value, name);
  out = name == "native" ? FrameKind::kNative : FrameKind::kPython;
}

// A scalar, kept as JSON text, in our own spelling.
void ReadCoded(JsonText, ReadContext& context, JsonValue value, std::string& out) {
  const std::string_view token = value.raw_json_token();
  bool flag = false;
  double number = 0;
  std::string text;
  if (!value.get_bool().get(flag)) {
    out = flag ? "true" : "false";
  } else if (IsNull(value)) {
    out = "null";
  } else if (!value.get_double().get(number)) {
    out = token.substr(0, token.find_first_not_of("+-.0123456789eE"));
  } else {
    ReadValue(context, value, text);
    out.clear();
    AppendJsonString(text, out);
  }
}

// ---- Values made from a whole object ----

void ReadWhole(GeneratorName, ReadContext&, JsonValue, Document&, std::string_view) {}

void ReadWhole(SchemaVersion, ReadContext& context, JsonValue value, Document&, std::string_view) {
  int version = 0;
  ReadValue(context, value, version);
  if (version > kSchemaVersion) {
    throw ReadFailure{"is " + std::to_string(version) + ", from a newer Scalene; this one reads up to " +
                          std::to_string(kSchemaVersion),
                      {},
                      nullptr};
  }
}

// Null, or a field of the other kind of frame, leaves the member as it is.
void ReadWhole(FrameLine, ReadContext& context, JsonValue value, Frame& frame, std::string_view) {
  ReadValue(context, value, frame.line);
}
void ReadWhole(FrameAddress, ReadContext& context, JsonValue value, Frame& frame, std::string_view key) {
  ReadValue(context, value, key == "ip" ? frame.ip : frame.offset);
}

void ReadWhole(LossCounters, ReadContext& context, JsonValue value, Document& document, std::string_view) {
  ForEachMember(value, [&](const std::string& key, JsonValue item) {
    if (key == "lost_percent") return ReadValue(context, item, document.lost_percent);
    ReadValue(context, item, document.losses[ToValidUtf8(key)]);
  });
}

void ReadWhole(StackWeights, ReadContext& context, JsonValue value, Document&, std::string_view) {
  ForEachMember(value, [&](const std::string& key, JsonValue item) {
    if (key == "rows") ReadValue(context, item, context.stack_weights);
  });
}

void ReadWhole(MemoryStackWeights, ReadContext& context, JsonValue value, Document&, std::string_view) {
  ForEachMember(value, [&](const std::string& key, JsonValue item) {
    if (key == "rows") ReadValue(context, item, context.memory_stack_weights);
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
    fields_.push_back({key, [access](ReadContext& context, JsonValue value, T& object) {
                         ReadCoded(Codec{}, context, value, std::invoke(access, object));
                       }});
  }

  template <class Codec>
  void AddWhole(std::string_view key, Rule) {
    fields_.push_back({key, [key](ReadContext& context, JsonValue value, T& object) {
                         ReadWhole(Codec{}, context, value, object, key);
                       }});
  }

  template <class Describe>
  void Group(std::string_view key, Rule, Describe describe) {
    fields_.push_back({key, [inner = Inner(describe)](ReadContext& context, JsonValue value, T& object) {
                         inner.Read(context, TakeTyped(value, value.get_object(), "an object"), object);
                       }});
  }

  template <class Describe>
  void GroupIf(std::string_view key, bool T::*flag, Rule, Describe describe) {
    fields_.push_back({key, [flag, inner = Inner(describe)](ReadContext& context, JsonValue value, T& object) {
                         object.*flag = true;
                         inner.Read(context, TakeTyped(value, value.get_object(), "an object"), object);
                       }});
  }

  void Read(ReadContext& context, JsonObject object, T& out) const {
    size_t expected = 0;  // keys usually come sorted, so the next one is usually the next of ours
    for (auto member : object) {
      auto field = Take(std::move(member));
      const Field* known = Find(field.key().raw(), expected);
      if (!known) continue;
      try {
        known->read(context, field.value(), out);
      } catch (ReadFailure& failure) {
        if (failure.key.empty()) failure.key = known->key;
        throw;
      }
    }
  }

 private:
  struct Field {
    std::string_view key;
    std::function<void(ReadContext&, JsonValue, T&)> read;
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
  ItemReader(ReadContext& context, JsonArray array, T& object)
      : context_(context), at_(Take(array.begin())), end_(Take(array.end())), object_(object) {}

  template <class Codec = Plain, class Access>
  void Item(Access access, Rule = Required()) {
    if (!(at_ != end_)) return;
    ReadCoded(Codec{}, context_, Take(*at_), std::invoke(access, object_));
    ++at_;
  }

  template <class Describe>
  void ItemGroup(Describe describe) {
    static const FieldReaders<T> inner = FieldReaders<T>::Inner(describe);
    if (!(at_ != end_)) return;
    JsonValue value = Take(*at_);
    inner.Read(context_, TakeTyped(value, value.get_object(), "an object"), object_);
    ++at_;
  }

  void SkipRest() {
    for (; at_ != end_; ++at_) Take(*at_);
  }

 private:
  ReadContext& context_;
  simdjson::ondemand::array_iterator at_, end_;
  T& object_;
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
  simdjson::ondemand::parser parser;
  auto root = Take(parser.iterate(json.data(), json.size(), json.size() + PaddedText::kPadding));
  JsonObject object;
  if (root.get_object().get(object))
    throw ReadFailure{"the file holds no profile (a JSON object was expected)", {}, nullptr};
  const bool empty = Take(object.is_empty());
  ReadContext context;
  context.large = json.size() > kLarge;
  Document document;
  FieldReaders<Document>::Of().Read(context, object, document);
  const char* rest = nullptr;
  if (!root.current_location().get(rest)) throw ReadFailure{"text after the end", {}, rest};
  if (!empty && !context.files_seen) throw ReadFailure{"the file holds no profile ('files' is missing)", {}, nullptr};
  ApplyStackWeights(context, document);
  ApplyMemoryStackWeights(context, document);
  return document;
}

Result<Document> ReadPadded(std::string_view json) {
  if (json.size() >= simdjson::SIMDJSON_MAXSIZE_BYTES) {
    return Status::Error("error reading profile: the file is larger than 4 GB");
  }
  try {
    return ParseDocument(json);
  } catch (const ReadFailure& failure) {
    return Explain(json, failure);
  }
}

}  // namespace

template <class T>
void ReadObject(ReadContext& context, JsonObject object, T& out) {
  if constexpr (std::is_same_v<T, Line>) context.raw_line_seen = false;
  FieldReaders<T>::Of().Read(context, object, out);
}

template <class T>
void ReadItems(ReadContext& context, JsonArray array, T& out) {
  ItemReader<T> items(context, array, out);
  DescribeItems(items, Shape<T>{});
  items.SkipRest();
}

namespace {

// One file of the profile by itself. `json` lies within the padded input.
void ReadFile(std::string_view json, File& file) {
  thread_local simdjson::ondemand::parser parser;  // its buffers are as large as the largest file yet
  auto root = Take(parser.iterate(json.data(), json.size(), json.size() + PaddedText::kPadding));
  JsonObject object = Take(root.get_object());
  ReadContext context;
  file.lines.reserve(json.size() / kLeastBytesOfALine);
  ReadObject(context, object, file);
}

}  // namespace

// Files make up nearly all of a large profile and are independent of each other, so they are read side by side.
void ReadValue(ReadContext& context, JsonValue value, std::map<std::string, File>& out) {
  out.clear();
  context.files_seen = true;
  TaskPool pool(context.large ? TaskPool::Helpers() : 0);
  ForEachMember(value, [&](const std::string& path, JsonValue item) {
    File& file = out[ListedName(path, out)];
    file.source.clear();  // not said
    if (!IsValidUtf8(path)) file.path_bytes = path;
    JsonObject object = TakeTyped(item, item.get_object(), "an object");
    const std::string_view json = Take(object.raw_json());
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
