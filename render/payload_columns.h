// The blob of a payload (docs/payload.md) while it grows: columns of numbers and text, each remembered as offset, count
// and type for the header.
// Threads: one owner.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/json_writer.h"

namespace scalene::render {

static_assert(std::endian::native == std::endian::little, "columns are little-endian as they lie in memory");

struct PayloadColumn {
  uint64_t offset = 0, count = 0;
  std::string_view type;
};

// The columns of one object of the header, by name.
using ColumnSet = std::vector<std::pair<std::string, PayloadColumn>>;

// "columns": {name: [offset, count, type], …}
void WriteColumns(const ColumnSet& columns, JsonWriter& json);

// Nearest f32; never NaN, never infinite.
inline float Single(double value) {
  if (std::isnan(value)) return 0;
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<float>(value > kMost ? kMost : value < -kMost ? -kMost : value);
}

class ColumnBlob {
 public:
  PayloadColumn Add(std::span<const uint8_t> values) { return AddRaw(values, "u8"); }
  PayloadColumn Add(std::span<const uint32_t> values) { return AddRaw(values, "u32"); }
  PayloadColumn Add(std::span<const float> values) { return AddRaw(values, "f32"); }
  PayloadColumn Add(std::span<const double> values) { return AddRaw(values, "f64"); }
  // Differences as zigzag LEB128.
  PayloadColumn AddDeltas(std::span<const int64_t> values);
  PayloadColumn AddText(std::string_view utf8);

  // The same, left out of the set when every value is zero.
  template <class T>
  void AddUnlessZero(ColumnSet& set, std::string name, const std::vector<T>& values) {
    for (const T value : values) {
      if (value != T{}) return set.emplace_back(std::move(name), Add(std::span<const T>(values))), void();
    }
  }

  // Adds all bytes of another blob. Its columns lie here at what is returned and their offset.
  uint64_t Append(const ColumnBlob& other);

  const std::string& bytes() const { return bytes_; }

 private:
  template <class T>
  PayloadColumn AddRaw(std::span<const T> values, std::string_view type) {
    bytes_.resize((bytes_.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T));
    const PayloadColumn column{bytes_.size(), values.size(), type};
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    return column;
  }

  std::string bytes_;
};

}  // namespace scalene::render
