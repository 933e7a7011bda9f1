// SyntaxTree: one parse of a Python source by tree-sitter, and a walk over it that never recurses, so that a source
// nested 5,000 deep costs heap and not stack. Internal to profile/: the outline is what others use.
//
// Threads: a tree may be read by one thread at a time.
#pragma once

#include <tree_sitter/api.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scalene::profile {

// The nodes that mean something to us; all others are kOther.
enum class SyntaxKind : uint8_t {
  kOther,
  kError,
  kComment,
  kFunction,
  kClass,
  kDecorated,
  kDecorator,
  kLambda,
  kListComprehension,
  kSetComprehension,
  kDictComprehension,
  kGeneratorExpression,
  kForInClause,
  kYield,
  kFor,
  kWhile,
  kIf,
  kWith,
  kTry,
  kMatch,
  kClause,  // else, elif, except, finally, case: a further header of the compound statement around it
  kGlobal,
  kImport,
  kImportFrom,
  kFutureImport,
  kSimpleStatement,
  kIdentifier,
  kAttribute,
  kDottedName,
  kAliasedImport,
  kRelativeImport,
  kImportPrefix,
  kWildcardImport,
};

enum class SyntaxField : uint8_t { kNone, kBody, kRight, kName, kModuleName, kAlias, kDefinition, kAttribute, kOther };

class SyntaxTree {
 public:
  // Nothing for a source above 4 MiB, which is data rather than code, or if the parser takes longer than five seconds.
  static std::optional<SyntaxTree> Parse(const std::string& text);

  TSNode root() const { return ts_tree_root_node(tree_.get()); }
  bool has_error() const { return ts_node_has_error(root()); }
  std::string_view Text(TSNode node) const;

  static SyntaxKind KindOf(TSNode node);

  // Visits every node in source order: enter(node, kind, field) before its children, leave() after them. The field is
  // the one that the node has in its parent.
  template <typename Enter, typename Leave>
  void Walk(Enter enter, Leave leave) const {
    Cursor cursor(root());
    while (true) {
      enter(cursor.node(), KindOf(cursor.node()), cursor.field());
      if (cursor.GoToChild()) continue;
      leave();
      while (!cursor.GoToSibling()) {
        if (!cursor.GoToParent()) return;
        leave();
      }
    }
  }

  // Visits the direct children of a node until one says stop: visit(child, kind, field) returns whether to go on.
  template <typename Visit>
  void ForEachChild(TSNode parent, Visit visit) const {
    Cursor cursor(parent);
    if (!cursor.GoToChild()) return;
    while (visit(cursor.node(), KindOf(cursor.node()), cursor.field()) && cursor.GoToSibling()) {
    }
  }

 private:
  class Cursor {
   public:
    explicit Cursor(TSNode node) : cursor_(ts_tree_cursor_new(node)) {}
    ~Cursor() { ts_tree_cursor_delete(&cursor_); }
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    TSNode node() const { return ts_tree_cursor_current_node(&cursor_); }
    SyntaxField field() const;
    bool GoToChild() { return ts_tree_cursor_goto_first_child(&cursor_); }
    bool GoToSibling() { return ts_tree_cursor_goto_next_sibling(&cursor_); }
    bool GoToParent() { return ts_tree_cursor_goto_parent(&cursor_); }

   private:
    TSTreeCursor cursor_;
  };

  struct TreeDeleter {
    void operator()(TSTree* tree) const { ts_tree_delete(tree); }
  };

  std::unique_ptr<TSTree, TreeDeleter> tree_;
  std::shared_ptr<const std::string> text_;  // what was parsed; byte for byte as long as the source
};

}  // namespace scalene::profile
