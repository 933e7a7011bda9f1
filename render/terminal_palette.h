// The colours of the terminal view, by meaning. Blue is CPU time, green is memory, red is rare: the hottest lines and
// leaks. The ground is never painted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scalene::render {

enum class ColorDepth : uint8_t { kNone, kSixteen, k256, kTrueColor };
enum class Ground : uint8_t { kUnknown, kDark, kLight };

enum class Ink : uint8_t { kPlain, kDim, kBold, kTime, kGpu, kAwait, kMemory, kCopy, kHot, kLeak };

class Palette {
 public:
  // On an unknown ground the 16 colours are used whatever the depth: the terminal's own theme makes those readable.
  Palette(ColorDepth depth, Ground ground);

  bool colored() const { return depth_ != ColorDepth::kNone; }

  // `text` between the codes of `ink`; as it is when there is no colour or nothing to see.
  std::string Paint(std::string_view text, Ink ink) const;

 private:
  ColorDepth depth_;
  Ground ground_;
};

// From $COLORFGBG ("15;0": the number behind the last ';' is the ground).
Ground GroundOf(std::string_view colorfgbg);

}  // namespace scalene::render
