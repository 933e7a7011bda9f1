#include "wire/dump.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace scalene::wire {
namespace {

// The dump of a record with `rest` behind its fixed part.
template <typename Record>
std::string DumpOf(Record record, RecordType type, const std::vector<uint8_t>& rest = {}) {
  const uint32_t size = RoundUpToRecord(sizeof(Record) + rest.size());
  record.header = {size, type, RecordState::kCommitted, HeaderCheck(size, type)};
  std::vector<uint64_t> words(size / 8 + 1);  // one more than needed: GCC 12 suspects the empty copy below
  std::memcpy(words.data(), &record, sizeof record);
  if (!rest.empty()) std::memcpy(reinterpret_cast<uint8_t*>(words.data()) + sizeof record, rest.data(), rest.size());
  return DumpRecord({reinterpret_cast<const uint8_t*>(words.data()), size});
}

SampleRecord OneSample() {
  SampleRecord sample{};
  sample.time_ns = 120'000'000'005;
  sample.cpu_ns = 1'250'000'000;
  sample.weight_ns = 10'000'123;
  sample.pc = 0x7f1234;
  sample.tid = 4711;
  sample.opcode = 171;
  sample.opcode_next = 2;
  return sample;
}

TEST(DumpTest, WritesASampleWithFlagsByNameAndFramesLeafFirst) {
  SampleRecord sample = OneSample();
  sample.flags = kSampleHoldsGil | kSampleCollecting;
  sample.frame_count = 2;
  const FrameEntry frames[2] = {{0x7f30, 0xa1b2c3, 24}, {0x7f40, 0xffffffff, -1}};
  std::vector<uint8_t> rest(sizeof frames);
  std::memcpy(rest.data(), frames, sizeof frames);
  EXPECT_EQ(
      DumpOf(sample, RecordType::kSample, rest),
      "sample time=120.000000005 tid=4711 weight=10.000123ms cpu=1.250000000 pc=0x7f1234 flags=holds-gil,collecting "
      "opcode=171/2 frames=7f30/00a1b2c3/24 7f40/ffffffff/-1");
}

TEST(DumpTest, ShowsWhatASampleLostOnlyWhenItLostSomething) {
  SampleRecord sample = OneSample();
  sample.flags = kSampleTorn | 0x8000;  // a bit of a later version
  sample.lost_ns = 2'000'000;
  sample.cut_frames = 7;
  const std::string text = DumpOf(sample, RecordType::kSample);
  EXPECT_TRUE(text.ends_with("flags=torn,0x8000 opcode=171/2 lost=2.000000ms cut-frames=7 frames=none")) << text;
  EXPECT_EQ(DumpOf(OneSample(), RecordType::kSample).find("lost"), std::string::npos);
}

TEST(DumpTest, WritesCodeWithItsNamesDecoded) {
  CodeRecord code{};
  code.address = 0x7f30;
  code.fingerprint = 0xbeef;
  code.first_line = 42;
  code.code_flags = 0x43;
  code.file = {5, 1, 0, 0};
  code.name = {4, 2, 1, 0};
  code.table_bytes = 2;
  EXPECT_EQ(DumpOf(code, RecordType::kCode, {'/', 'a', '.', 'p', 'y', 0xb1, 0x03, 'f', 0, 9, 9}),
            "code address=0x7f30 fingerprint=0000beef line=42 name=\"αf\"… file=\"/a.py\" co-flags=0x43 table=2");
}

TEST(DumpTest, SaysWhereALongLineTableIs) {
  CodeRecord code{};
  code.file = code.name = {0, 1, 0, 0};
  code.flags = kCodeTableElsewhere;
  code.table_address = 0x5000;
  code.table_bytes = 70'000;
  EXPECT_TRUE(DumpOf(code, RecordType::kCode).ends_with("table=70000 flags=table-elsewhere table-at=0x5000"));
}

TEST(DumpTest, WritesTheLifeOfAProcess) {
  ProcessStartRecord start{};
  start.pid = 12;
  start.ppid = 11;
  start.version_hex = 0x030f00a4;
  start.origin = ProcessOrigin::kFork;
  start.signal = 64;
  start.time_ns = 1;
  start.realtime_ns = 1'795'000'000'000'000'002;
  EXPECT_EQ(DumpOf(start, RecordType::kProcessStart),
            "process-start time=0.000000001 pid=12 ppid=11 origin=fork python=3.15.0a4 free-threaded=0 signal=64 "
            "realtime=1795000000.000000002 cpu=0.000000000 main-ident=0x0 runtime=0x0");
  EXPECT_EQ(DumpOf(ProcessTextRecord{{}, TextKey::kPrefix, 4}, RecordType::kProcessText, {'/', 'u', 's', 'r'}),
            "process-text key=prefix text=\"/usr\"");
  EXPECT_EQ(DumpOf(ThreadStartRecord{{}, 12, 1, 0xf0, 2, 3}, RecordType::kThreadStart),
            "thread-start time=0.000000002 tid=12 main=1 ident=0xf0 cpu=0.000000003");
  EXPECT_EQ(DumpOf(ThreadEndRecord{{}, 12, 0, 2, 3}, RecordType::kThreadEnd),
            "thread-end time=0.000000002 tid=12 cpu=0.000000003");
  EXPECT_EQ(DumpOf(MarkedFunctionRecord{{}, 0x7f30, 0xbeef, 0}, RecordType::kMarkedFunction),
            "marked-function code=0x7f30 fingerprint=0000beef");
  EXPECT_EQ(DumpOf(NoticeRecord{{}, Notice::kNoTimer, 11}, RecordType::kNotice), "notice notice=no-timer detail=11");
  EXPECT_EQ(DumpOf(RecordingEndRecord{{}, EndReason::kExit, 0, 2, 3}, RecordType::kRecordingEnd),
            "recording-end time=0.000000002 reason=exit cpu=0.000000003");
}

TEST(DumpTest, WritesTheLifeOfASampledBlock) {
  AllocationRecord allocation{};
  allocation.time_ns = 5;
  allocation.id = 3;
  allocation.bytes = 100;
  allocation.window = 4096;
  allocation.allocated = 5000;
  allocation.python_live = 300;
  allocation.native_live = -20;
  allocation.tid = 12;
  allocation.kind = kAllocationPython | kAllocationGrowth;
  EXPECT_EQ(DumpOf(allocation, RecordType::kAllocation),
            "allocation time=0.000000005 tid=12 id=3 bytes=100 window=4096 allocated=5000 python-live=300 "
            "native-live=-20 kind=python,growth flags=none frames=none");
  EXPECT_EQ(DumpOf(FreeRecord{{}, 6, 3, 100, 4096, 5001, kFreeInherited, 0}, RecordType::kFree),
            "free time=0.000000006 id=3 bytes=100 window=4096 allocated=5001 flags=inherited");
  EXPECT_EQ(DumpOf(MemoryWindowRecord{{}, 8192}, RecordType::kMemoryWindow), "memory-window window=8192");
  EXPECT_EQ(DumpOf(CopyRecord{{}, 7, 64, 4096, 12, 0, 0, 0, 0}, RecordType::kCopy),
            "copy time=0.000000007 tid=12 bytes=64 window=4096 flags=none frames=none");
}

TEST(DumpTest, WritesValuesWithoutANameAsNumbers) {
  EXPECT_EQ(DumpOf(NoticeRecord{{}, static_cast<Notice>(99), -1}, RecordType::kNotice), "notice notice=99 detail=-1");
  EXPECT_EQ(DumpOf(ProcessTextRecord{{}, static_cast<TextKey>(77), 0}, RecordType::kProcessText),
            "process-text key=77 text=\"\"");
}

TEST(DumpTest, ShowsHowBytesThatAreNoRecordBegin) {
  const std::string text = DumpOf(NoticeRecord{}, static_cast<RecordType>(200));
  EXPECT_TRUE(text.starts_with("bad size=16 bytes=10000000c8c3")) << text;
  EXPECT_EQ(DumpRecord({}), "bad size=0 bytes=");
  const std::vector<uint64_t> long_one(100);
  EXPECT_TRUE(DumpRecord({reinterpret_cast<const uint8_t*>(long_one.data()), 800}).ends_with("00…"));
}

TEST(DumpTest, EveryTypeHasANameThatLeadsBackToIt) {
  for (const RecordTypeName& known : RecordTypeNames()) EXPECT_EQ(RecordTypeNamed(known.name), known.type);
  EXPECT_EQ(RecordTypeNames().size(), static_cast<size_t>(RecordType::kCopy));
  EXPECT_FALSE(RecordTypeNamed("Sample").has_value());
}

TEST(QuotedTextTest, EscapesWhatCouldDisturbATerminal) {
  EXPECT_EQ(QuotedText("plain \"quoted\" back\\slash"), R"("plain \"quoted\" back\\slash")");
  EXPECT_EQ(QuotedText("a\nb\tc\x1b[31m\x7f"), R"("a\nb\tc\x1b[31m\x7f")");
  EXPECT_EQ(QuotedText("\xc2\x9b"), R"("\xc2\x9b")");  // CSI, one character in C1
}

TEST(QuotedTextTest, KeepsUtf8AndEscapesWhatIsNone) {
  EXPECT_EQ(QuotedText("naïve 名前 🐍"), "\"naïve 名前 🐍\"");
  EXPECT_EQ(QuotedText("caf\xe9"), R"("caf\xe9")");
  EXPECT_EQ(QuotedText("\xc0\xaf \xe0\x80\xaf \xed\xa0\x80 \xf4\x90\x80\x80"),
            R"("\xc0\xaf \xe0\x80\xaf \xed\xa0\x80 \xf4\x90\x80\x80")");
  EXPECT_EQ(QuotedText("\xe5\x90"), R"("\xe5\x90")");
}

}  // namespace
}  // namespace scalene::wire
