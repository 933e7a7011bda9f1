#include "profile/outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace scalene::profile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Outline OutlineOf(std::string_view text) { return Outline::Of(SourceText::FromText(text)); }

using Bounds = std::pair<int, int>;
Bounds Region(const Outline& outline, int line) {
  return {outline.RegionsOf(line).start_region, outline.RegionsOf(line).end_region};
}
Bounds OutermostLoop(const Outline& outline, int line) {
  return {outline.RegionsOf(line).start_outermost_loop, outline.RegionsOf(line).end_outermost_loop};
}
Bounds Function(const Outline& outline, int line) {
  return {outline.RegionsOf(line).start_function, outline.RegionsOf(line).end_function};
}
std::string FunctionNameAt(const Outline& outline, int line) {
  const FunctionOutline* function = outline.FunctionAt(line);
  return function ? outline.Qualname(*function) : "";
}
std::vector<std::string> FunctionNames(const Outline& outline) {
  std::vector<std::string> names;
  for (const FunctionOutline& function : outline.functions()) names.push_back(outline.Qualname(function));
  return names;
}

TEST(OutlineTest, NamesFunctionsAsCPythonDoes) {
  const Outline outline = OutlineOf(
      "def f():\n"
      "    def g():\n"
      "        class C:\n"
      "            async def m(self): pass\n"
      "class D:\n"
      "    class E:\n"
      "        def n(self): pass\n");
  EXPECT_THAT(FunctionNames(outline), ElementsAre("f", "f.<locals>.g", "f.<locals>.g.<locals>.C.m", "D.E.n"));
  EXPECT_EQ(outline.Qualname(outline.classes()[0]), "f.<locals>.g.<locals>.C");
}

TEST(OutlineTest, AFunctionDeclaredGlobalHasNoPrefix) {
  const Outline outline = OutlineOf(
      "def f():\n"
      "    global g, H\n"
      "    def g():\n"
      "        def inner(): pass\n"
      "    class H:\n"
      "        def m(self): pass\n");
  EXPECT_THAT(FunctionNames(outline), ElementsAre("f", "g", "g.<locals>.inner", "H.m"));
}

TEST(OutlineTest, AFunctionStartsAtItsFirstDecorator) {
  const Outline outline = OutlineOf(
      "@a\n"
      "@b(1)\n"
      "async def f():\n"
      "    pass\n");
  const FunctionOutline& function = outline.functions().at(0);
  EXPECT_EQ(function.first_line, 1);
  EXPECT_EQ(function.def_line, 3);
  EXPECT_EQ(function.last_line, 4);
  EXPECT_EQ(outline.FunctionStartingAt(1), &function);
  EXPECT_EQ(outline.FunctionStartingAt(3), nullptr);
  EXPECT_EQ(Function(outline, 2), Bounds(1, 4));
}

TEST(OutlineTest, AFunctionEndsAtItsLastStatementNotAtACommentBehindIt) {
  const Outline outline = OutlineOf(
      "def f():\n"
      "    for x in y:\n"
      "        pass\n"
      "        # about x\n"
      "    # about f\n"
      "\n"
      "x = 1\n");
  EXPECT_EQ(outline.functions().at(0).last_line, 3);
  EXPECT_EQ(Region(outline, 4), Bounds(4, 4));
}

TEST(OutlineTest, KnowsCoroutinesAndGenerators) {
  const Outline outline = OutlineOf(
      "def plain():\n    def inner(): yield\n    return lambda: (yield)\n"
      "def generator():\n    x = yield 1\n"
      "async def coroutine():\n    await x\n"
      "async def both():\n    yield from x\n");
  std::vector<std::tuple<std::string, bool, bool>> kinds;
  for (const auto& function : outline.functions()) {
    kinds.emplace_back(function.name, function.is_coroutine, function.is_generator);
  }
  using Kind = std::tuple<std::string, bool, bool>;
  EXPECT_THAT(kinds,
              ElementsAre(Kind("plain", false, false), Kind("inner", false, true), Kind("generator", false, true),
                          Kind("coroutine", true, false), Kind("both", true, true)));
}

