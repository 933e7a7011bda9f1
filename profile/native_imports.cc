#include "profile/native_imports.h"

#include <algorithm>
#include <unordered_set>

#include "profile/path_rules.h"

namespace scalene::profile {
namespace {

std::string NameText(const ImportedName& imported) {
  return imported.alias.empty() ? imported.name : imported.name + " as " + imported.alias;
}

std::string FromText(const ImportStatement& statement) {
  std::string text = "from " + std::string(statement.level, '.') + statement.module + " import ";
  for (size_t i = 0; i < statement.names.size(); ++i) {
    if (i > 0) text += ", ";
    text += NameText(statement.names[i]);
  }
  return text;
}

}  // namespace

std::vector<std::string> NativeImports::Among(const std::vector<ImportStatement>& imports, std::string_view file) {
  std::vector<std::string> texts;
  std::unordered_set<std::string> seen;
  const auto add = [&](std::string text) {
    if (seen.insert(text).second) texts.push_back(std::move(text));
  };
  for (const ImportStatement& statement : imports) {
    if (statement.from) {
      if (IsNativeFrom(statement, file)) add(FromText(statement));
      continue;
    }
    for (const ImportedName& imported : statement.names) {
      if (finder_.Find(imported.name) == ModuleKind::kNative) add("import " + NameText(imported));
    }
  }
  return texts;
}

bool NativeImports::IsNativeFrom(const ImportStatement& statement, std::string_view file) {
  if (statement.level == 0) return finder_.Find(statement.module) == ModuleKind::kNative;
  if (!file.starts_with('/')) return false;
  std::string_view directory = ParentOf(file);
  for (int level = 1; level < statement.level; ++level) directory = ParentOf(directory);
  const std::string start(directory);
  if (!statement.module.empty()) return finder_.FindIn(start, statement.module) == ModuleKind::kNative;
  return std::any_of(statement.names.begin(), statement.names.end(), [&](const ImportedName& imported) {
    return finder_.FindIn(start, imported.name) == ModuleKind::kNative;
  });
}

}  // namespace scalene::profile
