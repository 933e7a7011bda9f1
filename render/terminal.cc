#include "render/terminal.h"

#include <algorithm>

#include "base/task_pool.h"
#include "profile/metrics.h"
#include "render/footer.h"
#include "render/line_selection.h"
#include "render/markdown.h"
#include "render/python_tokens.h"
#include "render/source_cell.h"
#include "render/summary.h"
#include "render/text_width.h"
#include "render/visible_text.h"

namespace scalene::render {
namespace {

using profile::Document;
using profile::Line;

constexpr size_t kFilesWorthThreads = 20;
constexpr size_t kFooterRoom = 4096;

std::string PadLeft(const std::string& text, size_t width) {
  const size_t used = TextWidth(text);
  return std::string(width - std::min(width, used), ' ') + text;
}

class TerminalView {
 public:
  TerminalView(const Document& document, const TerminalOptions& options, std::vector<const Column*> columns)
      : document_(document), options_(options), palette_(options.depth, options.ground), columns_(std::move(columns)) {
    if (!options.wide) columns_ = FitColumns(std::move(columns_), options.width, left_out_);
  }

  std::string Render(const std::vector<SelectedFile>& files) {
    if (const std::string memory = MemoryHeadline(document_); !memory.empty()) text_ += memory + "\n\n";
    AppendGil();
    AppendInsights();
    AppendFiles(files);
    AppendFooter();
    return std::move(text_);
  }

 private:
  void AppendLine(const std::string& line) { text_.append(line, 0, line.find_last_not_of(' ') + 1) += '\n'; }

  void AppendGil() {
    const std::string gil = GilHeadline(document_);
    if (gil.empty()) return;
    AppendText(gil, Ink::kPlain);
    text_ += '\n';
  }

  void AppendInsights() {
    const std::vector<std::string> sentences = InsightSentences(profile::FindInsights(document_));
    for (const std::string& sentence : sentences)
      AppendText(sentence, &sentence == &sentences.front() ? Ink::kBold : Ink::kPlain);
    if (!sentences.empty()) text_ += '\n';
  }

  // Many files are made side by side; what they look like does not depend on each other.
  void AppendFiles(const std::vector<SelectedFile>& files) {
    std::vector<std::string> texts(files.size());
    TaskPool pool(files.size() > kFilesWorthThreads ? TaskPool::Helpers() : 0);
    for (size_t i = 0; i < files.size(); i++) {
      pool.Add([this, &file = files[i], &text = texts[i]] {
        TerminalView view(document_, options_, columns_);
        view.AppendFile(file);
        text = std::move(view.text_);
      });
    }
    pool.Finish();
    size_t size = text_.size();
    for (const std::string& text : texts) size += text.size();
    text_.reserve(size + kFooterRoom);
    for (std::string& text : texts) {
      text_ += text;
      text = {};
    }
  }

  // ---- One file ----

  void AppendFile(const SelectedFile& selected) {
    AppendLine(palette_.Paint(VisibleText(*selected.path, options_.ascii) + ": " + FileShare(document_, *selected.file),
                              Ink::kBold));
    if (const std::string note = SourceNote(*selected.file); !note.empty()) AppendLine(palette_.Paint(note, Ink::kDim));
    if (!selected.lines.empty()) {
      AppendHeader();
      AppendRows(selected);
    }
    text_ += '\n';
    AppendFunctions(selected);
    AppendWaits(*selected.file);
  }

  void AppendWaits(const profile::File& file) {
    const std::string waits = FileWaits(file);
    if (!waits.empty()) AppendLine("Waits: " + VisibleText(waits, options_.ascii));
    for (const std::string& holders : FileHolders(file)) AppendLine(VisibleText(holders, options_.ascii));
    if (!waits.empty()) text_ += '\n';
  }

  void AppendHeader() {
    AppendLine(GroupTitles());
    std::string titles = PadLeft("Line", kLineNumberWidth);
    for (const Column* column : columns_) titles += ' ' + PadLeft(std::string(column->title), column->width);
    AppendLine(titles + "  Source");
    std::string rule;
    for (size_t i = 0; i < options_.width; i++) rule += options_.ascii ? "-" : "─";
    AppendLine(palette_.Paint(rule, Ink::kDim));
  }

  // A group's title stands over its first column; over a single one it is aligned with it.
  std::string GroupTitles() const {
    std::string titles(kLineNumberWidth, ' ');
    size_t at = kLineNumberWidth;
    for (size_t i = 0; i < columns_.size(); i++) {
      const Column& column = *columns_[i];
      const bool first = i == 0 || columns_[i - 1]->group != column.group;
      const bool alone = first && (i + 1 == columns_.size() || columns_[i + 1]->group != column.group);
      if (first) {
        const size_t start =
            at + 1 + (alone && column.group.size() < column.width ? column.width - column.group.size() : 0);
        titles.resize(std::max(titles.size(), start), ' ');
        titles += column.group;
      }
      at += 1 + column.width;
    }
    return titles;
  }

