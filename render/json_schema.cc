#include "render/json_schema.h"

#include <cmath>
#include <functional>
#include <map>

#include "profile/file_shape.h"
#include "render/json_writer.h"

namespace scalene::render {
namespace {

using namespace scalene::profile;  // NOLINT: the shape's names are this file's vocabulary

// One schema as an ordered set of keywords; values are JSON text.
using Keywords = std::map<std::string, std::string>;

std::string Quoted(std::string_view text) {
  StringSink sink;
  JsonWriter writer(sink);
  writer.String(text);
  writer.Finish();
  sink.text().pop_back();
  return sink.text();
}

std::string Number(double value) {
  return value == std::floor(value) ? std::to_string(static_cast<long long>(value)) : std::to_string(value);
}

std::string Text(const Keywords& keywords) {
  std::string text = "{";
  for (const auto& [key, value] : keywords) text += (text.size() > 1 ? ", " : "") + Quoted(key) + ": " + value;
  return text + "}";
}

Keywords OfType(std::string_view type) { return {{"type", Quoted(type)}}; }

Keywords WithBounds(Keywords keywords, const Rule& rule) {
  if (std::isfinite(rule.minimum)) keywords["minimum"] = Number(rule.minimum);
  if (std::isfinite(rule.maximum)) keywords["maximum"] = Number(rule.maximum);
  if (!rule.help.empty()) keywords["description"] = Quoted(rule.help);
  return keywords;
}

Keywords ArrayOf(const std::string& item) { return {{"type", Quoted("array")}, {"items", item}}; }
Keywords MapOf(const std::string& item) { return {{"type", Quoted("object")}, {"additionalProperties", item}}; }

// "number" becomes ["number", "null"]. References have no type; they are not nullable in this format.
Keywords OrNull(Keywords keywords) {
  keywords["type"] = "[" + keywords["type"] + ", \"null\"]";
  return keywords;
}

// Described types are defined once, under "$defs".
class Definitions {
 public:
  template <class T>
  std::string ReferenceTo();
  std::string All() const { return Text(texts_); }

