#include "render/json.h"

#include <cmath>
#include <functional>

#include "profile/base64.h"
#include "profile/source_escape.h"
#include "render/json_values.h"

namespace scalene::render {
namespace {

using namespace scalene::profile;  // NOLINT: the shape's names are this file's vocabulary

// ---- Encodings that the type of a member does not say ----

void WriteCoded(Plain, JsonWriter& writer, const auto& value, Layout layout) { WriteValue(writer, value, layout); }
void WriteCoded(OldAlias, JsonWriter& writer, double value, Layout) { writer.Real(value); }
void WriteCoded(RawSource, JsonWriter& writer, const std::string& text, Layout) { writer.String(text); }
void WriteCoded(Micros, JsonWriter& writer, double value, Layout) { writer.Real(std::round(value * 1e6) / 1e6); }
void WriteCoded(JsonText, JsonWriter& writer, const std::string& text, Layout) { writer.Literal(text); }
void WriteCoded(Base64, JsonWriter& writer, const std::string& bytes, Layout) { writer.String(ToBase64(bytes)); }

void WriteCoded(SourceLine, JsonWriter& writer, const std::string& text, Layout) {
  if (text.find_first_of("&<>") == text.npos) return writer.String(text);
  std::string escaped;
  AppendEscapedSource(text, escaped);
  writer.String(escaped);
}

void WriteCoded(FrameKindName, JsonWriter& writer, FrameKind kind, Layout) {
  writer.String(kind == FrameKind::kPython ? "py" : "native");
}

// Whether a value under "ext" is left out.
bool IsEmptyCoded(auto, const auto& value) { return IsEmpty(value); }
bool IsEmptyCoded(RawSource, const std::string& text) { return !SourceIsAmbiguous(text); }
bool IsEmptyCoded(FrameKindName, FrameKind) { return false; }

// ---- Values made from a whole object ----

void WriteWhole(SchemaVersion, JsonWriter& writer, const Document&, Layout, std::string_view) {
  writer.Integer(kSchemaVersion);
}
void WriteWhole(GeneratorName, JsonWriter& writer, const Document&, Layout, std::string_view) {
  writer.String(kGeneratorName);
}

void WriteWhole(FrameLine, JsonWriter& writer, const Frame& frame, Layout, std::string_view) {
  if (frame.kind == FrameKind::kNative) return writer.Null();
  writer.Integer(frame.line);
}

void WriteWhole(FrameAddress, JsonWriter& writer, const Frame& frame, Layout, std::string_view key) {
  if (frame.kind == FrameKind::kPython) return writer.Null();
  writer.Unsigned(key == "ip" ? frame.ip : frame.offset);
}

using Counters = std::map<std::string, int64_t>;

bool AllZero(const Counters& counters) {
  return std::all_of(counters.begin(), counters.end(), [](const auto& counter) { return counter.second == 0; });
}

void WriteCounters(JsonWriter& writer, const Counters& counters) {
  writer.BeginObject(Layout::kInline);
  for (const auto& [counter, count] : counters) {
    if (count == 0) continue;
    writer.Key(counter);
    writer.Integer(count);
  }
  writer.EndObject();
}

// The stages' counters, with "lost_percent" in its place among them.
void WriteWhole(LossCounters, JsonWriter& writer, const Document& document, Layout, std::string_view) {
  static constexpr std::string_view kLostPercent = "lost_percent";
  bool lost_pending = document.lost_percent != 0;
  const auto write_lost = [&] {
    if (!std::exchange(lost_pending, false)) return;
    writer.Key(kLostPercent);
    writer.Real(document.lost_percent);
  };
  writer.BeginObject(Layout::kInline);
  for (const auto& [stage, counters] : document.losses) {
    if (AllZero(counters)) continue;
    if (stage > kLostPercent) write_lost();
    writer.Key(stage);
    WriteCounters(writer, counters);
  }
  write_lost();
  writer.EndObject();
}

void WriteWhole(StackWeights, JsonWriter& writer, const Document& document, Layout, std::string_view) {
  writer.BeginObject(Layout::kRows);
  writer.Key("columns");
  WriteValue(writer, std::vector<std::string>(kStackWeightColumns.begin(), kStackWeightColumns.end()), Layout::kInline);
  writer.Key("rows");
  writer.BeginArray(Layout::kRows);
  for (const Stack& stack : document.combined_stacks) {
    const StackWeight& weight = stack.weight;
    writer.BeginArray(Layout::kInline);
    for (double sec : {weight.python_sec, weight.native_sec, weight.kernel_sec, weight.idle_sec}) writer.Real(sec);
    writer.Integer(weight.samples);
    writer.EndArray();
  }
  writer.EndArray();
  writer.EndObject();
}

void WriteWhole(MemoryStackWeights, JsonWriter& writer, const Document& document, Layout, std::string_view) {
  writer.BeginObject(Layout::kRows);
  writer.Key("columns");
  WriteValue(writer, std::vector<std::string>(kMemoryStackWeightColumns.begin(), kMemoryStackWeightColumns.end()),
             Layout::kInline);
  writer.Key("rows");
  writer.BeginArray(Layout::kRows);
  for (const MemoryStack& stack : document.memory_stacks) {
    writer.BeginArray(Layout::kInline);
    for (double mb : {stack.mb, stack.live_end_mb, stack.at_peak_mb}) writer.Real(mb);
    writer.EndArray();
  }
  writer.EndArray();
  writer.EndObject();
}

void WriteWhole(TimelineEnds, JsonWriter& writer, const Document& document, Layout, std::string_view) {
  writer.BeginArray(Layout::kInline);
  for (const TimelineEvent& event : document.timeline) writer.Real(event.last_sec);
  writer.EndArray();
}

bool IsEmptyWhole(auto, const auto&) { return false; }
bool IsEmptyWhole(LossCounters, const Document& document) {
  return document.lost_percent == 0 && std::all_of(document.losses.begin(), document.losses.end(),
                                                   [](const auto& stage) { return AllZero(stage.second); });
}
bool IsEmptyWhole(StackWeights, const Document& document) {
  return std::all_of(document.combined_stacks.begin(), document.combined_stacks.end(), [](const Stack& stack) {
    const StackWeight& weight = stack.weight;
    return weight.python_sec + weight.native_sec + weight.kernel_sec + weight.idle_sec == 0 && weight.samples == 0;
  });
}

bool IsEmptyWhole(MemoryStackWeights, const Document& document) {
  return std::all_of(document.memory_stacks.begin(), document.memory_stacks.end(),
                     [](const MemoryStack& stack) { return stack.live_end_mb == 0 && stack.at_peak_mb == 0; });
}

bool IsEmptyWhole(TimelineEnds, const Document& document) {
  return std::all_of(document.timeline.begin(), document.timeline.end(),
                     [](const TimelineEvent& event) { return event.last_sec <= event.t_sec; });
}

Layout LayoutOf(const Rule& rule) { return rule.rows ? Layout::kRows : Layout::kInline; }

// ---- Objects: the visitor that turns a description into a sorted list of writing steps ----

template <class T>
class FieldWriters {
 public:
  // The steps of a described type, made once.
  static const FieldWriters& Of() {
    static const FieldWriters writers = Inner([](auto& all) { DescribeFields(all, Shape<T>{}); });
    return writers;
  }

