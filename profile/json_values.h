// How each C++ type of the document is read: numbers, texts, containers. Part of profile_reader.cc; objects with fields of
// their own are read by FieldReaders there. The mirror image of render/json_values.h.
//
// Errors travel as ReadFailure, thrown here and caught in ReadProfile, never beyond: a value is read a hundred million
// times and fails at most once.
#pragma once

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "profile/file_shape.h"
#include "profile/json_members.h"
#include "profile/json_text.h"
#include "profile/utf8.h"

namespace scalene::profile {

using JsonValue = simdjson::ondemand::value;
using JsonObject = simdjson::ondemand::object;
using JsonArray = simdjson::ondemand::array;

class FileReads;  // profile_reader.cc

// What has to be remembered across values.
struct ReadContext {
  bool raw_line_seen = false;  // the line being read has its untouched text already
  std::vector<std::vector<double>> stack_weights, memory_stack_weights;
  std::vector<double> timeline_last_sec;
  bool files_seen = false;
  FileReads* file_reads = nullptr;  // of the members of "files", in their order
};

template <class T>
T Take(simdjson::simdjson_result<T>&& result) {
  if (result.error()) throw ReadFailure{simdjson::error_message(result.error()), {}, nullptr};
  return std::move(result).value_unsafe();
}

// The same where the value's type is the likely culprit.
template <class T>
T TakeTyped(JsonValue value, simdjson::simdjson_result<T>&& result, const char* expected) {
  if (!result.error()) return std::move(result).value_unsafe();
  const char* where = nullptr;
  if (value.current_location().get(where)) where = nullptr;
  throw ReadFailure{std::string("should be ") + expected, {}, where};
}

inline bool IsNull(JsonValue value) {
  bool null = false;
  return !value.is_null().get(null) && null;
}

// The raw text of a JSON string, from behind its opening quote. Stage 1 of the parser has seen the closing one and has
// refused control characters; behind the input stand zeros.
inline std::string_view BetweenQuotes(const char* start) {
  for (const char* end = std::strchr(start, '"'); end; end = std::strchr(end + 1, '"')) {
    const char* slash = end;
    while (slash > start && slash[-1] == '\\') slash--;
    if ((end - slash) % 2 == 0) return {start, static_cast<size_t>(end - start)};
  }
  throw ReadFailure{"a text without an end", {}, start};
}

inline void DecodeInto(std::string_view between_quotes, std::string& out) {
  if (!DecodeJsonString(between_quotes, out)) throw ReadFailure{"a malformed escape", {}, between_quotes.data()};
}

template <class T>
void ReadObject(ReadContext& context, JsonObject object, T& out);
template <class T>
void ReadItems(ReadContext& context, JsonArray array, T& out);

inline void ReadValue(ReadContext&, JsonValue value, bool& out) {
  if (IsNull(value)) return;
  out = TakeTyped(value, value.get_bool(), "true or false");
}

inline void ReadValue(ReadContext&, JsonValue value, double& out) {
  if (value.get_double().get(out) == simdjson::SUCCESS) return;
  out = 0;
  if (!IsNull(value)) TakeTyped(value, value.get_double(), "a number");
}

// Whole numbers; old profiles may have them with a point.
template <class T>
void ReadWhole(JsonValue value, T& out) {
  using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
  Wide wide = 0;
  const auto error = std::is_signed_v<T> ? value.get_int64().get(reinterpret_cast<int64_t&>(wide))
                                         : value.get_uint64().get(reinterpret_cast<uint64_t&>(wide));
  if (error) {
    if (IsNull(value)) return;
    const double real = TakeTyped(value, value.get_double(), "a whole number");
    // 2^53: above it a real no longer says which whole number it is.
    if (std::abs(real) > 9007199254740992.0 || (real < 0 && !std::is_signed_v<T>)) {
      throw ReadFailure{"is out of range", {}, nullptr};
    }
    wide = static_cast<Wide>(real);
  }
  if (wide > static_cast<Wide>(std::numeric_limits<T>::max()) ||
      wide < static_cast<Wide>(std::numeric_limits<T>::min())) {
    throw ReadFailure{"is out of range", {}, nullptr};
  }
  out = static_cast<T>(wide);
}
inline void ReadValue(ReadContext&, JsonValue value, int& out) { ReadWhole(value, out); }
inline void ReadValue(ReadContext&, JsonValue value, int64_t& out) { ReadWhole(value, out); }
inline void ReadValue(ReadContext&, JsonValue value, uint64_t& out) { ReadWhole(value, out); }

inline void ReadValue(ReadContext&, JsonValue value, std::string& out) {
  if (IsNull(value)) return;
  DecodeInto(BetweenQuotes(TakeTyped(value, value.get_raw_json_string(), "a text").raw()), out);
}

template <HasFields T>
void ReadValue(ReadContext& context, JsonValue value, T& out) {
  ReadObject(context, TakeTyped(value, value.get_object(), "an object"), out);
}
template <HasItems T>
void ReadValue(ReadContext& context, JsonValue value, T& out) {
  ReadItems(context, TakeTyped(value, value.get_array(), "an array"), out);
}

// All overloads are declared before any is defined, since containers nest.
template <class T>
void ReadValue(ReadContext& context, JsonValue value, std::optional<T>& out);
template <class A, class B>
void ReadValue(ReadContext& context, JsonValue value, std::pair<A, B>& out);
template <class T>
void ReadValue(ReadContext& context, JsonValue value, std::vector<T>& out);
template <class T>
void ReadValue(ReadContext& context, JsonValue value, std::map<std::string, T>& out);
template <class T>
void ReadValue(ReadContext& context, JsonValue value, std::map<int, T>& out);
void ReadValue(ReadContext& context, JsonValue value, std::map<std::string, File>& out);

template <class T>
void ReadValue(ReadContext& context, JsonValue value, std::optional<T>& out) {
  out.reset();
  if (!IsNull(value)) ReadValue(context, value, out.emplace());
}

template <class A, class B>
void ReadValue(ReadContext& context, JsonValue value, std::pair<A, B>& out) {
  size_t index = 0;
  for (auto item : TakeTyped(value, value.get_array(), "an array of two")) {
    if (index == 0) ReadValue(context, Take(std::move(item)), out.first);
    if (index == 1) ReadValue(context, Take(std::move(item)), out.second);
    index++;
  }
}

template <class T>
void ReadValue(ReadContext& context, JsonValue value, std::vector<T>& out) {
  out.clear();
  if (IsNull(value)) return;
  for (auto item : TakeTyped(value, value.get_array(), "an array")) {
    ReadValue(context, Take(std::move(item)), out.emplace_back());
  }
}

// Calls body(key, value) for each member of an object.
template <class Body>
void ForEachMember(JsonValue value, Body body) {
  if (IsNull(value)) return;
  std::string key;
  for (auto member : TakeTyped(value, value.get_object(), "an object")) {
    auto field = Take(std::move(member));
    DecodeInto(BetweenQuotes(field.key().raw()), key);
    body(key, JsonValue(field.value()));
  }
}

template <class T>
void ReadValue(ReadContext& context, JsonValue value, std::map<std::string, T>& out) {
  out.clear();
  ForEachMember(value,
                [&](const std::string& key, JsonValue item) { ReadValue(context, item, out[ToValidUtf8(key)]); });
}

template <class T>
void ReadValue(ReadContext& context, JsonValue value, std::map<int, T>& out) {
  out.clear();
  ForEachMember(value, [&](const std::string& key, JsonValue item) {
    int number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error == std::errc() && end == key.data() + key.size()) ReadValue(context, item, out[number]);
  });
}

}  // namespace scalene::profile
