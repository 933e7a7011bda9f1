#include "render/terminal_palette.h"

#include <array>
#include <charconv>

namespace scalene::render {
namespace {

struct InkCodes {
  std::string_view sixteen;
  std::string_view dark_256, light_256;
  std::string_view dark_true, light_true;
};

// In the order of Ink; the page's hues, see its design tokens.
constexpr std::array<InkCodes, 10> kCodes = {{
    {"", "", "", "", ""},
    {"2", "38;5;245", "38;5;245", "38;2;146;156;171", "38;2;91;101;115"},            // dim
    {"1", "1", "1", "1", "1"},                                                       // bold
    {"34", "38;5;111", "38;5;25", "38;2;166;196;255", "38;2;24;68;189"},             // time
    {"33", "38;5;141", "38;5;92", "38;2;182;147;255", "38;2;118;56;204"},            // GPU
    {"36", "38;5;43", "38;5;30", "38;2;61;188;178", "38;2;11;123;119"},              // await
    {"32", "38;5;78", "38;5;22", "38;2;103;214;160", "38;2;11;94;55"},               // memory
    {"33", "38;5;179", "38;5;130", "38;2;226;166;60", "38;2;168;100;8"},             // copy
    {"1;31", "1;38;5;203", "1;38;5;160", "1;38;2;255;122;110", "1;38;2;195;33;26"},  // hot
    {"31", "38;5;203", "38;5;160", "38;2;255;122;110", "38;2;195;33;26"},            // leak
}};

std::string_view CodeOf(Ink ink, ColorDepth depth, Ground ground) {
  const InkCodes& codes = kCodes[static_cast<size_t>(ink)];
  const bool light = ground == Ground::kLight;
  if (depth == ColorDepth::kSixteen) return codes.sixteen;
  if (depth == ColorDepth::k256) return light ? codes.light_256 : codes.dark_256;
  return light ? codes.light_true : codes.dark_true;
}

}  // namespace

Palette::Palette(ColorDepth depth, Ground ground) : depth_(depth), ground_(ground) {
  if (depth_ != ColorDepth::kNone && ground_ == Ground::kUnknown) depth_ = ColorDepth::kSixteen;
}

std::string Palette::Paint(std::string_view text, Ink ink) const {
  if (!colored() || ink == Ink::kPlain || text.find_first_not_of(' ') == text.npos) return std::string(text);
  std::string painted = "\x1b[";
  painted += CodeOf(ink, depth_, ground_);
  painted += 'm';
  painted += text;
  return painted += "\x1b[0m";
}

Ground GroundOf(std::string_view colorfgbg) {
  const std::string_view ground = colorfgbg.substr(colorfgbg.rfind(';') + 1);
  int color = 0;
  const auto [end, error] = std::from_chars(ground.data(), ground.data() + ground.size(), color);
  if (error != std::errc() || end != ground.data() + ground.size() || colorfgbg.find(';') == colorfgbg.npos) {
    return Ground::kUnknown;
  }
  return color == 7 || color >= 9 ? Ground::kLight : Ground::kDark;
}

}  // namespace scalene::render
