#include "profile/format.h"

#include <algorithm>
#include <cmath>

namespace scalene::profile {
namespace {

// Rounded to a whole number of units, half up: floor(x + 0.5) is what JavaScript's Math.round does. 0 for no number.
long long Rounded(double value) {
  if (std::isnan(value)) return 0;
  return static_cast<long long>(std::clamp(std::floor(value + 0.5), -9e18, 9e18));
}

long long PowerOfTen(int digits) { return digits == 0 ? 1 : 10 * PowerOfTen(digits - 1); }

// value with exactly `digits` digits after the point.
std::string Fixed(double value, int digits) {
  if (!std::isfinite(value)) return "?";
  const long long scale = PowerOfTen(digits);
  if (std::abs(value) > 9e15 / static_cast<double>(scale)) return "very large";
  const long long scaled = Rounded(std::abs(value) * static_cast<double>(scale));
  std::string text = std::to_string(scaled / scale);
  if (digits > 0) {
    const std::string fraction = std::to_string(scaled % scale);
    text += '.' + std::string(digits - fraction.size(), '0') + fraction;
  }
  if (value < 0 && scaled != 0) text.insert(text.begin(), '-');
  return text;
}

// Hours, minutes and seconds of a whole number of milliseconds.
std::string ClockText(long long ms) {
  const long long hours = ms / 3'600'000, minutes = ms / 60'000 % 60;
  std::string text;
  if (hours) text += std::to_string(hours) + "h:";
  if (hours || minutes) text += std::to_string(minutes) + "m:";
  return text + Fixed(static_cast<double>(ms % 60'000) / 1000, 3) + "s";
}

}  // namespace

std::string FormatSeconds(double seconds) {
  if (!std::isfinite(seconds) || std::abs(seconds) > 1e12) return Fixed(seconds, 3);
  if (seconds < 0) {
    std::string text = FormatSeconds(-seconds);
    text.insert(text.begin(), '-');
    return text;
  }
  if (Rounded(seconds * 1e6) < 1'000'000) return Fixed(seconds * 1000, 3) + "ms";
  return ClockText(Rounded(seconds * 1000));
}

std::string FormatMebibytes(double mebibytes) {
  if (Rounded(mebibytes * 1000) < 1024 * 1000) return Fixed(mebibytes, 3) + " MB";
  return Fixed(mebibytes / 1024, 3) + " GB";
}

std::string FormatCompactMebibytes(double mebibytes) {
  if (Rounded(mebibytes) < 1024) return Fixed(mebibytes, 0) + "M";
  double value = mebibytes / 1024;
  char unit = 'G';
  if (Rounded(value) >= 1024) {
    value /= 1024;
    unit = 'T';
  }
  const int digits = Rounded(value * 100) < 1000 ? 2 : Rounded(value * 10) < 1000 ? 1 : 0;
  return Fixed(value, digits) + unit;
}

std::string FormatWhole(double value) { return Fixed(value, 0); }
std::string FormatTenths(double value) { return Fixed(value, 1); }
std::string FormatHundredths(double value) { return Fixed(value, 2); }

std::string FormatCount(long long count) {
  std::string text = std::to_string(count);
  const int first = count < 0 ? 1 : 0;
  for (int at = static_cast<int>(text.size()) - 3; at > first; at -= 3) text.insert(static_cast<size_t>(at), 1, ',');
  return text;
}

}  // namespace scalene::profile
