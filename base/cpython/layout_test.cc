#include "base/cpython/layout.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "base/cpython/debug_offsets.h"
#include "base/cpython/opcodes.h"

namespace scalene::cpython {
namespace {

TEST(Layout, KnowsEveryVersionFromThreeEightToThreeFifteen) {
  for (int minor = 8; minor <= 15; minor++) {
    const Layout* layout = FindLayout(minor, false);
    ASSERT_NE(layout, nullptr) << minor;
    EXPECT_EQ(layout->minor, minor);
    EXPECT_FALSE(layout->free_threaded);
  }
  EXPECT_EQ(FindLayout(7, false), nullptr);
  EXPECT_EQ(FindLayout(16, false), nullptr);
}

TEST(Layout, FreeThreadedBuildsExistFromThreeThirteen) {
  EXPECT_EQ(FindLayout(12, true), nullptr);
  for (int minor = 13; minor <= 15; minor++) {
    const Layout* layout = FindLayout(minor, true);
    ASSERT_NE(layout, nullptr) << minor;
    EXPECT_EQ(layout->object.size, 32);
    EXPECT_EQ(layout->async_gen_asend.generator, 32);
  }
}

TEST(Layout, FieldsOfOtherVersionsAreAbsent) {
  EXPECT_EQ(FindLayout(8, false)->iframe.previous, kAbsent);
  EXPECT_EQ(FindLayout(11, false)->cframe.current_frame, 8);
  EXPECT_EQ(FindLayout(12, false)->cframe.current_frame, 0);
  EXPECT_EQ(FindLayout(13, false)->cframe.current_frame, kAbsent);
  EXPECT_EQ(FindLayout(10, false)->frame_state.suspended, -1);
  EXPECT_EQ(FindLayout(9, false)->frame_state.suspended, kNoFrameState);
}

TEST(Layout, SaysHowTheLeafFrameIsPublished) {
  EXPECT_EQ(LeafFrameKindOf(*FindLayout(10, false)), LeafFrameKind::kFrameObject);
  EXPECT_EQ(LeafFrameKindOf(*FindLayout(12, false)), LeafFrameKind::kCframe);
  EXPECT_EQ(LeafFrameKindOf(*FindLayout(13, true)), LeafFrameKind::kCurrentFrame);
}

// A _Py_DebugOffsets as 3.13.0 has it, each field stating the compiled-in value, so that a test changes what it means.
class DebugOffsets : public testing::Test {
 protected:
  DebugOffsets() : bytes_(kDebugOffsetsSize313), layout_(*FindLayout(13, false)) {
    std::memcpy(bytes_.data(), "xdebugpy", 8);
    Put(8, 0x030d00f0);
    for (const DebugOffsetsField& field : kDebugOffsets313) {
      int32_t value;
      std::memcpy(&value, reinterpret_cast<const char*>(&layout_) + field.target, sizeof value);
      Put(field.position, static_cast<uint64_t>(value));
    }
    Put(kGilPositions313.state, 7752);
    Put(kGilPositions313.locked, 7752 + 16);
    Put(kGilPositions313.holder, 7752 + 8);
  }
  void Put(size_t position, uint64_t value) { std::memcpy(bytes_.data() + position, &value, sizeof value); }
  DebugOffsetsError Apply() { return ApplyDebugOffsets(bytes_.data(), bytes_.size(), &layout_); }

