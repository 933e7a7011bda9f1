#include "base/cpython/frame_walker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <vector>

namespace scalene::cpython {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kCodeType = 0xC0DE0;
constexpr uint64_t kThread = 0x100000, kCframe = 0x200000;

// The memory of a target, made by hand. Anything not written is not there.
class FakeMemory {
 public:
  template <typename T>
  void Put(uint64_t address, T value) {
    for (size_t i = 0; i < sizeof value; ++i) bytes_[address + i] = reinterpret_cast<const uint8_t*>(&value)[i];
  }
  void Zero(uint64_t address, size_t size) {
    for (size_t i = 0; i < size; ++i) bytes_.try_emplace(address + i, 0);
  }
  const uint8_t* View(Slot slot, uint64_t address, size_t size, Trust) {
    auto& copy = copies_[slot];
    copy.resize(size);
    for (size_t i = 0; i < size; ++i) {
      const auto byte = bytes_.find(address + i);
      if (byte == bytes_.end()) return nullptr;
      copy[i] = byte->second;
    }
    return copy.data();
  }

 private:
  std::map<uint64_t, uint8_t> bytes_;
  std::map<Slot, std::vector<uint8_t>> copies_;
};

// One thread of CPython 3.MINOR. Frames are named by small numbers; frame n runs code object n.
class Target {
 public:
  explicit Target(int minor) : layout(*FindLayout(minor, false)) {
    memory.Zero(kThread, 1024);
    memory.Zero(kCframe, 64);
  }

  static uint64_t Code(int n) { return 0x1000000 + 0x1000ull * static_cast<uint64_t>(n); }
  static uint64_t FrameAt(int n) { return 0x2000000 + 0x100ull * static_cast<uint64_t>(n); }

  void MakeCode(int n, int first_line = 10, int traceable = 0) {
    memory.Zero(Code(n), 512);
    memory.Put<uint64_t>(Code(n) + layout.object.type, kCodeType);
    memory.Put<int32_t>(Code(n) + layout.code.firstlineno, first_line);
    if (layout.code.firsttraceable > 0) memory.Put<int32_t>(Code(n) + layout.code.firsttraceable, traceable);
    if (layout.code.code_bytes > 0) memory.Put<uint64_t>(Code(n) + layout.code.code_bytes, Code(n) + 256);
  }
  // 3.8-3.10.
  void MakeFrameObject(int n, int back, int lasti) {
    MakeCode(n);
    memory.Zero(FrameAt(n), 400);
    memory.Put<uint64_t>(FrameAt(n) + layout.frame.code, Code(n));
    memory.Put<uint64_t>(FrameAt(n) + layout.frame.back, back == 0 ? 0 : FrameAt(back));
    memory.Put<int32_t>(FrameAt(n) + layout.frame.lasti, lasti);
  }
  // 3.11+.
  void MakeFrame(int n, int previous, int offset = 4, int owner = 0) {
    MakeCode(n);
    PutFrame(n, previous, Code(n), Code(n) + layout.code.code_adaptive + static_cast<uint64_t>(offset), owner);
  }
  void PutFrame(int n, int previous, uint64_t executable, uint64_t instruction, int owner) {
    memory.Zero(FrameAt(n), 128);
    memory.Put<uint64_t>(FrameAt(n) + layout.iframe.executable, executable);
    memory.Put<uint64_t>(FrameAt(n) + layout.iframe.previous, previous == 0 ? 0 : FrameAt(previous));
    memory.Put<uint64_t>(FrameAt(n) + layout.iframe.instr, instruction);
    memory.Put<int8_t>(FrameAt(n) + layout.iframe.owner, static_cast<int8_t>(owner));
  }
  void MakeShim(int n, int previous) { PutFrame(n, previous, 0, 0, layout.frame_owner.shim); }
  void MakeEntry(int n) { memory.Put<uint8_t>(FrameAt(n) + layout.iframe.is_entry, 1); }

