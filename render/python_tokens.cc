#include "render/python_tokens.h"

#include <algorithm>
#include <array>
#include <utility>

namespace scalene::render {
namespace {

constexpr std::array<std::string_view, 37> kKeywords = {
    "False",  "None",     "True",   "and", "as",    "assert", "async",  "await",    "break", "case",
    "class",  "continue", "def",    "del", "elif",  "else",   "except", "finally",  "for",   "from",
    "global", "if",       "import", "in",  "is",    "lambda", "match",  "nonlocal", "not",   "or",
    "pass",   "raise",    "return", "try", "while", "with",   "yield"};

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80); }
bool IsNamePart(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

// "match" and "case" are keywords only where a statement starts and no assignment, call or attribute follows.
bool IsSoftKeyword(std::string_view line, size_t start, size_t end) {
  if (line.find_first_not_of(" \t") != start) return false;
  const size_t next = line.find_first_not_of(" \t", end);
  if (next == line.npos || next == end || std::string_view("=.,):").find(line[next]) != std::string_view::npos)
    return false;
  const size_t last = line.find_last_not_of(" \t\r\n");
  return line[last] == ':';
}

bool IsKeyword(std::string_view line, size_t start, size_t end) {
  const std::string_view word = line.substr(start, end - start);
  if (std::find(kKeywords.begin(), kKeywords.end(), word) == kKeywords.end()) return false;
  if (start > 0 && line[start - 1] == '.') return false;
  return (word != "match" && word != "case") || IsSoftKeyword(line, start, end);
}

// Whether a name is a string's prefix: some of r, b, u, f, t in either case.
bool IsStringPrefix(std::string_view word) {
  return word.size() <= 2 && word.find_first_not_of("rRbBuUfFtT") == word.npos;
}

// The quote that opens at `at`: one or three characters.
std::string_view QuoteAt(std::string_view line, size_t at) {
  const std::string_view three = line.substr(at, 3);
  return three.size() == 3 && three[1] == three[0] && three[2] == three[0] ? three : three.substr(0, 1);
}

// The end of a string whose inside starts at `at`, behind its closing quote; npos when it does not end on this line.
size_t StringEnd(std::string_view line, size_t at, std::string_view quote) {
  for (; at < line.size(); at++) {
    if (line[at] == '\\') {
      at++;
    } else if (line.substr(at).starts_with(quote)) {
      return at + quote.size();
    }
  }
  return line.npos;
}

}  // namespace

// One line being painted from left to right.
class PythonTokens::Painter {
 public:
  Painter(std::string_view text, std::string& open_quote)
      : text_(text), open_quote_(open_quote), tokens_(text.size()) {}

  std::vector<Token> Paint() {
    if (!open_quote_.empty()) String(0, std::string(open_quote_));
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        Spend(text_.size(), Token::kComment);
      } else if (c == '"' || c == '\'') {
        QuotedFrom(at_);
      } else if (IsNameStart(c)) {
        Name();
      } else {
        at_++;
      }
    }
    return std::move(tokens_);
  }

 private:
  // Everything up to `end` is of this kind.
  void Spend(size_t end, Token token) {
    end = std::min(end, text_.size());
    for (; at_ < end; at_++) tokens_[at_] = token;
  }

  // A string that begins here, prefix included, with its opening quote at `quote_at`.
  void QuotedFrom(size_t quote_at) {
    const std::string quote(QuoteAt(text_, quote_at));
    String(quote_at + quote.size(), quote);
  }

  // The rest of a string whose inside begins at `inside`. With three quotes it may stay open for the next line.
  void String(size_t inside, const std::string& quote) {
    const size_t end = StringEnd(text_, inside, quote);
    Spend(end, Token::kString);
    open_quote_ = end == text_.npos && quote.size() == 3 ? quote : "";
  }

  void Name() {
    size_t end = at_;
    while (end < text_.size() && IsNamePart(text_[end])) end++;
    const std::string_view word = text_.substr(at_, end - at_);
    const bool quoted = end < text_.size() && (text_[end] == '"' || text_[end] == '\'');
    if (quoted && IsStringPrefix(word)) return QuotedFrom(end);
    const Token token = IsKeyword(text_, at_, end) ? Token::kKeyword : defining_ ? Token::kDefinedName : Token::kPlain;
    defining_ = word == "def" || word == "class";
    Spend(end, token);
  }

  std::string_view text_;
  std::string& open_quote_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  bool defining_ = false;  // the last name was def or class
};

std::vector<Token> PythonTokens::Line(std::string_view text) { return Painter(text, open_quote_).Paint(); }

}  // namespace scalene::render
