// Numbers as people read them, the same everywhere. profile/format_cases.json holds the agreed cases; the page runs them
// against its own formatter too. All round half up on the last digit shown, and carry (59.9996 s is a minute).
#pragma once

#include <string>

namespace scalene::profile {

// 12.500ms, 2.345s, 1m:40.000s, 2h:5m:7.250s
std::string FormatSeconds(double seconds);

// 512.000 MB, from 1024 MB on 1.500 GB
std::string FormatMebibytes(double mebibytes);

// For a narrow column: 123M, from 1024 MB on 1.23G, then 12.3G, 123G, 1.23T
std::string FormatCompactMebibytes(double mebibytes);

// 41: no digits after the point
std::string FormatWhole(double value);

// 12.3 and 93.10: one and two digits after the point
std::string FormatTenths(double value);
std::string FormatHundredths(double value);

// 1,234,567
std::string FormatCount(long long count);

}  // namespace scalene::profile
