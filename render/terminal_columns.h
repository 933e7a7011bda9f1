// The columns of the terminal view: one list with title, width, colour, and how important each is when there is not room
// for all. Line number and source are not in it; they are always there.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "profile/document.h"
#include "render/terminal_palette.h"

namespace scalene::render {

// What a cell needs to know beyond its line.
struct CellContext {
  double threshold = 1;  // percent; smaller values are blank
  bool ascii = false;
  bool leaks = false;  // the profile reports a leak on this line
  bool color = false;
};

struct Column {
  std::string_view id;     // in --columns and --sort
  std::string_view group;  // first header line; columns of one group stand together
  std::string_view title;  // second header line
  std::string_view name;   // in sentences
  size_t width;            // in cells, without the blank before it
  int keep;                // the smallest goes first when there is not room; kAlways never goes
  Ink ink;
  bool marks_hot;  // red on a hot line
  std::string (*text)(const profile::Line&, const CellContext&);
  double (*value)(const profile::Line&);  // for sorting
};
inline constexpr int kAlways = 100;

std::span<const Column> AllColumns();
const Column* FindColumn(std::string_view id);

// The columns the profile has data for, or those named. Names of groups stand for their members: time, memory.
Result<std::vector<const Column*>> ChooseColumns(const profile::Document& document,
                                                 const std::vector<std::string>& names);

// Takes the least important columns away until `width` leaves room for source; what went is appended to `left_out`, most
// important first.
std::vector<const Column*> FitColumns(std::vector<const Column*> columns, size_t width,
                                      std::vector<const Column*>& left_out);

// Line number and columns together, in cells.
size_t TableWidth(std::span<const Column* const> columns);
inline constexpr size_t kLineNumberWidth = 6;

// A third or more of the time, or of the memory.
bool IsHot(const profile::Line& line);
// Any percentage at or above the threshold.
bool IsActive(const profile::Line& line, double threshold);

}  // namespace scalene::render