  void SetLeaf(int n) {
    const int32_t field = layout.tstate.frame > 0 ? layout.tstate.frame : layout.tstate.current_frame;
    memory.Put<uint64_t>(kThread + field, FrameAt(n));
  }
  // 3.11, 3.12: one evaluation loop above the thread's root.
  void SetCframe(uint64_t leaf) {
    const uint64_t root = kThread + layout.tstate.root_cframe;
    memory.Put<uint64_t>(kThread + layout.tstate.cframe, kCframe);
    memory.Put<uint64_t>(kCframe + layout.cframe.current_frame, leaf);
    memory.Put<uint64_t>(kCframe + layout.cframe.previous, root);
    memory.Put<uint64_t>(root + layout.cframe.current_frame, uint64_t{0});
  }

  WalkEnd Walk() {
    codes.clear();
    offsets.clear();
    return WalkFrames(layout, kCodeType, kThread, memory, [this](const WalkedFrame& frame) {
      codes.push_back(static_cast<int>((frame.code - Code(0)) / 0x1000));
      offsets.push_back(frame.offset);
      return true;
    });
  }

  const Layout layout;
  FakeMemory memory;
  std::vector<int> codes, offsets;
};

class FrameObjectTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Versions, FrameObjectTest, testing::Values(8, 9, 10));

TEST_P(FrameObjectTest, WalksFromTheLeafToTheOutermostFrame) {
  Target target(GetParam());
  target.MakeFrameObject(1, 2, 3);
  target.MakeFrameObject(2, 0, 6);
  target.SetLeaf(1);
  EXPECT_EQ(target.Walk(), WalkEnd::kComplete);
  EXPECT_THAT(target.codes, ElementsAre(1, 2));
  const int unit = GetParam() == 10 ? 2 : 1;  // 3.10 counts code units
  EXPECT_THAT(target.offsets, ElementsAre(3 * unit, 6 * unit));
}

TEST_P(FrameObjectTest, CountsAFrameThatHasNotStarted) {
  Target target(GetParam());
  target.MakeFrameObject(1, 0, -1);
  target.SetLeaf(1);
  EXPECT_EQ(target.Walk(), WalkEnd::kComplete);
  EXPECT_THAT(target.offsets, ElementsAre(-1));
}

TEST_P(FrameObjectTest, IsTornWhenAFrameRunsNoCode) {
  Target target(GetParam());
  target.MakeFrameObject(1, 0, 3);
  target.memory.Put<uint64_t>(Target::Code(1) + target.layout.object.type, uint64_t{1});
  target.SetLeaf(1);
  EXPECT_EQ(target.Walk(), WalkEnd::kTorn);
}

TEST_P(FrameObjectTest, GivesUpOnACycle) {
  Target target(GetParam());
  target.MakeFrameObject(1, 1, 3);
  target.SetLeaf(1);
  EXPECT_EQ(target.Walk(), WalkEnd::kTooDeep);
  EXPECT_EQ(target.codes.size(), static_cast<size_t>(kMaxWalkDepth));
}

class CframeTest : public testing::TestWithParam<int> {
 protected:
  CframeTest() : target(GetParam()) {}
  // leaf 1 called by 2, then the seam to the thread's root.
  void MakeTwoFrames() {
    target.MakeFrame(1, 2);
    target.MakeFrame(2, GetParam() == 11 ? 0 : 3);
    if (GetParam() == 11) {
      target.MakeEntry(2);
    } else {
      target.MakeShim(3, 0);
    }
    target.SetCframe(Target::FrameAt(1));
  }
  Target target;
};
INSTANTIATE_TEST_SUITE_P(Versions, CframeTest, testing::Values(11, 12));

TEST_P(CframeTest, WalksAChainWhoseFirstSeamHolds) {
  MakeTwoFrames();
  EXPECT_EQ(target.Walk(), WalkEnd::kComplete);
  EXPECT_THAT(target.codes, ElementsAre(1, 2));
}

TEST_P(CframeTest, IsTornByAWildLeaf) {
  MakeTwoFrames();
  target.SetCframe(0xdeadbeef00);
  EXPECT_EQ(target.Walk(), WalkEnd::kTorn);
  target.SetCframe(0);
  EXPECT_EQ(target.Walk(), WalkEnd::kTorn);
}