TEST(OutlineTest, KnowsFunctionsMarkedWithProfile) {
  const Outline outline = OutlineOf(
      "@profile\ndef a(): pass\n"
      "@other\n@scalene_profiler.profile\ndef b(): pass\n"
      "@profile.other\ndef c(): pass\n"
      "@profile(1)\ndef d(): pass\n"
      "class E:\n    @profile\n    @staticmethod\n    def m(): pass\n"
      "@profile\nclass F:\n    def m(self): pass\n");
  std::vector<std::string> marked;
  for (const auto& function : outline.functions()) {
    if (function.marked) marked.push_back(outline.Qualname(function));
  }
  EXPECT_THAT(marked, ElementsAre("a", "b", "E.m"));
}

TEST(OutlineTest, EveryLineBelongsToTheInnermostFunction) {
  const Outline outline = OutlineOf(
      "x = 1\n"
      "def f(a,\n"
      "      b=2):\n"
      "    @deco\n"
      "    def g():\n"
      "        return 1\n"
      "    class C:\n"
      "        y = 1\n"
      "    return g\n");
  std::vector<std::string> owners;
  for (int line = 0; line <= 10; ++line) owners.push_back(FunctionNameAt(outline, line));
  EXPECT_THAT(owners, ElementsAre("", "", "f", "f", "f.<locals>.g", "f.<locals>.g", "f.<locals>.g", "f", "f", "f", ""));
}

TEST(OutlineTest, ComprehensionsGeneratorsAndLambdasBelongToTheDefAround) {
  const Outline outline = OutlineOf(
      "def f():\n"
      "    a = [x\n"
      "         for x in y]\n"
      "    b = sum(x\n"
      "            for x in y)\n"
      "    return (lambda:\n"
      "            0)\n"
      "c = [x for x in y]\n");
  for (int line = 1; line <= 7; ++line) EXPECT_EQ(FunctionNameAt(outline, line), "f") << line;
  EXPECT_EQ(FunctionNameAt(outline, 8), "");
}

TEST(OutlineTest, NamesCodeObjectsThatOnlyKnowTheirShortName) {
  const Outline outline = OutlineOf(
      "def f():\n"
      "    g = lambda: [x for x in {y for y in z}]\n"
      "class C:\n"
      "    h = {k: v for k, v in w}\n"
      "    def m(self): return (x for x in self)\n"
      "k = lambda: 0\n");
  EXPECT_EQ(outline.QualnameFor(1, "f"), "f");
  EXPECT_EQ(outline.QualnameFor(2, "<lambda>"), "f.<locals>.<lambda>");
  EXPECT_EQ(outline.QualnameFor(2, "<listcomp>"), "f.<locals>.<lambda>.<locals>.<listcomp>");
  EXPECT_EQ(outline.QualnameFor(2, "<setcomp>"), "f.<locals>.<lambda>.<locals>.<setcomp>");
  EXPECT_EQ(outline.QualnameFor(3, "C"), "C");
  EXPECT_EQ(outline.QualnameFor(4, "<dictcomp>"), "C.<dictcomp>");
  EXPECT_EQ(outline.QualnameFor(5, "m"), "C.m");
  EXPECT_EQ(outline.QualnameFor(5, "<genexpr>"), "C.m.<locals>.<genexpr>");
  EXPECT_EQ(outline.QualnameFor(6, "<lambda>"), "<lambda>");
}

TEST(OutlineTest, LeavesAShortNameAloneThatTheSourceDoesNotHave) {
  const Outline outline = OutlineOf("def f(): pass\n");
  EXPECT_EQ(outline.QualnameFor(1, "g"), "g");
  EXPECT_EQ(outline.QualnameFor(7, "f"), "f");
  EXPECT_EQ(outline.QualnameFor(1, "<module>"), "<module>");
}

