// Outcome<T>: a value, or the Trouble that ends the command. Like base's Result<T>, with the exit status that the user's
// shell will see, because the command line is the only layer that knows it.
//
//   2 usage or configuration · 125 our own failure · 126 found but cannot run · 127 not found · 1 a command's own "no"
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace scalene::cli {

inline constexpr int kExitUsage = 2;
inline constexpr int kExitOwnFailure = 125;
inline constexpr int kExitCannotExecute = 126;
inline constexpr int kExitNotFound = 127;

// One sentence without prefix and without a full stop at its end, and the status to exit with.
struct Trouble {
  int exit_status = kExitUsage;
  std::string text;
  bool with_usage = false;  // the command's usage line follows
};

template <typename T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : value_(std::move(value)) {}              // NOLINT: implicit on purpose
  Outcome(Trouble trouble) : trouble_(std::move(trouble)) {}  // NOLINT: implicit on purpose
  bool ok() const { return value_.has_value(); }
  const Trouble& trouble() const { return trouble_; }
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Trouble trouble_;
};

}  // namespace scalene::cli
