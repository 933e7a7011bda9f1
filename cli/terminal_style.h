// When and how our own text is coloured, and whether a stream can show more than ASCII. The only place that knows.
//
// Order: --color > NO_COLOR (not empty) > FORCE_COLOR, CLICOLOR_FORCE (not 0) > CLICOLOR=0 > TERM=dumb > is that very
// stream a terminal? Files and pipes stay plain unless forced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scalene::cli {

enum class ColorChoice : uint8_t { kAuto, kAlways, kNever };
enum class ColorDepth : uint8_t { kNone, kSixteen, k256, kTrueColor };

std::optional<ColorChoice> ParseColorChoice(std::string_view word);  // auto, always, never

bool UseColor(int fd, ColorChoice choice = ColorChoice::kAuto);
ColorDepth DepthOfColor(int fd, ColorChoice choice = ColorChoice::kAuto);

// Whether the locale's encoding is UTF-8; otherwise only ASCII may be written for people.
bool LocaleIsUtf8();

// Columns of the terminal behind fd, else of COLUMNS, else 80.
int TerminalWidth(int fd);

enum class Style : uint8_t { kPlain, kBold, kDim, kRed, kGreen, kYellow, kBlue, kCyan, kBoldRed };

// The text between the escape codes of the style, or as it is when color is false.
std::string Styled(std::string_view text, Style style, bool color);

}  // namespace scalene::cli