TEST(OutlineTest, DefaultsAndDecoratorsRunInTheScopeAround) {
  const Outline outline = OutlineOf(
      "def f():\n"
      "    @deco(lambda: 0)\n"
      "    def g(key=lambda: 1): pass\n");
  EXPECT_EQ(outline.QualnameFor(2, "<lambda>"), "f.<locals>.<lambda>");
  EXPECT_EQ(outline.QualnameFor(3, "<lambda>"), "f.<locals>.<lambda>");
}

TEST(RegionTest, IsTheNarrowestLoopAroundTheLine) {
  const Outline outline = OutlineOf(
      "def f():\n"           // 1
      "    for x in y:\n"    // 2
      "        a = 1\n"      // 3
      "        while z:\n"   // 4
      "            b = 1\n"  // 5
      "        else:\n"      // 6
      "            c = 1\n"  // 7
      "    return 1\n");     // 8
  EXPECT_EQ(Region(outline, 1), Bounds(1, 8));
  EXPECT_EQ(Region(outline, 2), Bounds(2, 7));
  EXPECT_EQ(Region(outline, 3), Bounds(2, 7));
  EXPECT_EQ(Region(outline, 5), Bounds(4, 7));
  EXPECT_EQ(Region(outline, 7), Bounds(4, 7));
  EXPECT_EQ(Region(outline, 8), Bounds(1, 8));
  for (int line = 2; line <= 7; ++line) EXPECT_EQ(OutermostLoop(outline, line), Bounds(2, 7)) << line;
}

TEST(RegionTest, AsyncForAndComprehensionsOverSeveralLinesAreLoops) {
  const Outline outline = OutlineOf(
      "async def f():\n"           // 1
      "    async for x in y:\n"    // 2
      "        pass\n"             // 3
      "    z = {k: v\n"            // 4
      "         for k, v in w}\n"  // 5
      "    u = [k for k in v]\n"   // 6
      "    async with t:\n"        // 7
      "        pass\n");           // 8
  EXPECT_EQ(Region(outline, 3), Bounds(2, 3));
  EXPECT_EQ(Region(outline, 4), Bounds(4, 5));
  EXPECT_EQ(OutermostLoop(outline, 5), Bounds(4, 5));
  EXPECT_EQ(Region(outline, 6), Bounds(1, 8));
  EXPECT_EQ(OutermostLoop(outline, 6), Bounds(6, 6));
  EXPECT_EQ(OutermostLoop(outline, 7), Bounds(7, 8));
  EXPECT_EQ(Function(outline, 3), Bounds(1, 8));
}

TEST(RegionTest, ALoopDoesNotReachIntoAFunctionDefinedInIt) {
  const Outline outline = OutlineOf(
      "for x in y:\n"          // 1
      "    def f():\n"         // 2
      "        a = 1\n"        // 3
      "        for b in c:\n"  // 4
      "            pass\n"     // 5
      "    class C:\n"         // 6
      "        d = 1\n");      // 7
  EXPECT_EQ(Region(outline, 3), Bounds(2, 5));
  EXPECT_EQ(OutermostLoop(outline, 2), Bounds(2, 5));
  EXPECT_EQ(OutermostLoop(outline, 3), Bounds(3, 3));
  EXPECT_EQ(OutermostLoop(outline, 5), Bounds(4, 5));
  EXPECT_EQ(Region(outline, 7), Bounds(1, 7));
  EXPECT_EQ(Function(outline, 7), Bounds(6, 7));
}

TEST(RegionTest, OutsideFunctionsItIsTheClassElseTheLine) {
  const Outline outline = OutlineOf(
      "a = 1\n"
      "class C:\n"
      "    b = 1\n"
      "    def m(self):\n"
      "        c = 1\n");
  EXPECT_EQ(Region(outline, 1), Bounds(1, 1));
  EXPECT_EQ(Function(outline, 1), Bounds(0, 0));
  EXPECT_EQ(Region(outline, 3), Bounds(2, 5));
  EXPECT_EQ(Function(outline, 3), Bounds(2, 5));
  EXPECT_EQ(Region(outline, 5), Bounds(4, 5));
  EXPECT_EQ(Function(outline, 5), Bounds(4, 5));
}

