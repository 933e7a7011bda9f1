#include "profile/import_reader.h"

#include <algorithm>
#include <string>

namespace scalene::profile {
namespace {

// "a.b" of `a . b`: blanks and line joins between the parts are layout.
std::string DottedName(const SyntaxTree& tree, TSNode node) {
  std::string name;
  tree.ForEachChild(node, [&](TSNode child, SyntaxKind kind, SyntaxField) {
    if (kind != SyntaxKind::kIdentifier) return true;
    if (!name.empty()) name += '.';
    name += tree.Text(child);
    return true;
  });
  return name;
}

ImportedName AliasedName(const SyntaxTree& tree, TSNode node) {
  ImportedName imported;
  tree.ForEachChild(node, [&](TSNode child, SyntaxKind, SyntaxField field) {
    if (field == SyntaxField::kName) imported.name = DottedName(tree, child);
    if (field == SyntaxField::kAlias) imported.alias = tree.Text(child);
    return true;
  });
  return imported;
}

void ReadRelative(const SyntaxTree& tree, TSNode node, ImportStatement& statement) {
  tree.ForEachChild(node, [&](TSNode child, SyntaxKind kind, SyntaxField) {
    const std::string_view text = tree.Text(child);
    if (kind == SyntaxKind::kImportPrefix)
      statement.level = static_cast<int>(std::count(text.begin(), text.end(), '.'));
    if (kind == SyntaxKind::kDottedName) statement.module = DottedName(tree, child);
    return true;
  });
}

}  // namespace

ImportStatement ReadImport(const SyntaxTree& tree, TSNode node, SyntaxKind kind, int line) {
  ImportStatement statement;
  statement.line = line;
  statement.from = kind != SyntaxKind::kImport;
  if (kind == SyntaxKind::kFutureImport) statement.module = "__future__";
  tree.ForEachChild(node, [&](TSNode child, SyntaxKind child_kind, SyntaxField field) {
    if (field == SyntaxField::kModuleName) {
      if (child_kind == SyntaxKind::kRelativeImport)
        ReadRelative(tree, child, statement);
      else
        statement.module = DottedName(tree, child);
    } else if (child_kind == SyntaxKind::kDottedName) {
      statement.names.push_back({DottedName(tree, child), {}});
    } else if (child_kind == SyntaxKind::kAliasedImport) {
      statement.names.push_back(AliasedName(tree, child));
    } else if (child_kind == SyntaxKind::kWildcardImport) {
      statement.names.push_back({"*", {}});
    }
    return true;
  });
  return statement;
}

}  // namespace scalene::profile