  // ---- Rows ----

  void AppendRows(const SelectedFile& selected) {
    const std::vector<std::vector<Token>> tokens = TokensOf(selected);
    for (const Line* line : selected.lines) {
      if (!line) {
        AppendLine(palette_.Paint("   ...", Ink::kDim));
        continue;
      }
      const auto index = static_cast<size_t>(line - selected.file->lines.data());
      AppendRow(*line, tokens[index], selected.file->leaks.contains(line->lineno));
    }
  }

  // Of all lines, since strings reach over gaps.
  static std::vector<std::vector<Token>> TokensOf(const SelectedFile& selected) {
    std::vector<std::vector<Token>> tokens;
    PythonTokens tokenizer;
    for (const Line& line : selected.file->lines) tokens.push_back(tokenizer.Line(line.text));
    return tokens;
  }

  void AppendRow(const Line& line, const std::vector<Token>& tokens, bool leaks) {
    const bool hot = IsHot(line);
    std::string row = LineNumber(line, hot);
    bool mark_leak = false;
    for (const Column* column : columns_) {
      row += mark_leak ? '!' : ' ';
      const std::string cell = column->text(line, {.threshold = options_.threshold, .ascii = options_.ascii});
      const bool leak_cell = leaks && (column->id == "peak" || column->id == "timeline");
      const Ink ink = hot && column->marks_hot ? Ink::kHot : leak_cell ? Ink::kLeak : column->ink;
      row += palette_.Paint(PadLeft(cell, column->width), ink);
      mark_leak = leaks && column->id == "peak" && !palette_.colored() && !cell.empty();
    }
    row += mark_leak ? "! " : "  ";
    AppendLine(row + SourceCell(line.text, tokens, {SourceWidth(), options_.ascii, &palette_}));
  }

  // Without colour a hot line starts with '>'.
  std::string LineNumber(const Line& line, bool hot) const {
    std::string number = PadLeft(std::to_string(line.lineno), kLineNumberWidth);
    if (hot && !palette_.colored() && number[0] == ' ') number[0] = '>';
    return palette_.Paint(number, Ink::kDim);
  }

  size_t SourceWidth() const {
    if (options_.wide) return kUncut;
    const size_t used = TableWidth(columns_) + 2;
    return options_.width > used ? options_.width - used : 0;
  }

  // ---- Below the table ----

  void AppendFunctions(const SelectedFile& selected) {
    if (selected.functions.empty()) return;
    text_ += "Function summaries:\n";
    for (const profile::Function* function : selected.functions) {
      AppendLine("  " + VisibleText(function->text, options_.ascii) + " (line " + std::to_string(function->lineno) +
                 "): " + FunctionShare(*function));
    }
    text_ += '\n';
  }

  void AppendFooter() {
    for (const std::string& sentence : FooterSentences(document_, options_.width < 90)) AppendNote(sentence);
    if (left_out_.empty()) return;
    std::string names;
    for (const Column* column : left_out_) names += (names.empty() ? "" : ", ") + std::string(column->name);
    AppendNote("Not shown at " + std::to_string(options_.width) + " columns: " + names + " (--wide).");
  }

  void AppendNote(const std::string& sentence) { AppendText(sentence, Ink::kDim); }

  // A sentence, broken between words where it is too long.
  void AppendText(const std::string& sentence, Ink ink) {
    std::string rest = VisibleText(sentence, options_.ascii);
    while (TextWidth(rest) > options_.width) {
      const size_t blank = rest.rfind(' ', options_.width);
      if (blank == rest.npos || blank == 0) break;
      AppendLine(palette_.Paint(rest.substr(0, blank), ink));
      rest.erase(0, blank + 1);
    }
    AppendLine(palette_.Paint(rest, ink));
  }

  const Document& document_;
  const TerminalOptions& options_;
  Palette palette_;
  std::vector<const Column*> columns_, left_out_;
  std::string text_;
};

}  // namespace

Result<std::string> RenderTerminal(const Document& document, const TerminalOptions& options) {
  Result<std::vector<SelectedFile>> files = SelectLines(document, options);
  if (!files.ok()) return files.status();
  Result<std::vector<const Column*>> columns = ChooseColumns(document, options.columns);
  if (!columns.ok()) return columns.status();
  if (options.markdown) return RenderMarkdown(document, files.value(), columns.value(), options);
  return TerminalView(document, options, std::move(columns).value()).Render(files.value());
}

}  // namespace scalene::render
