// How each C++ type of the document is read: numbers, texts, containers. Part of profile_reader.cc; objects with fields of
// their own are read by FieldReaders there. The mirror image of render/json_values.h.
//
// Errors travel as ReadFailure, thrown here and caught in ReadProfile, never beyond: a value is read a hundred million
// times and fails at most once.
#pragma once

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "profile/file_shape.h"
#include "profile/json_cursor.h"
#include "profile/json_text.h"
#include "profile/utf8.h"

namespace scalene::profile {

// What has to be remembered across values.
struct ReadContext {
  bool raw_line_seen = false;  // the line being read has its untouched text already
  std::vector<std::vector<double>> stack_weights, memory_stack_weights;
  bool files_seen = false;
  bool large = false;  // worth several threads
};

template <class T>
void ReadObject(ReadContext& context, JsonCursor& in, T& out);
template <class T>
void ReadItems(ReadContext& context, JsonCursor& in, T& out);

inline void ReadValue(ReadContext&, JsonCursor& in, bool& out) {
  if (in.TakeNull()) return;
  const std::optional<bool> flag = in.TakeBoolean();
  if (!flag) in.Refuse("should be true or false");
  out = *flag;
}

inline void ReadValue(ReadContext&, JsonCursor& in, double& out) { out = in.TakeNull() ? 0 : in.Number(); }

// A whole number in any spelling; old profiles may have them with a point.
template <class Wide>
Wide WholeOf(JsonCursor& in) {
  const char* start = in.Here();
  const std::optional<std::string_view> text = in.TakeNumberText();
  if (!text) in.Refuse("should be a whole number");
  Wide wide = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), wide);
  if (error == std::errc() && end == text->data() + text->size()) return wide;
  const double real = JsonCursor(start).Number("a whole number");
  // 2^53: above it a real no longer says which whole number it is.
  if (std::abs(real) > 9007199254740992.0 || (real < 0 && !std::is_signed_v<Wide>)) {
    throw ReadFailure{"is out of range", {}, nullptr};
  }
  return static_cast<Wide>(real);
}

template <class T>
void ReadWhole(JsonCursor& in, T& out) {
  using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
  if (in.TakeNull()) return;
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<T>::max());
  bool negative = false;
  uint64_t digits = 0;
  const char* start = in.Here();
  if (in.TakeWhole(negative, digits) && digits <= kMost && (!negative || std::is_signed_v<T>)) {
    out = static_cast<T>(negative ? -static_cast<Wide>(digits) : static_cast<Wide>(digits));
    return;
  }
  in = JsonCursor(start);
  const Wide wide = WholeOf<Wide>(in);
  if (wide > static_cast<Wide>(std::numeric_limits<T>::max()) ||
      wide < static_cast<Wide>(std::numeric_limits<T>::min())) {
    throw ReadFailure{"is out of range", {}, nullptr};
  }
  out = static_cast<T>(wide);
}
inline void ReadValue(ReadContext&, JsonCursor& in, int& out) { ReadWhole(in, out); }
inline void ReadValue(ReadContext&, JsonCursor& in, int64_t& out) { ReadWhole(in, out); }
inline void ReadValue(ReadContext&, JsonCursor& in, uint64_t& out) { ReadWhole(in, out); }

inline void ReadValue(ReadContext&, JsonCursor& in, std::string& out) {
  if (!in.TakeNull()) in.Text(out);
}

template <HasFields T>
void ReadValue(ReadContext& context, JsonCursor& in, T& out) {
  ReadObject(context, in, out);
}
template <HasItems T>
void ReadValue(ReadContext& context, JsonCursor& in, T& out) {
  ReadItems(context, in, out);
}

// All overloads are declared before any is defined, since containers nest.
template <class T>
void ReadValue(ReadContext& context, JsonCursor& in, std::optional<T>& out);
template <class A, class B>
void ReadValue(ReadContext& context, JsonCursor& in, std::pair<A, B>& out);
template <class T>
void ReadValue(ReadContext& context, JsonCursor& in, std::vector<T>& out);
template <class T>
void ReadValue(ReadContext& context, JsonCursor& in, std::map<std::string, T>& out);
template <class T>
void ReadValue(ReadContext& context, JsonCursor& in, std::map<int, T>& out);
void ReadValue(ReadContext& context, JsonCursor& in, std::map<std::string, File>& out);

template <class T>
void ReadValue(ReadContext& context, JsonCursor& in, std::optional<T>& out) {
  out.reset();
  if (!in.TakeNull()) ReadValue(context, in, out.emplace());
}

template <class A, class B>
void ReadValue(ReadContext& context, JsonCursor& in, std::pair<A, B>& out) {
  in.Enter('[', "an array of two");
  for (size_t index = 0; in.Next(']'); index++) {
    if (index == 0) {
      ReadValue(context, in, out.first);
    } else if (index == 1) {
      ReadValue(context, in, out.second);
    } else {
      in.Skip();
    }
  }
}

template <class T>
void ReadValue(ReadContext& context, JsonCursor& in, std::vector<T>& out) {
  out.clear();
  if (in.TakeNull()) return;
  in.Enter('[', "an array");
  while (in.Next(']')) ReadValue(context, in, out.emplace_back());
}

// Calls body(key) for each member of an object; it takes the value.
template <class Body>
void ForEachMember(JsonCursor& in, Body body) {
  if (in.TakeNull()) return;
  in.Enter('{', "an object");
  std::string key;
  while (in.Next('}')) {
    const std::string_view name = in.Name();
    if (!DecodeJsonString(name, key)) throw ReadFailure{"a malformed escape", {}, name.data()};
    body(key);
  }
}

template <class T>
void ReadValue(ReadContext& context, JsonCursor& in, std::map<std::string, T>& out) {
  out.clear();
  ForEachMember(in, [&](const std::string& key) { ReadValue(context, in, out[ToValidUtf8(key)]); });
}

template <class T>
void ReadValue(ReadContext& context, JsonCursor& in, std::map<int, T>& out) {
  out.clear();
  ForEachMember(in, [&](const std::string& key) {
    int number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error != std::errc() || end != key.data() + key.size()) {
      in.Skip();
    } else {
      ReadValue(context, in, out[number]);
    }
  });
}

}  // namespace scalene::profile
