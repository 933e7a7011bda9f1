#include "advise/credentials.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "advise/private_files.h"

namespace scalene::advise {
namespace {

constexpr size_t kMostFileBytes = 64 * 1024;

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Name and value; no name: a comment, or nothing that we know.
std::pair<std::string_view, std::string_view> EntryIn(std::string_view line) {
  line = Trimmed(line);
  if (line.starts_with("export ")) line.remove_prefix(7);
  const size_t equals = line.find('=');
  if (line.starts_with('#') || equals == line.npos) return {};
  std::string_view value = Trimmed(line.substr(equals + 1));
  const bool quoted = value.size() >= 2 && value.front() == value.back() && (value[0] == '"' || value[0] == '\'');
  if (quoted) value = value.substr(1, value.size() - 2);
  return {Trimmed(line.substr(0, equals)), value};
}

template <typename Take>
void ForEachLine(std::string_view text, Take take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool OthersMayRead(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0;
}

std::string WithEntry(std::string_view text, const std::string& name, const std::string& value) {
  std::string changed;
  bool known = false;
  ForEachLine(text, [&](std::string_view line) {
    const bool named = EntryIn(line).first == name;
    if (!named) changed += std::string(line) + "\n";
    if (named && !std::exchange(known, true)) changed += name + "=" + value + "\n";
  });
  return known ? changed : changed + name + "=" + value + "\n";
}

}  // namespace

std::map<std::string, std::string> ReadCredentials(const std::string& path, std::string& warning) {
  std::map<std::string, std::string> values;
  if (OthersMayRead(path)) {
    warning = path + " can be read by others and is not used; chmod 600 makes it yours alone";
    return values;
  }
  const std::optional<std::string> text = ReadSmallFile(path, kMostFileBytes);
  ForEachLine(text.value_or(""), [&](std::string_view line) {
    const auto [name, value] = EntryIn(line);
    if (!name.empty()) values[std::string(name)] = value;
  });
  return values;
}

Status RememberCredential(const std::string& path, const std::string& name, const std::string& value) {
  if (path.empty()) return Status::Error("there is no folder for it: HOME is not set");
  if (value.empty() || value.find_first_of("\"' \t\r\n") != value.npos)
    return Status::Error("a key holds neither quotes nor blanks");
  const std::string file = ResolvedLink(path);
  if (OthersMayRead(file)) return Status::Error(path + " can be read by others; chmod 600 makes it yours alone");
  const std::optional<std::string> text = ReadSmallFile(file, kMostFileBytes);
  struct stat info;
  if (!text && lstat(file.c_str(), &info) == 0) return Status::Error(path + " is there and cannot be read");
  const size_t folder_end = file.rfind('/');
  if (folder_end != file.npos && folder_end > 0) {
    if (Status made = MakePrivateFolders(file.substr(0, folder_end)); !made.ok()) return made;
  }
  return ReplaceFile(file, WithEntry(text.value_or(""), name, value), 0600);
}

}  // namespace scalene::advise
