#include "profile/outline.h"

#include <algorithm>
#include <array>

#include "profile/outline_builder.h"

namespace scalene::profile {
namespace {

// CPython allows 100 levels of indentation; a name of more scopes than this belongs to no program.
constexpr size_t kMaxScopesInName = 256;

std::string_view CodeName(const ScopeOutline& scope) {
  switch (scope.kind) {
    case ScopeOutline::Kind::kFunction:
    case ScopeOutline::Kind::kClass:
      return scope.name;
    case ScopeOutline::Kind::kLambda:
      return "<lambda>";
    case ScopeOutline::Kind::kListComprehension:
      return "<listcomp>";
    case ScopeOutline::Kind::kSetComprehension:
      return "<setcomp>";
    case ScopeOutline::Kind::kDictComprehension:
      return "<dictcomp>";
    case ScopeOutline::Kind::kGeneratorExpression:
      return "<genexpr>";
  }
  return {};
}

}  // namespace

Outline Outline::Of(const SourceText& source) { return OutlineBuilder(source).Build(); }

const FunctionOutline* Outline::FunctionAt(int line) const {
  if (line < 1 || line >= static_cast<int>(function_of_line_.size())) return nullptr;
  const int index = function_of_line_[line];
  return index < 0 ? nullptr : &functions_[index];
}

const FunctionOutline* Outline::FunctionStartingAt(int first_line) const {
  const auto at = std::lower_bound(functions_.begin(), functions_.end(), first_line,
                                   [](const auto& function, int line) { return function.first_line < line; });
  return at != functions_.end() && at->first_line == first_line ? &*at : nullptr;
}

LineRegions Outline::RegionsOf(int line) const {
  if (line < 1 || line >= static_cast<int>(regions_.size())) return {line, line, line, line, 0, 0};
  return regions_[line];
}

std::string Outline::Qualname(const DefinitionOutline& definition) const {
  return definition.scope < 0 ? definition.name : ScopeQualname(definition.scope);
}

std::string Outline::QualnameFor(int first_line, std::string_view name) const {
  auto at = std::lower_bound(scopes_by_line_.begin(), scopes_by_line_.end(), first_line,
                             [this](int scope, int line) { return scopes_[scope].first_line < line; });
  for (; at != scopes_by_line_.end() && scopes_[*at].first_line == first_line; ++at) {
    if (CodeName(scopes_[*at]) == name) return ScopeQualname(*at);
  }
  return std::string(name);
}

std::string Outline::ScopeQualname(int scope) const {
  std::vector<int> chain;  // innermost first
  for (; scope >= 0 && chain.size() < kMaxScopesInName; scope = scopes_[scope].parent) {
    chain.push_back(scope);
    if (scopes_[scope].global) break;
  }
  std::string qualname;
  for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
    qualname += CodeName(scopes_[*at]);
    if (at + 1 == chain.rend()) break;
    qualname += scopes_[*at].kind == ScopeOutline::Kind::kClass ? "." : ".<locals>.";
  }
  return qualname;
}

}  // namespace scalene::profile