  std::vector<uint8_t> bytes_;
  Layout layout_;
};

TEST_F(DebugOffsets, SameNumbersChangeNothing) {
  ASSERT_EQ(Apply(), DebugOffsetsError::kNone);
  EXPECT_EQ(std::memcmp(&layout_, FindLayout(13, false), sizeof layout_), 0);
}

TEST_F(DebugOffsets, StatedOffsetsWinAndOthersFollow) {
  constexpr size_t kThreadsHead = 72, kFirstLine = 312;
  Put(kThreadsHead, 4242);
  Put(kFirstLine, 84);
  ASSERT_EQ(Apply(), DebugOffsetsError::kNone);
  EXPECT_EQ(layout_.interp.threads_head, 4242);
  EXPECT_EQ(layout_.code.version, 84 + 24);
}

TEST_F(DebugOffsets, GilStructMovesAsAWhole) {
  Put(kGilPositions313.locked, 7752 + 24);
  Put(kGilPositions313.holder, 7752 + 16);
  ASSERT_EQ(Apply(), DebugOffsetsError::kNone);
  EXPECT_EQ(layout_.gil.cond, 40);
  EXPECT_EQ(layout_.gil.last_holder, 16);
}

TEST_F(DebugOffsets, HeadSaysVersionAndBuildKind) {
  Put(16, 1);
  DebugOffsetsHead head;
  ASSERT_EQ(ReadDebugOffsetsHead(bytes_.data(), kDebugOffsetsHeadSize, &head), DebugOffsetsError::kNone);
  EXPECT_EQ(head.minor, 13);
  EXPECT_TRUE(head.free_threaded);
}

TEST_F(DebugOffsets, StrangersAreRefusedAndChangeNothing) {
  EXPECT_EQ(ApplyDebugOffsets(bytes_.data(), 100, &layout_), DebugOffsetsError::kTooShort);
  Put(72, uint64_t{1} << 40);
  EXPECT_EQ(Apply(), DebugOffsetsError::kImplausible);
  Put(16, 1);
  EXPECT_EQ(Apply(), DebugOffsetsError::kOtherLayout);
  Put(8, 0x030d00b2);
  EXPECT_EQ(Apply(), DebugOffsetsError::kPreRelease);
  Put(8, 0x031000f0);
  EXPECT_EQ(Apply(), DebugOffsetsError::kUnknownVersion);
  Put(0, 0);
  EXPECT_EQ(Apply(), DebugOffsetsError::kNoCookie);
  EXPECT_EQ(std::memcmp(&layout_, FindLayout(13, false), sizeof layout_), 0);
}

TEST(AsyncioDebug, OverridesTaskOffsetsInItsOrder) {
  Layout layout = *FindLayout(14, false);
  const uint64_t values[kAsyncioDebugFields] = {168, 136, 96, 108, 109, 128, 152, 225864, 10896, 936, 864, 872, 880};
  ASSERT_EQ(ApplyAsyncioDebug(values, &layout), DebugOffsetsError::kNone);
  EXPECT_EQ(layout.task.coro, 128);
  EXPECT_EQ(layout.interp.asyncio_tasks_head, 10896);
  EXPECT_EQ(layout.tstate_impl.asyncio_tasks_head, 880);
}

TEST(Opcodes, CallsAreToldApartPerVersion) {
  EXPECT_EQ(ClassifyOpcode(8, 131), OpcodeClass::kCall);
  EXPECT_EQ(ClassifyOpcode(9, 144), OpcodeClass::kPrefix);
  EXPECT_EQ(ClassifyOpcode(11, 166), OpcodeClass::kCall);
  EXPECT_EQ(ClassifyOpcode(11, 23), OpcodeClass::kCallsPython);
  EXPECT_EQ(ClassifyOpcode(12, 40), OpcodeClass::kCallsNative);
  EXPECT_EQ(ClassifyOpcode(13, 200), OpcodeClass::kInlinesPython);
  EXPECT_EQ(ClassifyOpcode(14, 160), OpcodeClass::kCall);  // CALL_NON_PY_GENERAL: a class or a partial object, too
  EXPECT_EQ(ClassifyOpcode(14, 254), OpcodeClass::kMasked);
  EXPECT_EQ(ClassifyOpcode(15, 51), OpcodeClass::kOther);  // CALL_INTRINSIC_1 is no call
  EXPECT_EQ(ClassifyOpcode(16, 131), OpcodeClass::kOther);
}

}  // namespace
}  // namespace scalene::cpython
