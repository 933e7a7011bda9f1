#include "profile/outline_builder.h"

#include <algorithm>
#include <initializer_list>
#include <numeric>

#include "profile/import_reader.h"

namespace scalene::profile {
namespace {

using ScopeKind = ScopeOutline::Kind;

ScopeKind ComprehensionScope(SyntaxKind kind) {
  switch (kind) {
    case SyntaxKind::kListComprehension:
      return ScopeKind::kListComprehension;
    case SyntaxKind::kSetComprehension:
      return ScopeKind::kSetComprehension;
    case SyntaxKind::kDictComprehension:
      return ScopeKind::kDictComprehension;
    default:
      return ScopeKind::kGeneratorExpression;
  }
}

bool HasBodyScope(SyntaxKind kind) {
  return kind == SyntaxKind::kFunction || kind == SyntaxKind::kClass || kind == SyntaxKind::kLambda;
}

bool IsSimpleStatement(SyntaxKind kind) {
  return kind == SyntaxKind::kSimpleStatement || kind == SyntaxKind::kGlobal || kind == SyntaxKind::kImport ||
         kind == SyntaxKind::kImportFrom || kind == SyntaxKind::kFutureImport;
}

// Whether the tree can be trusted although the parser met something it does not know: it can when only single lines
// inside simple statements are in doubt, or the word `lazy` in front of an import.
bool IsTrustworthy(const SyntaxTree& tree) {
  if (!tree.has_error()) return true;
  bool trustworthy = tree.KindOf(tree.root()) != SyntaxKind::kError;
  std::vector<SyntaxKind> open;
  int simple_statements = 0;
  const auto enter = [&](TSNode node, SyntaxKind kind, SyntaxField) {
    open.push_back(kind);
    simple_statements += IsSimpleStatement(kind);
    const bool error = kind == SyntaxKind::kError || ts_node_is_missing(node);
    const bool one_line = ts_node_start_point(node).row == ts_node_end_point(node).row;
    if (error && !(one_line && simple_statements > 0) && tree.Text(node) != "lazy") trustworthy = false;
  };
  const auto leave = [&] {
    simple_statements -= IsSimpleStatement(open.back());
    open.pop_back();
  };
  tree.Walk(enter, leave);
  return trustworthy;
}

template <typename Definition>
std::vector<int> PaintDefinitions(const std::vector<Definition>& definitions, int line_count) {
  LineLayer layer(line_count);
  // Inner ones come later in the source and must win.
  for (size_t i = definitions.size(); i-- > 0;) {
    layer.Add({definitions[i].first_line, definitions[i].last_line}, static_cast<int>(i));
  }
  return layer.Paint();
}

template <typename Definition>
LineExtent ExtentAt(const std::vector<Definition>& definitions, int index) {
  if (index < 0) return {};
  return {definitions[index].first_line, definitions[index].last_line};
}

// An extent that starts at line 0 is none.
LineExtent FirstOf(std::initializer_list<LineExtent> choices) {
  for (const LineExtent& choice : choices) {
    if (choice.first > 0) return choice;
  }
  return {};
}

LineExtent Narrower(const LineExtent& a, const LineExtent& b) {
  if (a.first == 0 || b.first == 0) return FirstOf({a, b});
  return b.lines() < a.lines() ? b : a;
}

}  // namespace

OutlineBuilder::OutlineBuilder(const SourceText& source)
    : source_(source),
      tree_(SyntaxTree::Parse(source.text())),
      loops_(source.line_count()),
      outermost_loops_(source.line_count()),
      header_of_line_(source.line_count() + 1, LineLayer::kNone) {}

Outline OutlineBuilder::Build() {
  if (tree_ && IsTrustworthy(*tree_)) {
    outline_.parsed_ = true;
    tree_->Walk([this](TSNode node, SyntaxKind kind, SyntaxField field) { Enter(node, kind, field); },
                [this] { Leave(); });
    SortScopes();
  }
  PaintLines();
  return std::move(outline_);
}

void OutlineBuilder::Enter(TSNode node, SyntaxKind kind, SyntaxField field) {
  const Open parent = open_.empty() ? Open() : open_.back();
  open_.push_back({.kind = kind, .outside = place_, .end = ts_node_end_byte(node)});
  EnterPart(parent, field);
  switch (kind) {
    case SyntaxKind::kDecorated:
      EnterDecorated(node);
      break;
    case SyntaxKind::kDecorator:
      if (open_.size() > 1 && IsProfileDecorator(node)) open_[open_.size() - 2].marked = true;
      break;
    case SyntaxKind::kFunction:
      EnterFunction(node, parent);
      break;
    case SyntaxKind::kClass:
      EnterClass(node, parent);
      break;
    case SyntaxKind::kLambda:
      open_.back().scope = AddScope(ScopeKind::kLambda, FirstLine(node));
      break;
    case SyntaxKind::kListComprehension:
    case SyntaxKind::kSetComprehension:
    case SyntaxKind::kDictComprehension:
    case SyntaxKind::kGeneratorExpression:
      EnterComprehension(node, kind);
      break;
    case SyntaxKind::kForInClause:
      EnterForInClause();
      break;
    case SyntaxKind::kYield:
      NoteYield();
      break;
    case SyntaxKind::kFor:
    case SyntaxKind::kWhile:
      EnterCompound(node, FirstLine(node));
      EnterLoop();
      break;
    case SyntaxKind::kIf:
    case SyntaxKind::kWith:
    case SyntaxKind::kTry:
    case SyntaxKind::kMatch:
      EnterCompound(node, FirstLine(node));
      break;
    case SyntaxKind::kClause:
      MarkHeader(node, FirstLine(node));
      break;
    case SyntaxKind::kGlobal:
      NoteGlobals(node);
      break;
    case SyntaxKind::kImport:
    case SyntaxKind::kImportFrom:
    case SyntaxKind::kFutureImport:
      NoteImport(node, kind);
      break;
    default:
      break;
  }
}

void OutlineBuilder::Leave() {
  Open open = open_.back();
  open_.pop_back();
  place_ = open.outside;
  if (open.code_end == 0 && open.kind != SyntaxKind::kComment) open.code_end = open.end;
  if (!open_.empty()) open_.back().code_end = std::max(open_.back().code_end, open.code_end);
  if (open.extent >= 0) LeaveExtent(open);
}

void OutlineBuilder::LeaveExtent(const Open& open) {
  LineExtent& extent = extents_[open.extent];
  extent.last = LastLine(open);
  if (open.loop) loops_.Add(extent, open.extent);
  if (open.outermost_loop) outermost_loops_.Add(extent, open.extent);
  if (open.definition_class >= 0) outline_.classes_[open.definition_class].last_line = extent.last;
  if (open.function < 0) return;
  outline_.functions_[open.function].last_line = extent.last;
  loops_.Add(extent, LineLayer::kNone);
  outermost_loops_.Add(extent, LineLayer::kNone);
}

// Some parts of a node run in another scope than the node itself.
void OutlineBuilder::EnterPart(const Open& parent, SyntaxField field) {
  if (HasBodyScope(parent.kind) && field == SyntaxField::kBody) place_.scope = parent.scope;
  if (parent.first_for_clause && field == SyntaxField::kRight) place_.scope = outline_.scopes_[place_.scope].parent;
}

void OutlineBuilder::EnterDecorated(TSNode node) {
  open_.back().first_line = FirstLine(node);
  tree_->ForEachChild(node, [this](TSNode, SyntaxKind kind, SyntaxField) {
    if (kind == SyntaxKind::kFunction) place_.loop_depth = 0;  // the decorators' lines are the function's
    return true;
  });
}

void OutlineBuilder::EnterFunction(TSNode node, const Open& parent) {
  FunctionOutline function{DefinitionOf(node, parent)};
  function.is_coroutine = tree_->Text(node).starts_with("async");
  function.marked = parent.marked;
  function.scope = AddScope(ScopeKind::kFunction, function.first_line, function.name);
  function_of_scope_[function.scope] = static_cast<int>(outline_.functions_.size());
  open_.back().scope = function.scope;
  open_.back().function = static_cast<int>(outline_.functions_.size());
  EnterCompound(node, function.first_line);
  place_.loop_depth = 0;
  outline_.functions_.push_back(std::move(function));
}

void OutlineBuilder::EnterClass(TSNode node, const Open& parent) {
  ClassOutline definition = DefinitionOf(node, parent);
  definition.scope = AddScope(ScopeKind::kClass, definition.first_line, definition.name);
  open_.back().scope = definition.scope;
  open_.back().definition_class = static_cast<int>(outline_.classes_.size());
  EnterCompound(node, definition.first_line);
  outline_.classes_.push_back(std::move(definition));
}

DefinitionOutline OutlineBuilder::DefinitionOf(TSNode node, const Open& parent) {
  DefinitionOutline definition;
  definition.def_line = FirstLine(node);
  definition.first_line = parent.kind == SyntaxKind::kDecorated ? parent.first_line : definition.def_line;
  tree_->ForEachChild(node, [&](TSNode child, SyntaxKind, SyntaxField field) {
    if (field != SyntaxField::kName) return true;
    definition.name = tree_->Text(child);
    return false;
  });
  return definition;
}

void OutlineBuilder::EnterComprehension(TSNode node, SyntaxKind kind) {
  place_.scope = AddScope(ComprehensionScope(kind), FirstLine(node));
  if (FirstLine(node) == source_.LineOfByte(ts_node_end_byte(node) - 1)) return;
  open_.back().extent = AddExtent(FirstLine(node));
  EnterLoop();
}

void OutlineBuilder::EnterForInClause() {
  if (open_.size() < 2) return;
  Open& comprehension = open_[open_.size() - 2];
  open_.back().first_for_clause = !comprehension.for_clause_seen && place_.scope >= 0;
  comprehension.for_clause_seen = true;
}

void OutlineBuilder::EnterLoop() {
  open_.back().loop = true;
  open_.back().outermost_loop = place_.loop_depth++ == 0;
}

void OutlineBuilder::EnterCompound(TSNode node, int first_line) {
  place_.statement = open_.back().extent = AddExtent(first_line);
  MarkHeader(node, first_line);
}

int OutlineBuilder::AddExtent(int first_line) {
  extents_.push_back({first_line, first_line});
  return static_cast<int>(extents_.size()) - 1;
}

// The lines up to the colon belong to the innermost compound statement.
void OutlineBuilder::MarkHeader(TSNode node, int first_line) {
  int last_line = FirstLine(node);
  tree_->ForEachChild(node, [&](TSNode child, SyntaxKind, SyntaxField) {
    if (std::string_view(ts_node_type(child)) != ":") return true;
    last_line = FirstLine(child);
    return false;
  });
  for (int line = first_line; line <= last_line && line <= source_.line_count(); ++line) {
    header_of_line_[line] = place_.statement;
  }
}

void OutlineBuilder::NoteYield() {
  if (place_.scope < 0 || function_of_scope_[place_.scope] < 0) return;
  outline_.functions_[function_of_scope_[place_.scope]].is_generator = true;
}

void OutlineBuilder::NoteGlobals(TSNode node) {
  tree_->ForEachChild(node, [this](TSNode child, SyntaxKind kind, SyntaxField) {
    if (kind == SyntaxKind::kIdentifier) globals_.emplace(place_.scope, tree_->Text(child));
    return true;
  });
}

void OutlineBuilder::NoteImport(TSNode node, SyntaxKind kind) {
  outline_.imports_.push_back(ReadImport(*tree_, node, kind, FirstLine(node)));
}

int OutlineBuilder::AddScope(ScopeKind kind, int first_line, std::string name) {
  ScopeOutline scope{.kind = kind, .parent = place_.scope, .first_line = first_line, .name = std::move(name)};
  scope.global = !scope.name.empty() && globals_.contains({place_.scope, scope.name});
  outline_.scopes_.push_back(std::move(scope));
  function_of_scope_.push_back(-1);
  return static_cast<int>(outline_.scopes_.size()) - 1;
}

bool OutlineBuilder::IsProfileDecorator(TSNode decorator) const {
  bool is_profile = false;
  tree_->ForEachChild(decorator, [&](TSNode expression, SyntaxKind kind, SyntaxField) {
    if (kind == SyntaxKind::kIdentifier) is_profile = tree_->Text(expression) == "profile";
    if (kind == SyntaxKind::kAttribute) {
      tree_->ForEachChild(expression, [&](TSNode part, SyntaxKind, SyntaxField field) {
        if (field == SyntaxField::kAttribute) is_profile = tree_->Text(part) == "profile";
        return true;
      });
    }
    return true;
  });
  return is_profile;
}

void OutlineBuilder::SortScopes() {
  outline_.scopes_by_line_.resize(outline_.scopes_.size());
  std::iota(outline_.scopes_by_line_.begin(), outline_.scopes_by_line_.end(), 0);
  std::stable_sort(outline_.scopes_by_line_.begin(), outline_.scopes_by_line_.end(),
                   [this](int a, int b) { return outline_.scopes_[a].first_line < outline_.scopes_[b].first_line; });
}

void OutlineBuilder::PaintLines() {
  const int line_count = source_.line_count();
  outline_.function_of_line_ = PaintDefinitions(outline_.functions_, line_count);
  const std::vector<int> class_of_line = PaintDefinitions(outline_.classes_, line_count);
  const std::vector<int> loop = loops_.Paint(), outermost_loop = outermost_loops_.Paint();

  const auto extent_of = [this](int index) { return index < 0 ? LineExtent{} : extents_[index]; };
  outline_.regions_.resize(line_count + 1);
  for (int line = 1; line <= line_count; ++line) {
    const LineExtent alone{line, line};
    const LineExtent function = ExtentAt(outline_.functions_, outline_.function_of_line_[line]);
    const LineExtent enclosing_class = ExtentAt(outline_.classes_, class_of_line[line]);
    const LineExtent region = FirstOf({extent_of(loop[line]), function, enclosing_class, alone});
    const LineExtent outer = FirstOf({extent_of(outermost_loop[line]), extent_of(header_of_line_[line]), alone});
    const LineExtent definition = Narrower(function, enclosing_class);
    outline_.regions_[line] = {region.first, region.last, outer.first, outer.last, definition.first, definition.last};
  }
}

}  // namespace scalene::profile
