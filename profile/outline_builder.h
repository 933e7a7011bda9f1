// OutlineBuilder: walks the syntax tree of one source and fills in its Outline. Internal to profile/.
//
// On the way down it notes for each node what to restore on the way up. Scopes follow Python's rules, which are finer
// than lines: decorators, default values and the first iterable of a comprehension run in the scope around.
// Threads: one; used once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "profile/line_layer.h"
#include "profile/outline.h"
#include "profile/syntax_tree.h"

namespace scalene::profile {

class OutlineBuilder {
 public:
  explicit OutlineBuilder(const SourceText& source);
  Outline Build();

 private:
  // Where the walk is. Children inherit it; siblings do not see what a node changed.
  struct Place {
    int scope = -1;      // index into outline_.scopes_, -1 = module
    int statement = -1;  // innermost compound statement, index into extents_
    int loop_depth = 0;  // loops around, within the function
  };

  // A node whose children are being visited. Where it ends is known when it is left: trailing comments do not count.
  struct Open {
    SyntaxKind kind = SyntaxKind::kOther;
    Place outside;          // to go back to
    uint32_t end = 0;       // byte behind the node
    uint32_t code_end = 0;  // byte behind the last child that is no comment
    int scope = -1;         // the scope that its body, or all of a comprehension, runs in
    int extent = -1;        // index into extents_, of loops and compound statements
    bool loop = false;
    bool outermost_loop = false;
    int first_line = 0;             // of a decorated definition
    bool marked = false;            // a decorated definition: one of its decorators is @profile
    bool for_clause_seen = false;   // a comprehension: its first `for` has been passed
    bool first_for_clause = false;  // that `for`
    int function = -1;              // index into outline_.functions_
    int definition_class = -1;      // index into outline_.classes_
  };

  void Enter(TSNode node, SyntaxKind kind, SyntaxField field);
  void Leave();
  void EnterPart(const Open& parent, SyntaxField field);
  void EnterDecorated(TSNode node);
  void EnterFunction(TSNode node, const Open& parent);
  void EnterClass(TSNode node, const Open& parent);
  void EnterComprehension(TSNode node, SyntaxKind kind);
  void EnterForInClause();
  void EnterLoop();
  void EnterCompound(TSNode node, int first_line);
  void LeaveExtent(const Open& open);
  void MarkHeader(TSNode node, int first_line);
  void NoteYield();
  void NoteGlobals(TSNode node);
  void NoteImport(TSNode node, SyntaxKind kind);

  DefinitionOutline DefinitionOf(TSNode node, const Open& parent);
  int AddScope(ScopeOutline::Kind kind, int first_line, std::string name = {});
  bool IsProfileDecorator(TSNode decorator) const;
  int FirstLine(TSNode node) const { return source_.LineOfByte(ts_node_start_byte(node)); }
  int LastLine(const Open& open) const { return source_.LineOfByte(std::max(open.code_end, 1u) - 1); }
  int AddExtent(int first_line);

  void SortScopes();
  void PaintLines();

  const SourceText& source_;
  const std::optional<SyntaxTree> tree_;
  Outline outline_;

  Place place_;
  std::vector<Open> open_;
  std::vector<int> function_of_scope_;             // index into outline_.functions_, -1 for other scopes
  std::set<std::pair<int, std::string>> globals_;  // (scope, name) of `global name`

  std::vector<LineExtent> extents_;  // of loops and compound statements
  LineLayer loops_, outermost_loops_;
  std::vector<int> header_of_line_;  // index into extents_ of the compound statement with a header on this line
};

}  // namespace scalene::profile
