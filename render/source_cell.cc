#include "render/source_cell.h"

#include <algorithm>

#include "render/visible_text.h"

namespace scalene::render {
namespace {

Ink InkOf(Token token) {
  switch (token) {
    case Token::kKeyword:
    case Token::kDefinedName:
      return Ink::kBold;
    case Token::kString:
    case Token::kComment:
      return Ink::kDim;
    case Token::kPlain:
      break;
  }
  return Ink::kPlain;
}

std::string_view WithoutLineEnd(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// How many of the characters fit when the rest, if any, becomes a mark one cell wide.
size_t Fitting(const std::vector<VisibleCharacter>& characters, size_t width) {
  size_t used = 0, fitting = 0;
  for (; fitting < characters.size(); fitting++) {
    if (used + characters[fitting].width > width) break;
    used += characters[fitting].width;
  }
  if (fitting == characters.size()) return fitting;
  while (fitting > 0 && used + 1 > width) used -= characters[--fitting].width;
  return fitting;
}

std::string_view CutMark(bool ascii) { return ascii ? "~" : "…"; }

// A cell of plain text, painted in stretches of one ink.
std::string PlainCell(std::string_view line, const std::vector<Token>& tokens, const SourceCellStyle& style) {
  const bool cut = line.size() > style.width;
  const size_t end = cut ? style.width - std::min<size_t>(style.width, 1) : line.size();
  std::string cell;
  for (size_t at = 0; at < end;) {
    const Ink ink = InkOf(tokens[at]);
    size_t next = at + 1;
    while (next < end && InkOf(tokens[next]) == ink) next++;
    cell += style.palette->Paint(std::string(line.substr(at, next - at)), ink);
    at = next;
  }
  if (cut) cell += CutMark(style.ascii);
  return cell;
}

}  // namespace

std::string SourceCell(std::string_view line, const std::vector<Token>& tokens, const SourceCellStyle& style) {
  if (IsPlainText(WithoutLineEnd(line))) return PlainCell(WithoutLineEnd(line), tokens, style);
  const std::vector<VisibleCharacter> characters = VisibleCharacters(WithoutLineEnd(line), style.ascii);
  const size_t fitting = Fitting(characters, style.width);
  std::string cell, run;
  Ink ink = Ink::kPlain;
  for (size_t i = 0; i < fitting; i++) {
    const Ink next = InkOf(tokens[characters[i].offset]);
    if (next != ink) {
      cell += style.palette->Paint(run, ink);
      run.clear();
      ink = next;
    }
    run += characters[i].text;
  }
  cell += style.palette->Paint(run, ink);
  if (fitting < characters.size()) cell += CutMark(style.ascii);
  return cell;
}

std::string CutText(std::string_view text, size_t width, bool ascii) {
  const std::vector<VisibleCharacter> characters = VisibleCharacters(text, ascii);
  const size_t fitting = Fitting(characters, width);
  std::string cut;
  for (size_t i = 0; i < fitting; i++) cut += characters[i].text;
  if (fitting < characters.size()) cut += CutMark(ascii);
  return cut;
}

}  // namespace scalene::render