  // The steps of a part of T's members.
  static FieldWriters Inner(auto describe) {
    FieldWriters inner;
    describe(inner);
    inner.Sort();
    return inner;
  }

  template <class Codec = Plain, class Access>
  void Add(std::string_view key, Access access, Rule rule = Required()) {
    const Layout layout = LayoutOf(rule);
    fields_.push_back({key, QuotedKey(key), rule.presence,
                       [access](const T& object) { return IsEmptyCoded(Codec{}, std::invoke(access, object)); },
                       [access, layout](JsonWriter& writer, const T& object) {
                         WriteCoded(Codec{}, writer, std::invoke(access, object), layout);
                       }});
  }

  template <class Codec>
  void AddWhole(std::string_view key, Rule rule) {
    const Layout layout = LayoutOf(rule);
    fields_.push_back(
        {key, QuotedKey(key), rule.presence, [](const T& object) { return IsEmptyWhole(Codec{}, object); },
         [layout, key](JsonWriter& writer, const T& object) { WriteWhole(Codec{}, writer, object, layout, key); }});
  }

  template <class Describe>
  void Group(std::string_view key, Rule rule, Describe describe) {
    FieldWriters inner = Inner(describe);
    const Layout layout = LayoutOf(rule);
    fields_.push_back({key, QuotedKey(key), rule.presence, [inner](const T& object) { return inner.AllEmpty(object); },
                       [inner, layout](JsonWriter& writer, const T& object) { inner.Write(writer, object, layout); }});
  }