TEST_P(CframeTest, IsTornByADeadFrameThatMeetsAnotherSeam) {
  MakeTwoFrames();
  target.memory.Put<uint64_t>(kThread + target.layout.tstate.root_cframe + target.layout.cframe.current_frame,
                              Target::FrameAt(7));
  EXPECT_EQ(target.Walk(), WalkEnd::kTorn);
  EXPECT_THAT(target.codes, IsEmpty());
}

TEST_P(CframeTest, IsTornByALeafThatRunsNoCode) {
  MakeTwoFrames();
  target.memory.Put<uint64_t>(Target::Code(1) + target.layout.object.type, uint64_t{1});
  EXPECT_EQ(target.Walk(), WalkEnd::kTorn);
}

TEST_P(CframeTest, HasNoFramesAtTheRoot) {
  target.memory.Put<uint64_t>(kThread + target.layout.tstate.cframe, kThread + target.layout.tstate.root_cframe);
  EXPECT_EQ(target.Walk(), WalkEnd::kNoFrames);
}

class CurrentFrameTest : public testing::TestWithParam<int> {
 protected:
  CurrentFrameTest() : target(GetParam()) {}
  Target target;
};
INSTANTIATE_TEST_SUITE_P(Versions, CurrentFrameTest, testing::Values(13, 14, 15));

TEST_P(CurrentFrameTest, SkipsShimsBetweenEvaluationLoops) {
  target.MakeFrame(1, 2);
  target.MakeShim(2, 3);
  target.MakeFrame(3, 4);
  target.MakeShim(4, 0);
  target.SetLeaf(1);
  EXPECT_EQ(target.Walk(), WalkEnd::kComplete);
  EXPECT_THAT(target.codes, ElementsAre(1, 3));
  EXPECT_THAT(target.offsets, ElementsAre(4, 4));
}

TEST_P(CurrentFrameTest, HasNoFramesWhenThereAreOnlyShims) {
  target.MakeShim(1, 0);
  target.SetLeaf(1);
  EXPECT_EQ(target.Walk(), WalkEnd::kNoFrames);
}

TEST_P(CurrentFrameTest, MarksAFrameBeforeItsFirstInstructionAsNotStarted) {
  target.MakeFrame(1, 0, 2);
  target.memory.Put<int32_t>(Target::Code(1) + target.layout.code.firsttraceable, 3);
  target.SetLeaf(1);
  target.Walk();
  EXPECT_THAT(target.offsets, ElementsAre(-1));
}

TEST_P(CurrentFrameTest, TakesAGeneratorAtItsWordWhereverItStands) {
  target.MakeFrame(1, 0, 2, target.layout.frame_owner.generator);
  target.memory.Put<int32_t>(Target::Code(1) + target.layout.code.firsttraceable, 3);
  target.SetLeaf(1);
  target.Walk();
  EXPECT_THAT(target.offsets, ElementsAre(2));
}

TEST_P(CurrentFrameTest, LeavesOutTheConstructorTrampoline) {
  target.MakeFrame(1, 2);
  target.MakeFrame(2, 3);
  target.memory.Put<int32_t>(Target::Code(2) + target.layout.code.firstlineno, 0);
  target.MakeFrame(3, 0);
  target.SetLeaf(1);
  EXPECT_EQ(target.Walk(), WalkEnd::kComplete);
  EXPECT_THAT(target.codes, ElementsAre(1, 3));
}

TEST_P(CurrentFrameTest, SeesThroughTagsOnTheExecutable) {
  target.MakeFrame(1, 0);
  target.memory.Put<uint64_t>(Target::FrameAt(1) + target.layout.iframe.executable, Target::Code(1) | 1);
  target.SetLeaf(1);
  target.Walk();
  EXPECT_THAT(target.codes, ElementsAre(1));
}

TEST_P(CurrentFrameTest, StopsWhenTheVisitorHasEnough) {
  target.MakeFrame(1, 2);
  target.MakeFrame(2, 0);
  target.SetLeaf(1);
  int seen = 0;
  const WalkEnd end =
      WalkFrames(target.layout, kCodeType, kThread, target.memory, [&](const WalkedFrame&) { return ++seen < 1; });
  EXPECT_EQ(end, WalkEnd::kStopped);
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace scalene::cpython