 private:
  Keywords texts_;
};

template <class T>
std::string NameOf() {
  if constexpr (std::is_same_v<T, File>) return "file";
  if constexpr (std::is_same_v<T, Line>) return "line";
  if constexpr (std::is_same_v<T, Function>) return "function";
  if constexpr (std::is_same_v<T, Frame>) return "frame";
  if constexpr (std::is_same_v<T, Stack>) return "stack";
  if constexpr (std::is_same_v<T, PythonStack>) return "python_stack";
  if constexpr (std::is_same_v<T, MemoryStack>) return "memory_stack";
  if constexpr (std::is_same_v<T, MemoryPoint>) return "memory_point";
  if constexpr (std::is_same_v<T, TimelineEvent>) return "timeline_event";
  if constexpr (std::is_same_v<T, Leak>) return "leak";
  if constexpr (std::is_same_v<T, Caller>) return "caller";
  if constexpr (std::is_same_v<T, Holder>) return "holder";
  if constexpr (std::is_same_v<T, ExitStatus>) return "exit_status";
  if constexpr (std::is_same_v<T, Totals>) return "totals";
  if constexpr (std::is_same_v<T, ProcessRow>) return "process";
  if constexpr (std::is_same_v<T, ThreadRow>) return "thread";
  if constexpr (std::is_same_v<T, OptionValue>) return "option_value";
  if constexpr (std::is_same_v<T, Document::Gil>) return "gil";
  if constexpr (std::is_same_v<T, Document::Outside>) return "outside";
  if constexpr (std::is_same_v<T, Document::Hidden>) return "hidden";
  if constexpr (std::is_same_v<T, Document::HiddenFile>) return "hidden_file";
  if constexpr (std::is_same_v<T, Document::MemoryRun>) return "memory_run";
}

// ---- Types ----

template <class T>
struct SchemaOf {  // described types
  static Keywords Make(Definitions& definitions, const Rule&) {
    return {{"$ref", Quoted("#/$defs/" + definitions.ReferenceTo<T>())}};
  }
};
template <>
struct SchemaOf<bool> {
  static Keywords Make(Definitions&, const Rule&) { return OfType("boolean"); }
};
template <>
struct SchemaOf<std::string> {
  static Keywords Make(Definitions&, const Rule&) { return OfType("string"); }
};
template <>
struct SchemaOf<double> {
  static Keywords Make(Definitions&, const Rule& rule) { return WithBounds(OfType("number"), rule); }
};
template <std::integral T>
struct SchemaOf<T> {
  static Keywords Make(Definitions&, const Rule& rule) { return WithBounds(OfType("integer"), rule); }
};
template <>
struct SchemaOf<FrameKind> {
  static Keywords Make(Definitions&, const Rule&) { return {{"enum", "[\"py\", \"native\"]"}}; }
};
// Optional values are null at the top, but simply absent under "ext".
template <class T>
struct SchemaOf<std::optional<T>> {
  static Keywords Make(Definitions& definitions, const Rule& rule) {
    const Keywords inner = SchemaOf<T>::Make(definitions, rule);
    return rule.presence == Presence::kExt ? inner : OrNull(inner);
  }
};
template <class T>
struct SchemaOf<std::vector<T>> {
  static Keywords Make(Definitions& definitions, const Rule&) {
    return ArrayOf(Text(SchemaOf<T>::Make(definitions, {})));
  }
};
template <class K, class T>
struct SchemaOf<std::map<K, T>> {
  static Keywords Make(Definitions& definitions, const Rule&) {
    return MapOf(Text(SchemaOf<T>::Make(definitions, {})));
  }
};
template <class A, class B>
struct SchemaOf<std::pair<A, B>> {
  static Keywords Make(Definitions& definitions, const Rule&) {
    return {{"type", Quoted("array")},
            {"prefixItems",
             "[" + Text(SchemaOf<A>::Make(definitions, {})) + ", " + Text(SchemaOf<B>::Make(definitions, {})) + "]"}};
  }
};

// ---- Encodings ----

Keywords Whole(SchemaVersion) { return {{"const", std::to_string(kSchemaVersion)}}; }
Keywords Whole(GeneratorName) { return {{"const", Quoted(kGeneratorName)}}; }
Keywords Whole(LossCounters) {
  return {{"type", Quoted("object")},
          {"properties", "{\"lost_percent\": {\"type\": \"number\"}}"},
          {"additionalProperties", Text(MapOf(Text(OfType("integer"))))}};
}
Keywords Whole(StackWeights) {
  return {{"type", Quoted("object")},
          {"properties", "{\"columns\": " + Text(ArrayOf(Text(OfType("string")))) +
                             ", \"rows\": " + Text(ArrayOf(Text(ArrayOf(Text(OfType("number")))))) + "}"}};
}
Keywords Whole(MemoryStackWeights) { return Whole(StackWeights{}); }
Keywords Whole(TimelineEnds) { return ArrayOf(Text(OfType("number"))); }
Keywords Whole(FrameLine) { return OrNull(WithBounds(OfType("integer"), Required().AtLeast(1))); }
Keywords Whole(FrameAddress) { return OrNull(WithBounds(OfType("integer"), Required().AtLeast(0))); }

template <class Codec, class Member>
Keywords MemberSchema(Definitions& definitions, const Rule& rule) {
  if constexpr (std::is_same_v<Codec, JsonText>) return {};  // any scalar
  if constexpr (std::is_same_v<Codec, Base64>)
    return {{"contentEncoding", Quoted("base64")}, {"type", Quoted("string")}};
  if constexpr (!std::is_same_v<Codec, JsonText> && !std::is_same_v<Codec, Base64>) {
    return SchemaOf<Member>::Make(definitions, rule);
  }
}

// ---- Objects and fixed arrays ----

template <class T>
class ShapeSchema {
 public:
  explicit ShapeSchema(Definitions& definitions) : definitions_(definitions) {}

