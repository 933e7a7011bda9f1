#include "profile/source_encoding.h"

#include <iconv.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "profile/utf8.h"

namespace scalene::profile {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view TakeLine(std::string_view& rest) {
  const size_t end = rest.find_first_of("\r\n");
  const std::string_view line = rest.substr(0, end);
  size_t next = end == std::string_view::npos ? rest.size() : end + 1;
  if (next < rest.size() && rest[next - 1] == '\r' && rest[next] == '\n') ++next;
  rest.remove_prefix(next);
  return line;
}

bool IsEncodingCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
}

// The line after its blanks, if it is a comment or empty; a line of code has no cookie and ends the search.
std::optional<std::string_view> CommentOrBlank(std::string_view line) {
  const size_t start = line.find_first_not_of(" \t\f");
  if (start == std::string_view::npos) return std::string_view();
  if (line[start] != '#') return std::nullopt;
  return line.substr(start);
}

// PEP 263: coding[:=][ \t]*([-\w.]+)
std::string_view CookieIn(std::string_view comment) {
  constexpr std::string_view kWord = "coding";
  for (size_t at = comment.find(kWord); at != std::string_view::npos; at = comment.find(kWord, at + 1)) {
    std::string_view rest = comment.substr(at + kWord.size());
    if (rest.empty() || (rest[0] != ':' && rest[0] != '=')) continue;
    rest.remove_prefix(1);
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\t')) rest.remove_prefix(1);
    size_t length = 0;
    while (length < rest.size() && IsEncodingCharacter(rest[length])) ++length;
    if (length > 0) return rest.substr(0, length);
  }
  return {};
}

// Python's spelling of a codec, made comparable: lower case, '_' as '-', the line-ending suffixes of editors cut off.
std::string NormalName(std::string_view cookie) {
  std::string name;
  for (char c : cookie) name.push_back(c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  for (std::string_view known : {"utf-8", "latin-1", "iso-8859-1", "iso-latin-1"}) {
    if (name.starts_with(known) && name.size() > known.size() && name[known.size()] == '-') name.resize(known.size());
  }
  return name;
}

bool IsUtf8Name(const std::string& name) {
  return name == "utf-8" || name == "utf8" || name == "u8" || name == "cp65001";
}

bool IsLatin1Name(const std::string& name) {
  for (std::string_view alias :
       {"latin-1", "latin1", "latin", "l1", "iso-8859-1", "iso8859-1", "8859", "iso-latin-1"}) {
    if (name == alias) return true;
  }
  return false;
}

// Names that Python and iconv spell differently; the others are tried as they are.
std::string IconvName(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kAliases = {{
      {"mac-roman", "MACINTOSH"},
      {"macroman", "MACINTOSH"},
      {"mac-cyrillic", "MAC-CYRILLIC"},
      {"sjis", "SHIFT_JIS"},
      {"shift-jis", "SHIFT_JIS"},
      {"s-jis", "SHIFT_JIS"},
      {"iso8859-15", "ISO-8859-15"},
      {"latin-9", "ISO-8859-15"},
      {"latin9", "ISO-8859-15"},
      {"big5-tw", "BIG5"},
  }};
  for (const auto& [python, iconv] : kAliases) {
    if (name == python) return std::string(iconv);
  }
  if (name.starts_with("windows-")) return "CP" + name.substr(8);
  return name;
}

struct IconvCloser {
  void operator()(void* handle) const { iconv_close(static_cast<iconv_t>(handle)); }
};
using IconvHandle = std::unique_ptr<void, IconvCloser>;

IconvHandle OpenIconv(const std::string& from) {
  const iconv_t handle = iconv_open("UTF-8", from.c_str());
  return IconvHandle(handle == reinterpret_cast<iconv_t>(-1) ? nullptr : handle);
}

std::string Convert(iconv_t handle, std::string_view bytes) {
  std::string out;
  char* in = const_cast<char*>(bytes.data());  // iconv's signature is older than const
  size_t left = bytes.size();
  std::array<char, 16384> buffer;
  while (left > 0) {
    char* to = buffer.data();
    size_t room = buffer.size();
    const size_t result = iconv(handle, &in, &left, &to, &room);
    const int error = errno;
    out.append(buffer.data(), buffer.size() - room);
    if (result != static_cast<size_t>(-1) || error == E2BIG) continue;
    out.append(kReplacementCharacter);
    ++in, --left;
    iconv(handle, nullptr, nullptr, nullptr, nullptr);
  }
  return out;
}

// Python only takes encodings in which ASCII stands for itself. UTF-16 and the like would turn a source into noise.
bool KeepsAscii(const std::string& encoding) {
  constexpr std::string_view kProbe = "# coding: x\n\tdef f(a=1): return 'A'\n";
  const IconvHandle handle = OpenIconv(encoding);
  return handle && Convert(handle.get(), kProbe) == kProbe;
}

std::string FromLatin1(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (char byte : bytes) AppendUtf8(static_cast<unsigned char>(byte), out);
  return out;
}

}  // namespace

std::string_view EncodingCookie(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  for (int line = 0; line < 2; ++line) {
    const auto comment = CommentOrBlank(TakeLine(bytes));
    if (!comment) break;
    if (const auto cookie = CookieIn(*comment); !cookie.empty()) return cookie;
  }
  return {};
}

std::string DecodeSource(std::string bytes) {
  const bool marked = bytes.starts_with(kByteOrderMark);
  const std::string name = marked ? "utf-8" : NormalName(EncodingCookie(bytes));
  if (marked) bytes.erase(0, kByteOrderMark.size());
  if (IsLatin1Name(name)) return FromLatin1(bytes);  // without iconv, whose tables a small container may lack
  if (!name.empty() && !IsUtf8Name(name)) {
    const std::string encoding = IconvName(name);
    if (KeepsAscii(encoding)) return ToValidUtf8(Convert(OpenIconv(encoding).get(), bytes));
  }
  return IsValidUtf8(bytes) ? std::move(bytes) : ToValidUtf8(bytes);
}

}  // namespace scalene::profile
