#include "render/markdown.h"

#include "render/footer.h"
#include "render/summary.h"
#include "render/visible_text.h"

namespace scalene::render {
namespace {

using profile::Document;
using profile::Line;

// Text in a code span inside a table: a bar would end the cell, and the fence must be longer than any run of backticks.
std::string CodeCell(std::string_view text, bool ascii) {
  std::string code = VisibleText(text, ascii);
  size_t longest = 0, run = 0;
  for (char c : code) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  for (size_t at = code.find('|'); at != code.npos; at = code.find('|', at + 2)) code.insert(at, 1, '\\');
  if (code.find_first_not_of(' ') == code.npos) return "";
  const std::string fence(longest + 1, '`');
  const std::string blank = longest > 0 || code.front() == ' ' ? " " : "";
  return fence + blank + code + blank + fence;
}

// Text outside a code span: names in it may hold characters that mean something to Markdown.
std::string MarkdownText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string_view WithoutLineEnd(std::string_view line) { return line.substr(0, line.find_last_not_of("\r\n") + 1); }

std::string Header(const std::vector<const Column*>& columns) {
  std::string titles = "| Line |", rule = "|---:|";
  for (const Column* column : columns) {
    titles += " " +
              (column->title == "%" ? std::string(column->group == "Memory" ? "usage" : column->group) + " %"
                                    : std::string(column->title)) +
              " |";
    rule += "---:|";
  }
  return titles + " Source |\n" + rule + ":---|\n";
}

std::string Row(const Line& line, bool leaks, const std::vector<const Column*>& columns,
                const TerminalOptions& options) {
  const bool hot = IsHot(line);
  std::string row = (hot ? "| > " : "| ") + std::to_string(line.lineno) + " |";
  for (const Column* column : columns) {
    std::string cell = column->text(line, {.threshold = options.threshold, .ascii = options.ascii});
    if (leaks && column->id == "peak" && !cell.empty()) cell += "!";
    if (hot && column->marks_hot && !cell.empty()) cell = "**" + cell + "**";
    row += " " + cell + " |";
  }
  return row + " " + CodeCell(WithoutLineEnd(line.text), options.ascii) + " |\n";
}

}  // namespace

std::string RenderMarkdown(const Document& document, const std::vector<SelectedFile>& files,
                           const std::vector<const Column*>& columns, const TerminalOptions& options) {
  std::string text;
  if (const std::string memory = MemoryHeadline(document); !memory.empty()) text += memory + "\n\n";
  if (const std::string gil = GilHeadline(document); !gil.empty()) text += gil + "\n\n";
  const std::vector<std::string> insights = InsightSentences(profile::FindInsights(document));
  for (size_t i = 0; i < insights.size(); i++) {
    const std::string sentence = VisibleText(insights[i], options.ascii);
    text += i == 0 ? "**" + MarkdownText(sentence) + "**\n\n" : "* " + MarkdownText(sentence) + "\n";
  }
  if (insights.size() > 1) text += "\n";
  for (const SelectedFile& selected : files) {
    text += "### " + CodeCell(*selected.path, options.ascii) + "\n\n" + FileShare(document, *selected.file) + "\n\n";
    if (const std::string note = SourceNote(*selected.file); !note.empty()) text += note + "\n\n";
    text += Header(columns);
    for (const Line* line : selected.lines) {
      text += line ? Row(*line, selected.file->leaks.contains(line->lineno), columns, options) : "| ... |\n";
    }
    if (!selected.functions.empty()) text += "\nFunction summaries:\n\n";
    for (const profile::Function* function : selected.functions) {
      text += "* " + CodeCell(function->text, options.ascii) + " (line " + std::to_string(function->lineno) +
              "): " + FunctionShare(*function) + "\n";
    }
    if (const std::string waits = FileWaits(*selected.file); !waits.empty()) text += "\nWaits: " + waits + "\n";
    for (const std::string& holders : FileHolders(*selected.file))
      text += "\n" + MarkdownText(VisibleText(holders, options.ascii)) + "\n";
    text += "\n";
  }
  for (const std::string& sentence : FooterSentences(document, false))
    text += VisibleText(sentence, options.ascii) + "\n";
  return text;
}

}  // namespace scalene::render