  template <class Codec = Plain, class Access>
  void Add(std::string_view key, Access, Rule rule = Required()) {
    using Member = std::remove_cvref_t<std::invoke_result_t<Access, const T&>>;
    Property(key, rule, MemberSchema<Codec, Member>(definitions_, rule));
  }
  template <class Codec>
  void AddWhole(std::string_view key, Rule rule) {
    Property(key, rule, Whole(Codec{}));
  }
  template <class Describe>
  void Group(std::string_view key, Rule rule, Describe describe) {
    ShapeSchema inner(definitions_);
    describe(inner);
    Property(key, rule, inner.Object());
  }
  template <class Describe>
  void GroupIf(std::string_view key, bool T::*, Rule rule, Describe describe) {
    Group(key, rule, describe);
  }
  template <class Codec = Plain, class Access>
  void Item(Access, Rule rule = Required()) {
    using Member = std::remove_cvref_t<std::invoke_result_t<Access, const T&>>;
    items_ += (items_.empty() ? "" : ", ") + Text(MemberSchema<Codec, Member>(definitions_, rule));
  }
  template <class Describe>
  void ItemGroup(Describe describe) {
    ShapeSchema inner(definitions_);
    describe(inner);
    items_ += (items_.empty() ? "" : ", ") + Text(inner.Object());
  }

  Keywords Object() const {
    Keywords keywords{{"type", Quoted("object")}, {"properties", Text(properties_)}};
    if (!required_.empty()) keywords["required"] = "[" + required_ + "]";
    return keywords;
  }
  Keywords Array() const { return {{"type", Quoted("array")}, {"prefixItems", "[" + items_ + "]"}}; }

 private:
  void Property(std::string_view key, const Rule& rule, const Keywords& schema) {
    properties_[std::string(key)] = Text(schema);
    if (rule.presence == Presence::kRequired) required_ += (required_.empty() ? "" : ", ") + Quoted(key);
  }

  Definitions& definitions_;
  Keywords properties_;
  std::string required_, items_;
};

template <class T>
Keywords Described(Definitions& definitions) {
  ShapeSchema<T> shape(definitions);
  if constexpr (HasFields<T>) {
    DescribeFields(shape, Shape<T>{});
    return shape.Object();
  } else {
    DescribeItems(shape, Shape<T>{});
    return shape.Array();
  }
}

template <class T>
std::string Definitions::ReferenceTo() {
  const std::string name = NameOf<T>();
  if (!texts_.contains(name)) texts_[name] = Text(Described<T>(*this));
  return name;
}

// Spreads JSON text over lines, down to objects that fit on one. Strings in schemas hold no brackets.
std::string Spread(std::string_view json, size_t indent) {
  constexpr size_t kWidth = 116;
  if (json.size() + indent <= kWidth || (json[0] != '{' && json[0] != '[')) return std::string(json);
  const std::string margin(indent + 4, ' ');
  std::string out(1, json[0]);
  size_t depth = 0, start = 1;
  for (size_t at = 1; at < json.size(); at++) {
    const char c = json[at];
    if (c == '{' || c == '[') depth++;
    const bool closes = depth == 0 && at + 1 == json.size();
    if (!closes && (c == '}' || c == ']')) depth--;
    if (!closes && !(depth == 0 && c == ',')) continue;
    const std::string_view member = json.substr(start, at - start);
    const size_t value = member.starts_with('"') && member.find("\": ") != member.npos ? member.find("\": ") + 3 : 0;
    out += "\n" + margin + std::string(member.substr(0, value)) + Spread(member.substr(value), indent + 4);
    out += closes ? "\n" + std::string(indent, ' ') + c : ",";
    start = at + 2;
  }
  return out;
}

}  // namespace

std::string ProfileSchema() {
  Definitions definitions;
  Keywords schema = Described<Document>(definitions);
  schema["$schema"] = Quoted("https://json-schema.org/draft/2020-12/schema");
  schema["$defs"] = definitions.All();
  schema["title"] = Quoted("Scalene profile");
  schema["description"] = Quoted("Written by scalene run. Units and meanings: docs/profile-format.md.");
  return Spread(Text(schema), 0) + "\n";
}

}  // namespace scalene::render