TEST(RegionTest, TheOutermostLoopIsFoundInsideOtherStatements) {
  const Outline outline = OutlineOf(
      "if a:\n"                     // 1
      "    with b:\n"               // 2
      "        try:\n"              // 3
      "            for c in d:\n"   // 4
      "                while e:\n"  // 5
      "                    pass\n"  // 6
      "        finally:\n"          // 7
      "            f = 1\n");       // 8
  for (int line = 4; line <= 6; ++line) EXPECT_EQ(OutermostLoop(outline, line), Bounds(4, 6)) << line;
  EXPECT_EQ(OutermostLoop(outline, 8), Bounds(8, 8));
}

TEST(RegionTest, OnEveryHeaderOfACompoundStatementTheOutermostLoopIsThatStatement) {
  const Outline outline = OutlineOf(
      "if a:\n"           // 1
      "    x = 1\n"       // 2
      "elif b:\n"         // 3
      "    x = 2\n"       // 4
      "else:\n"           // 5
      "    x = 3\n"       // 6
      "try:\n"            // 7
      "    x = 4\n"       // 8
      "except E:\n"       // 9
      "    x = 5\n"       // 10
      "match m:\n"        // 11
      "    case 1:\n"     // 12
      "        x = 6\n"   // 13
      "with (a as b,\n"   // 14
      "      c as d):\n"  // 15
      "    x = 7\n"       // 16
      "@deco\n"           // 17
      "def f(a,\n"        // 18
      "      b):\n"       // 19
      "    x = 8\n");     // 20
  for (int line : {1, 3, 5}) EXPECT_EQ(OutermostLoop(outline, line), Bounds(1, 6)) << line;
  for (int line : {7, 9}) EXPECT_EQ(OutermostLoop(outline, line), Bounds(7, 10)) << line;
  for (int line : {11, 12}) EXPECT_EQ(OutermostLoop(outline, line), Bounds(11, 13)) << line;
  for (int line : {14, 15}) EXPECT_EQ(OutermostLoop(outline, line), Bounds(14, 16)) << line;
  for (int line : {17, 18, 19}) EXPECT_EQ(OutermostLoop(outline, line), Bounds(17, 20)) << line;
  for (int line : {2, 4, 6, 8, 10, 13, 16, 20}) EXPECT_EQ(OutermostLoop(outline, line), Bounds(line, line)) << line;
}

TEST(OutlineTest, ASourceThatDoesNotParseHasLinesWithoutRegions) {
  for (std::string_view text : {"{% if x %}\nfoo\n{% endif %}\n", "def f(:\n    pass\n",
                                "class A:\n  x = (1,\n  def g(): pass\n", "\x01\x02\n\xFF\n"}) {
    const Outline outline = OutlineOf(text);
    EXPECT_FALSE(outline.parsed()) << text;
    EXPECT_THAT(outline.functions(), IsEmpty());
    EXPECT_EQ(Region(outline, 2), Bounds(2, 2));
    EXPECT_EQ(OutermostLoop(outline, 2), Bounds(2, 2));
    EXPECT_EQ(Function(outline, 2), Bounds(0, 0));
    EXPECT_EQ(outline.FunctionAt(2), nullptr);
  }
}

TEST(OutlineTest, SyntaxOfAllVersionsParses) {
  for (std::string_view text : {"def f[T](x: T, /, *, y=1) -> T: pass\nclass C[T]: pass\ntype X = int\n",  // 3.12
                                "match x:\n  case {'a': [1, *_]} if y: pass\n",                            // 3.10
                                "try: pass\nexcept* E: pass\n",                                            // 3.11
                                "x = f'{a!r:{w}} {f\"{b}\"}'\n",                                           // 3.12
                                "x = t'{a}'\ntry: pass\nexcept A, B: pass\n",                              // 3.14
                                "lazy import json\nlazy from a import b\nx = [*y for y in z]\n",           // 3.15
                                "if (n := 1): pass\nwith (a as b, c as d): pass\n"}) {
    EXPECT_TRUE(OutlineOf(text).parsed()) << text;
  }
}

