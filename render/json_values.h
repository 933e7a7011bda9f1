// How each C++ type of the document is written: numbers, texts, containers. Part of render/json.cc; objects with fields
// of their own are written by FieldWriters there.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "profile/file_shape.h"
#include "render/json_writer.h"

namespace scalene::render {

// Declared here, defined in json.cc, so that containers may hold described objects.
template <class T>
void WriteObject(JsonWriter& writer, const T& value);
template <class T>
void WriteItems(JsonWriter& writer, const T& value);

using profile::HasFields;
using profile::HasItems;

inline void WriteValue(JsonWriter& writer, bool value, Layout) { writer.Boolean(value); }
inline void WriteValue(JsonWriter& writer, int value, Layout) { writer.Integer(value); }
inline void WriteValue(JsonWriter& writer, int64_t value, Layout) { writer.Integer(value); }
inline void WriteValue(JsonWriter& writer, uint64_t value, Layout) { writer.Unsigned(value); }
inline void WriteValue(JsonWriter& writer, double value, Layout) { writer.Real(value); }
inline void WriteValue(JsonWriter& writer, const std::string& value, Layout) { writer.String(value); }
void WriteValue(JsonWriter& writer, const std::vector<profile::Frame>& frames, Layout layout);

// All overloads are declared before any is defined, since containers nest.
template <HasFields T>
void WriteValue(JsonWriter& writer, const T& value, Layout) {
  WriteObject(writer, value);
}
template <HasItems T>
void WriteValue(JsonWriter& writer, const T& value, Layout) {
  WriteItems(writer, value);
}
template <class T>
void WriteValue(JsonWriter& writer, const std::optional<T>& value, Layout layout);
template <class A, class B>
void WriteValue(JsonWriter& writer, const std::pair<A, B>& value, Layout layout);
template <class T>
void WriteValue(JsonWriter& writer, const std::vector<T>& values, Layout layout);
template <class T>
void WriteValue(JsonWriter& writer, const std::map<std::string, T>& values, Layout layout);
template <class T>
void WriteValue(JsonWriter& writer, const std::map<int, T>& values, Layout layout);

template <class T>
void WriteValue(JsonWriter& writer, const std::optional<T>& value, Layout layout) {
  if (value) {
    WriteValue(writer, *value, layout);
  } else {
    writer.Null();
  }
}

template <class A, class B>
void WriteValue(JsonWriter& writer, const std::pair<A, B>& value, Layout) {
  writer.BeginArray(Layout::kInline);
  WriteValue(writer, value.first, Layout::kInline);
  WriteValue(writer, value.second, Layout::kInline);
  writer.EndArray();
}

template <class T>
void WriteValue(JsonWriter& writer, const std::vector<T>& values, Layout layout) {
  writer.BeginArray(layout);
  for (const T& value : values) WriteValue(writer, value, Layout::kInline);
  writer.EndArray();
}

template <class T>
void WriteValue(JsonWriter& writer, const std::map<std::string, T>& values, Layout layout) {
  writer.BeginObject(layout);
  for (const auto& [key, value] : values) {
    writer.Key(key);
    WriteValue(writer, value, Layout::kInline);
  }
  writer.EndObject();
}

// Numbers as keys are sorted as the text they become.
template <class T>
void WriteValue(JsonWriter& writer, const std::map<int, T>& values, Layout layout) {
  std::map<std::string, T> by_text;
  for (const auto& [key, value] : values) by_text.emplace(std::to_string(key), value);
  WriteValue(writer, by_text, layout);
}

template <HasFields T>
bool IsEmpty(const T& value);
inline bool IsEmpty(const std::string& value) { return value.empty(); }
template <class T>
requires std::is_arithmetic_v<T>
bool IsEmpty(T value) { return value == 0; }
template <class T>
bool IsEmpty(const std::optional<T>& value) {
  return !value.has_value();
}
template <class T>
bool IsEmpty(const std::vector<T>& values) {
  return values.empty();
}
template <class K, class T>
bool IsEmpty(const std::map<K, T>& values) {
  return values.empty();
}

}  // namespace scalene::render
