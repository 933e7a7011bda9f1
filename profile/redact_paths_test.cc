#include "profile/redact_paths.h"

#include <gmock/gmock.h>

namespace scalene::profile {
namespace {

TEST(RedactPathsTest, BelowTheRootPathsAreRelative) {
  EXPECT_EQ(RedactedPath("/home/me/app/src/main.py", "/home/me/app"), "src/main.py");
  EXPECT_EQ(RedactedPath("/home/me/app/src/main.py", "/home/me/app/"), "src/main.py");
  EXPECT_EQ(RedactedPath("/home/me/application/main.py", "/home/me/app"), "…/application/main.py");
}

TEST(RedactPathsTest, ElsewhereTheLastTwoPartsStay) {
  EXPECT_EQ(RedactedPath("/usr/lib/python3.12/json/decoder.py", "/home/me"), "…/json/decoder.py");
  EXPECT_EQ(RedactedPath("/home/a.py", "/root"), "a.py");
  EXPECT_EQ(RedactedPath("/a.py", "/root"), "a.py");
}

TEST(RedactPathsTest, WhatIsNoPathStays) {
  EXPECT_EQ(RedactedPath("[12]", "/"), "[12]");
  EXPECT_EQ(RedactedPath("", "/"), "");
  EXPECT_EQ(RedactedPath("<exec@/home/me/app/a.py:3>", "/home/me/app"), "<exec@a.py:3>");
}

TEST(RedactPathsTest, NoPlaceOfADocumentKeepsTheRoot) {
  Document document;
  document.filename = document.entrypoint_dir = "/secret/app";
  document.program = "/secret/app/a.py";
  document.args = {{"/secret/app/a.py", "--out=/secret/app/out", "plain"}};
  document.files["/secret/app/a.py"].functions.push_back({});
  document.files["/secret/app/a.py"].functions[0].calls_from = {{"f", "/secret/app/b.py", 1, 1}};
  document.warnings = {"cannot read '/secret/app/x.py' (denied)"};
  document.processes = {{.argv = {"/secret/bin/python3", "/secret/app/a.py"}}};
  const Document redacted = WithRedactedPaths(document);
  EXPECT_EQ(redacted.program, "a.py");
  EXPECT_THAT(*redacted.args, testing::ElementsAre("a.py", "--out=out", "plain"));
  EXPECT_TRUE(redacted.files.contains("a.py"));
  EXPECT_EQ(redacted.files.at("a.py").functions[0].calls_from[0].file, "b.py");
  EXPECT_EQ(redacted.warnings[0], "cannot read 'x.py' (denied)");
  EXPECT_EQ(redacted.processes[0].argv[0], "…/bin/python3");
  EXPECT_EQ(redacted.filename + redacted.entrypoint_dir, "");
}

TEST(RedactPathsTest, FilesThatBecomeOneNameStayTwo) {
  Document document;
  document.files["/x/a/m.py"];
  document.files["/y/a/m.py"];
  EXPECT_EQ(WithRedactedPaths(document).files.size(), 2u);
}

}  // namespace
}  // namespace scalene::profile