  template <class Describe>
  void GroupIf(std::string_view key, bool T::*flag, Rule rule, Describe describe) {
    Group(key, rule, describe);
    fields_.back().empty = [flag](const T& object) { return !(object.*flag); };
  }

  void Write(JsonWriter& writer, const T& object, Layout layout) const {
    writer.BeginObject(layout);
    for (const Field& field : fields_) {
      if (LeftOut(field, object)) continue;
      writer.Key(field.quoted);
      field.write(writer, object);
    }
    writer.EndObject();
  }

  bool AllEmpty(const T& object) const {
    return std::all_of(fields_.begin(), fields_.end(), [&](const Field& field) {
      return field.presence == Presence::kConstant || LeftOut(field, object);
    });
  }

 private:
  struct Field {
    std::string_view key;
    QuotedKey quoted;
    Presence presence;
    std::function<bool(const T&)> empty;
    std::function<void(JsonWriter&, const T&)> write;
  };

  static bool LeftOut(const Field& field, const T& object) {
    if (field.presence == Presence::kExt) return field.empty(object);
    if (field.presence == Presence::kUnless) return !field.empty(object);
    return false;
  }

  void Sort() {
    std::sort(fields_.begin(), fields_.end(), [](const Field& a, const Field& b) { return a.key < b.key; });
  }

  std::vector<Field> fields_;
};

// ---- Fixed arrays ----

template <class T>
class ItemWriter {
 public:
  ItemWriter(JsonWriter& writer, const T& object) : writer_(writer), object_(object) {}

  template <class Codec = Plain, class Access>
  void Item(Access access, Rule = Required()) {
    WriteCoded(Codec{}, writer_, std::invoke(access, object_), Layout::kInline);
  }

  template <class Describe>
  void ItemGroup(Describe describe) {
    static const FieldWriters<T> inner = FieldWriters<T>::Inner(describe);
    inner.Write(writer_, object_, Layout::kInline);
  }

 private:
  JsonWriter& writer_;
  const T& object_;
};

// Documents and files spread over lines; every other object is a record on one.
template <class T>
constexpr Layout kLayout = std::is_same_v<T, Document> || std::is_same_v<T, File> ? Layout::kRows : Layout::kInline;

}  // namespace

template <class T>
void WriteObject(JsonWriter& writer, const T& value) {
  FieldWriters<T>::Of().Write(writer, value, kLayout<T>);
}

template <class T>
void WriteItems(JsonWriter& writer, const T& value) {
  writer.BeginArray(Layout::kInline);
  ItemWriter<T> items(writer, value);
  DescribeItems(items, Shape<T>{});
  writer.EndArray();
}

// Stacks that follow each other begin alike: a frame that the one before has at the same place is copied from there.
void WriteValue(JsonWriter& writer, const std::vector<Frame>& frames, Layout layout) {
  thread_local std::vector<std::pair<Frame, std::string>> before;
  if (before.size() < frames.size()) before.resize(frames.size());
  writer.BeginArray(layout);
  for (size_t i = 0; i < frames.size(); i++) {
    auto& [frame, text] = before[i];
    if (!text.empty() && frame == frames[i]) {
      writer.Literal(text);
    } else {
      frame = frames[i];
      text = writer.TextOf([&] { WriteObject(writer, frames[i]); });
    }
  }
  writer.EndArray();
}

template <HasFields T>
bool IsEmpty(const T& value) {
  return FieldWriters<T>::Of().AllEmpty(value);
}

void RenderJson(const Document& document, Sink& sink) {
  JsonWriter writer(sink);
  WriteObject(writer, document);
  writer.Finish();
}

}  // namespace scalene::render