TEST(OutlineTest, AnErrorInsideOneLineDoesNotCostTheFile) {
  const Outline outline = OutlineOf("def f():\n    x = {**a for a in b}\n    return x\n");
  EXPECT_TRUE(outline.parsed());
  EXPECT_EQ(FunctionNameAt(outline, 3), "f");
}

TEST(OutlineTest, CarriageReturnsAndNulBytesAreNoTrouble) {
  const Outline outline = OutlineOf("def f():\r  return 1\rdef g():\r\n  # \0 x\r\n  return 2\r\n");
  EXPECT_THAT(FunctionNames(outline), ElementsAre("f", "g"));
  EXPECT_EQ(FunctionNameAt(outline, 2), "f");
}

TEST(OutlineTest, CollectsImportsInOrder) {
  const Outline outline = OutlineOf(
      "import a, b . c as d\n"
      "def f():\n"
      "    from .. import g\n"
      "from h.i import (j as k,\n"
      "                 l)\n"
      "from .m import *\n"
      "from __future__ import annotations\n");
  std::vector<std::string> seen;
  for (const ImportStatement& statement : outline.imports()) {
    std::string text = std::to_string(statement.line) + (statement.from ? " from " : " import ");
    text += std::string(statement.level, '.') + statement.module;
    for (const auto& name : statement.names) text += " " + name.name + (name.alias.empty() ? "" : "=" + name.alias);
    seen.push_back(text);
  }
  EXPECT_THAT(seen, ElementsAre("1 import  a b.c=d", "3 from .. g", "4 from h.i j=k l", "6 from .m *",
                                "7 from __future__ annotations"));
}

TEST(OutlineTest, NestingOfAnyDepthNeedsNoStack) {
  constexpr int kDepth = 5000;
  const std::string brackets = "x = " + std::string(kDepth, '[') + std::string(kDepth, ']') + "\n";
  EXPECT_TRUE(OutlineOf(brackets).parsed());

  std::string ladder;
  for (int level = 0; level < kDepth; ++level) ladder += std::string(level, ' ') + "if 'x':\n";
  ladder += std::string(kDepth, ' ') + "pass\n";
  EXPECT_EQ(OutlineOf(ladder).RegionsOf(kDepth).start_function, 0);

  std::string comprehensions;
  for (int level = 0; level < kDepth; ++level) comprehensions += "[\n";
  for (int level = 0; level < kDepth; ++level) comprehensions += "\nfor x in y]";
  const Outline outline = OutlineOf(comprehensions + "\n");
  EXPECT_EQ(OutermostLoop(outline, kDepth).first, outline.parsed() ? 1 : kDepth);
}

TEST(OutlineTest, LinesBeyondTheEndStandForThemselves) {
  const Outline outline = OutlineOf("def f(): pass\n");
  EXPECT_EQ(Region(outline, 99), Bounds(99, 99));
  EXPECT_EQ(Function(outline, 99), Bounds(0, 0));
}

TEST(OutlineTest, AModuleOfMegabytesOfDataIsNotParsed) {
  const Outline outline = OutlineOf("x = [\n" + std::string(3 << 20, '1') + ",\n" + std::string(2 << 20, '1') + "]\n");
  EXPECT_FALSE(outline.parsed());
  EXPECT_EQ(Region(outline, 2), Bounds(2, 2));
}

TEST(OutlineTest, AnEmptySourceParses) {
  EXPECT_TRUE(OutlineOf("").parsed());
  EXPECT_TRUE(OutlineOf("# only a comment").parsed());
}

}  // namespace
}  // namespace scalene::profile
