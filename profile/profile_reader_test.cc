#include "profile/profile_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <fstream>

namespace scalene::profile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Document Read(std::string_view json) {
  auto document = ReadProfile(json);
  EXPECT_TRUE(document.ok()) << document.message();
  return document.ok() ? std::move(document).value() : Document();
}

std::string ErrorOf(std::string_view json) {
  const auto document = ReadProfile(json);
  return document.ok() ? "" : document.message();
}

// A profile whose one file has one line with these fields.
std::string WithLineFields(const std::string& fields) {
  return R"({"files": {"a.py": {"lines": [{)" + fields + "}]}}}";
}
Line LineOf(const std::string& fields) { return Read(WithLineFields(fields)).files.at("a.py").lines.at(0); }

class ReadingFilesTest : public testing::Test {
 protected:
  ReadingFilesTest() : path_(testing::TempDir() + "profile_reader_test." + std::to_string(getpid())) {}
  ~ReadingFilesTest() override { unlink(path_.c_str()); }

  void Put(std::string_view bytes) { std::ofstream(path_, std::ios::binary).write(bytes.data(), bytes.size()); }
  void PutCompressed(std::string_view bytes, const char* mode = "wb") {
    gzFile file = gzopen(path_.c_str(), mode);
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }
  std::string path_;
};

TEST(ProfileReaderTest, AnEmptyObjectIsAnEmptyProfile) {
  EXPECT_THAT(Read("{}").files, IsEmpty());
  EXPECT_FALSE(Read(" {}\n").has_ext);
}

TEST(ProfileReaderTest, BlanksMayStandEverywhere) {
  const Document document =
      Read("{ \"files\" : {\n \"a.py\" : { \"lines\" : [ { \"lineno\" : 1 } , { } ] } ,\n \"b.py\" : { }\n } }\n");
  EXPECT_EQ(document.files.at("a.py").lines.size(), 2u);
  EXPECT_TRUE(document.files.contains("b.py"));
}

TEST(ProfileReaderTest, MissingFieldsKeepTheirDefault) {
  const Line line = LineOf(R"("lineno": 3, "line": "x\n", "n_cpu_percent_python": 12)");
  EXPECT_EQ(line.lineno, 3);
  EXPECT_EQ(line.cpu_percent_python, 12);
  EXPECT_EQ(line.async_await_percent, 0);
  EXPECT_THAT(line.async_task_names, IsEmpty());
}

TEST(ProfileReaderTest, UnknownKeysAreIgnoredWhateverTheyHold) {
  const Document document = Read(
      R"({"native_stacks": [[[["f", 1]], 3]], "zzz": {"a": [1, {"b": null}]}, "files": {}, "elapsed_time_sec": 2.5})");
  EXPECT_EQ(document.elapsed_time_sec, 2.5);
}

TEST(ProfileReaderTest, ReadsKeysInAnyOrder) {
  const Line line = LineOf(R"("n_sys_percent": 3, "ext": {"samples": 4}, "n_avg_mb": 2, "lineno": 1)");
  EXPECT_EQ(line.sys_percent, 3);
  EXPECT_EQ(line.avg_mb, 2);
  EXPECT_EQ(line.samples, 4);
}

TEST(ProfileReaderTest, ReadsFramesOfOldReferences) {
  const Document document = Read(R"({"files": {}, "combined_stacks": [[[
      {"kind": "py", "display_name": "f", "filename_or_module": "a.py", "line": 7, "ip": null, "offset": null, "code_line": "x[0]"},
      {"kind": "native", "display_name": "memcpy", "filename_or_module": "libc.so", "line": null, "ip": 4096, "offset": 16}], 5]]})");
  ASSERT_EQ(document.combined_stacks.size(), 1u);
  const Stack& stack = document.combined_stacks[0];
  EXPECT_EQ(stack.hits, 5);
  EXPECT_EQ(stack.frames[0], (Frame{.kind = FrameKind::kPython, .name = "f", .file_or_module = "a.py", .line = 7}));
  EXPECT_EQ(
      stack.frames[1],
      (Frame{.kind = FrameKind::kNative, .name = "memcpy", .file_or_module = "libc.so", .ip = 4096, .offset = 16}));
}

TEST(ProfileReaderTest, WholeNumbersMayHaveAPoint) {
  EXPECT_EQ(LineOf(R"("n_mallocs": 3.0, "lineno": 2.0)").mallocs, 3);
  EXPECT_EQ(Read(R"({"files": {}, "main_thread_id": 18446744073709551615})").main_thread_id, 18446744073709551615u);
}

TEST(ProfileReaderTest, NullMeansNotSaid) {
  const Document document =
      Read(R"({"files": {}, "args": null, "max_footprint_lineno": null, "growth_rate": null, "program": null})");
  EXPECT_FALSE(document.args.has_value());
  EXPECT_FALSE(document.max_footprint_lineno.has_value());
}

TEST(ProfileReaderTest, TurnsSourceBackToWhatItWas) {
  EXPECT_EQ(LineOf(R"("line": "if a \\u003c b: s = \"\\u00e9\"\n")").text, "if a < b: s = \"\\u00e9\"\n");
  EXPECT_EQ(LineOf(R"("line": "a \\u003c b", "ext": {"raw": "a \\u003c b"})").text, "a \\u003c b");
  EXPECT_EQ(LineOf(R"("ext": {"raw": "a \\u003c b"}, "line": "a \\u003c b")").text, "a \\u003c b");
}

