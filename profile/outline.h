// Outline: what one parse of a source says about its structure: functions, classes, loops, imports, and for each line
// the regions that the profile file names.
//
// Which function a line belongs to. A function owns the lines from its first decorator (or its `def`) to its last line,
// except those of functions defined inside it. So every line belongs to at most one function, the innermost, and a
// function's row is the sum of its lines. Comprehensions, generator expressions and lambdas are no functions here: they
// belong to the `def` around them. Decorators, default values and annotations are evaluated in the scope around, once;
// they share their lines with the function's prologue, which runs on every call, and therefore count as the function's.
// Class bodies belong to the function around the class, if any.
//
// A source that does not parse, or is larger than 4 MiB, has lines without regions, no functions and no imports. An error that stays within one
// physical line of one simple statement (syntax newer than the grammar) is no reason to give up.
//
// Lines are 1-based. Invariant: functions() and classes() are sorted by first line.
// Threads: immutable after construction; may be read by many.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profile/document.h"
#include "profile/import_statement.h"
#include "profile/source_text.h"

namespace scalene::profile {

// A function or class: from its first decorator to its last line.
struct DefinitionOutline {
  std::string name;
  int first_line = 0;  // of the first decorator, else of the definition: the co_firstlineno of CPython 3.8 and later
  int def_line = 0;    // of `def`, `async def` or `class`
  int last_line = 0;
  int scope = -1;  // for Outline::Qualname
};

struct FunctionOutline : DefinitionOutline {
  bool is_coroutine = false;  // async def
  bool is_generator = false;  // has a yield of its own
  bool marked = false;        // decorated with @profile or @….profile
};

using ClassOutline = DefinitionOutline;

// Whatever CPython compiles to a code object of its own below the module.
struct ScopeOutline {
  enum class Kind : uint8_t {
    kFunction,
    kClass,
    kLambda,
    kListComprehension,
    kSetComprehension,
    kDictComprehension,
    kGeneratorExpression
  };
  Kind kind = Kind::kFunction;
  int parent = -1;      // index of the scope around; -1 = module
  int first_line = 0;   // co_firstlineno
  std::string name;     // of functions and classes
  bool global = false;  // declared `global` in the scope around: its qualified name has no prefix
};

class Outline {
 public:
  Outline() = default;
  static Outline Of(const SourceText& source);

  // False when the source does not parse.
  bool parsed() const { return parsed_; }
  const std::vector<FunctionOutline>& functions() const { return functions_; }
  const std::vector<ClassOutline>& classes() const { return classes_; }
  const std::vector<ImportStatement>& imports() const { return imports_; }

  // The innermost function that owns the line; null at module level and beyond the end.
  const FunctionOutline* FunctionAt(int line) const;
  // The function whose code object has this co_firstlineno; null for other code objects.
  const FunctionOutline* FunctionStartingAt(int first_line) const;
  LineRegions RegionsOf(int line) const;

  // The qualified name as CPython 3.11 and later record it in co_qualname: "Class.method", "f.<locals>.g".
  std::string Qualname(const DefinitionOutline& definition) const;
  // The same for a code object of an older version, which only knows its co_name ("<lambda>", "<listcomp>", …). A name
  // that the source does not have at this line (the file changed) comes back as it is.
  std::string QualnameFor(int first_line, std::string_view name) const;

 private:
  friend class OutlineBuilder;
  std::string ScopeQualname(int scope) const;

  bool parsed_ = false;
  std::vector<FunctionOutline> functions_;
  std::vector<ClassOutline> classes_;
  std::vector<ImportStatement> imports_;
  std::vector<ScopeOutline> scopes_;
  std::vector<int> scopes_by_line_;    // indices into scopes_, sorted by first line
  std::vector<int> function_of_line_;  // index into functions_, -1 = none; entry n belongs to line n
  std::vector<LineRegions> regions_;   // likewise
};

}  // namespace scalene::profile
