// Whether a sanitizer watches this build. It looks at how memory is used, not at every answer, and takes its time: tests
// that repeat the same thing very often do it less often there.
#pragma once

namespace scalene {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace scalene
