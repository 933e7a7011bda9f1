#include "profile/source_escape.h"

namespace scalene::profile {
namespace {

constexpr std::string_view kAmpersand = "\\u0026", kLess = "\\u003c", kGreater = "\\u003e";

// The character that the sequence at the start of `text` stands for, or 0.
char Replaced(std::string_view text) {
  if (text.starts_with(kAmpersand)) return '&';
  if (text.starts_with(kLess)) return '<';
  if (text.starts_with(kGreater)) return '>';
  return 0;
}

}  // namespace

void AppendEscapedSource(std::string_view text, std::string& out) {
  for (size_t from = 0; from < text.size();) {
    const size_t special = text.find_first_of("&<>", from);
    out += text.substr(from, special - from);
    if (special == text.npos) return;
    out += text[special] == '&' ? kAmpersand : text[special] == '<' ? kLess : kGreater;
    from = special + 1;
  }
}

std::string UnescapeSource(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t from = 0; from < text.size();) {
    const size_t backslash = text.find('\\', from);
    out += text.substr(from, backslash - from);
    if (backslash == text.npos) break;
    const char original = Replaced(text.substr(backslash));
    out += original ? original : '\\';
    from = backslash + (original ? kLess.size() : 1);
  }
  return out;
}

bool SourceIsAmbiguous(std::string_view text) {
  for (size_t at = text.find("\\u00"); at != text.npos; at = text.find("\\u00", at + 1)) {
    if (Replaced(text.substr(at))) return true;
  }
  return false;
}

}  // namespace scalene::profile
