#include "profile/profile_reader.h"

#include <algorithm>
#include <deque>
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

void ReadWhole(TimelineEnds, ReadContext& context, JsonValue value, Document&, std::string_view) {
  ReadValue(context, value, context.timeline_last_sec);
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

void ApplyTimelineEnds(const ReadContext& context, Document& document) {
  if (context.timeline_last_sec.size() != document.timeline.size()) return;
  for (size_t i = 0; i < document.timeline.size(); i++) document.timeline[i].last_sec = context.timeline_last_sec[i];
}

// The name under which a file is listed, and the bytes of its path if they are no text.
std::string ListedName(const std::string& path, const std::map<std::string, File>& taken) {
  const std::string name = ToValidUtf8(path);
  std::string free = name;
  for (int copy = 2; taken.contains(free); copy++) free = name + " (" + std::to_string(copy) + ")";
  return free;
}

// ---- The text, cut into its files ----

void ReadFile(std::string_view json, File& file);

}  // namespace

// Files that are read side by side, from the moment at which they have been cut out.
class FileReads {
 public:
  explicit FileReads(bool large) : pool_(large ? TaskPool::Helpers() : 0) {}

  // `json`: lies within the padded input.
  void Add(std::string_view json) {
    File& file = files_.emplace_back();
    pool_.Add([json, &file] { ReadFile(json, file); });
  }
  void Finish() { pool_.Finish(); }
  // The next one in the order of adding, once all are finished.
  File& Next() { return files_[next_++]; }

 private:
  std::deque<File> files_;
  size_t next_ = 0;
  TaskPool pool_;  // ends first
};

namespace {

// Files make up nearly all of a large profile and are independent of each other. They are cut out, leaving {}, so that the
// library indexes the rest, and each of them, in a small buffer of its own.
class WithoutFiles {
 public:
  WithoutFiles(std::string_view json, FileReads& reads) : json_(json), reads_(reads) {
    JsonMembers members(json.data());
    while (members.Next()) {
      if (members.name() == "files" && *members.value() == '{') members.SkipTo(CutFiles(members.value()));
    }
    Keep(json.data() + json.size());
    bytes_ = rest_.size();
    rest_.append(PaddedText::kPadding, '\0');
  }

  std::string_view text() const { return std::string_view(rest_).substr(0, bytes_); }

  // Where in the whole text a place of this one is.
  const char* InWhole(const char* where) const {
    const auto place = static_cast<size_t>(where - rest_.data());
    if (where < rest_.data() || place > bytes_) return where;
    size_t missing = 0;
    for (const Gap& gap : gaps_) missing += gap.at <= place ? gap.bytes : 0;
    return json_.data() + place + missing;
  }

 private:
  struct Gap {
    size_t at, bytes;  // in rest_; of json_
  };

  const char* CutFiles(const char* object) {
    JsonMembers files(object);
    while (files.Next()) {
      if (*files.value() == '{') Cut(files.Skip());
    }
    return files.end();
  }
  void Cut(std::string_view file) {
    Keep(file.data());
    rest_ += "{}";
    gaps_.push_back({rest_.size(), file.size() - 2});
    kept_ = file.data() + file.size();
    reads_.Add(file);
  }
  void Keep(const char* end) {
    const char* begin = kept_ != nullptr ? kept_ : json_.data();
    rest_.append(begin, static_cast<size_t>(end - begin));
  }

  std::string_view json_;
  FileReads& reads_;
  std::string rest_;
  size_t bytes_ = 0;
  const char* kept_ = nullptr;  // up to where the text stands in rest_, or is a gap
  std::vector<Gap> gaps_;
};

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

// `json`: padded.
simdjson::ondemand::document Iterate(simdjson::ondemand::parser& parser, std::string_view json) {
  return Take(parser.iterate(json.data(), json.size(), json.size() + PaddedText::kPadding));
}

Document ParseDocument(std::string_view json, ReadContext& context) {
  simdjson::ondemand::parser parser;
  auto root = Iterate(parser, json);
  JsonObject object = Take(root.get_object());
  const bool empty = Take(object.is_empty());
  Document document;
  FieldReaders<Document>::Of().Read(context, object, document);
  const char* rest = nullptr;
  if (!root.current_location().get(rest)) throw ReadFailure{"text after the end", {}, rest};
  if (!empty && !context.files_seen) throw ReadFailure{"the file holds no profile ('files' is missing)", {}, nullptr};
  ApplyStackWeights(context, document);
  ApplyMemoryStackWeights(context, document);
  ApplyTimelineEnds(context, document);
  return document;
}

Document ParseInParts(std::string_view json) {
  const size_t start = json.find_first_not_of(" \n\r\t");
  if (start == json.npos || json[start] != '{') {
    throw ReadFailure{"the file holds no profile (a JSON object was expected)", {}, nullptr};
  }
  FileReads reads(json.size() > kLarge);
  const WithoutFiles without_files(json, reads);
  ReadContext context;
  context.file_reads = &reads;
  try {
    return ParseDocument(without_files.text(), context);
  } catch (ReadFailure& failure) {
    failure.where = without_files.InWhole(failure.where);
    throw;
  }
}

Result<Document> ReadPadded(std::string_view json) {
  try {
    return ParseInParts(json);
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

void ReadFile(std::string_view json, File& file) {
  thread_local simdjson::ondemand::parser parser;  // its buffers are as large as the largest file yet
  auto root = Iterate(parser, json);
  JsonObject object = Take(root.get_object());
  ReadContext context;
  file.source.clear();  // not said
  file.lines.reserve(json.size() / kLeastBytesOfALine);
  ReadObject(context, object, file);
}

}  // namespace

// What the files hold has been cut out, and is read by now or soon.
void ReadValue(ReadContext& context, JsonValue value, std::map<std::string, File>& out) {
  out.clear();
  context.files_seen = true;
  context.file_reads->Finish();
  ForEachMember(value, [&](const std::string& path, JsonValue item) {
    TakeTyped(item, item.get_object(), "an object");
    File& file = out[ListedName(path, out)] = std::move(context.file_reads->Next());
    if (!IsValidUtf8(path)) file.path_bytes = path;
  });
}

Result<Document> ReadProfile(std::string_view json) { return ReadPadded(PaddedText(json).text()); }

Result<Document> ReadProfileFile(const std::string& path) {
  Result<PaddedText> input = ReadInput(path);
  if (!input.ok()) return input.status();
  return ReadPadded(input->text());
}

}  // namespace scalene::profile
