// Typed ids: an index that cannot be mistaken for another table's. 0 is "none".
#pragma once

#include <cstdint>
#include <functional>

namespace scalene {

template <typename Tag>
struct Id {
  uint32_t value = 0;
  explicit operator bool() const { return value != 0; }
  bool operator==(const Id&) const = default;
  auto operator<=>(const Id&) const = default;
};

}  // namespace scalene

template <typename Tag>
struct std::hash<scalene::Id<Tag>> {
  size_t operator()(scalene::Id<Tag> id) const noexcept { return id.value * 0x9e3779b97f4a7c15ull; }
};