TEST(ProfileReaderTest, OneLinesRawTextDoesNotStickToTheNext) {
  const Document document =
      Read(R"({"files": {"a.py": {"lines": [{"ext": {"raw": "r"}, "line": "x"}, {"line": "y"}]}}})");
  EXPECT_EQ(document.files.at("a.py").lines[1].text, "y");
}

TEST(ProfileReaderTest, LoneSurrogatesAreTheBytesOfAPath) {
  const Document document = Read(R"({"files": {"/caf\udce9.py": {}}, "program": "/caf\udce9.py"})");
  ASSERT_TRUE(document.files.contains("/caf\xef\xbf\xbd.py"));
  EXPECT_EQ(document.files.begin()->second.path_bytes, "/caf\xe9.py");
  EXPECT_EQ(document.program, "/caf\xe9.py");
}

TEST(ProfileReaderTest, FilesWhoseNamesClashAreKeptApart) {
  const Document document = Read(R"({"files": {"\udce9": {}, "\udce8": {}}})");
  EXPECT_THAT(document.files, ElementsAre(testing::Key("\xef\xbf\xbd"), testing::Key("\xef\xbf\xbd (2)")));
}

TEST(ProfileReaderTest, OtherSurrogatesDoNoHarm) {
  EXPECT_EQ(Read(R"({"files": {}, "program": "\ud83d\udc0d \ud83d \udfff \ud83dx"})").program,
            "\xf0\x9f\x90\x8d \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbdx");
}

TEST(ProfileReaderTest, NamesWhereJsonIsBroken) {
  EXPECT_EQ(ErrorOf("{\n  \"files\": {},\n  \"gpu\": tru\n}"), "invalid JSON in profile file: 3:10: expected a value");
  EXPECT_THAT(ErrorOf("{\"files\": {}"), StartsWith("invalid JSON in profile file: 1:13: the text ends"));
  EXPECT_THAT(ErrorOf("{\"files\": {}} {}"), StartsWith("invalid JSON in profile file: 1:15: text after the end"));
  EXPECT_THAT(ErrorOf(""), StartsWith("invalid JSON in profile file: 1:1:"));
  EXPECT_THAT(ErrorOf("\xff\xfe"), StartsWith("invalid JSON in profile file: 1:1:"));
  EXPECT_THAT(ErrorOf(std::string(100'000, '[')), StartsWith("invalid JSON in profile file: "));
}

TEST(ProfileReaderTest, SaysWhyAJsonFileIsNoProfile) {
  EXPECT_THAT(ErrorOf("[1, 2]"), HasSubstr("error reading profile: the file holds no profile"));
  EXPECT_THAT(ErrorOf("{\"name\": \"package\"}"), HasSubstr("'files' is missing"));
  EXPECT_THAT(ErrorOf(WithLineFields("\"lineno\": \"three\"")), HasSubstr("'lineno' should be a whole number"));
  EXPECT_THAT(ErrorOf("{\"files\": {}, \"gpu\": 1}"), HasSubstr("1:22: 'gpu' should be true or false"));
  EXPECT_THAT(ErrorOf("{\"files\": []}"), HasSubstr("'files' should be an object"));
}

TEST(ProfileReaderTest, RefusesAProfileFromTheFuture) {
  EXPECT_THAT(ErrorOf("{\"ext\": {\"schema\": 2}, \"files\": {}}"), HasSubstr("newer Scalene"));
}

TEST(ProfileReaderTest, KeepsOptionValuesAsJson) {
  const Document document = Read(
      R"({"ext": {"options": {"a": [0.01, "user"], "b": ["x\u00e9", "default"], "c": [true, "default"]}}, "files": {}})");
  EXPECT_EQ(document.options.at("a").value, "0.01");
  EXPECT_EQ(document.options.at("b").value, "\"x\\u00e9\"");
  EXPECT_EQ(document.options.at("c").value, "true");
  EXPECT_EQ(document.options.at("a").origin, "user");
}

TEST_F(ReadingFilesTest, ReadsPlainAndCompressedFiles) {
  const std::string json = R"({"elapsed_time_sec": 2, "files": {}})";
  Put(json);
  EXPECT_EQ(ReadProfileFile(path_).value().elapsed_time_sec, 2);
  Put("\xef\xbb\xbf" + json);
  EXPECT_EQ(ReadProfileFile(path_).value().elapsed_time_sec, 2);
  PutCompressed(json);
  EXPECT_EQ(ReadProfileFile(path_).value().elapsed_time_sec, 2);
}

TEST_F(ReadingFilesTest, ReadsAFileCompressedInPieces) {
  PutCompressed(R"({"elapsed_time_sec": 2, )");
  PutCompressed(R"("files": {}})", "ab");
  EXPECT_EQ(ReadProfileFile(path_).value().elapsed_time_sec, 2);
}

TEST_F(ReadingFilesTest, SaysThatACompressedFileIsCutOff) {
  PutCompressed(std::string(100'000, ' ') + "{}");
  truncate(path_.c_str(), 60);
  EXPECT_EQ(ReadProfileFile(path_).message(), "error reading profile: the compressed file is cut off");
}

TEST_F(ReadingFilesTest, NamesAFileThatIsNotThere) {
  EXPECT_EQ(ReadProfileFile("/nowhere/x.json").message(), "profile file '/nowhere/x.json' not found.");
  EXPECT_THAT(ReadProfileFile("/tmp").message(), HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace scalene::profile
