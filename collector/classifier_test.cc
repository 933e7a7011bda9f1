#include "collector/classifier.h"

#include <gtest/gtest.h>

#include "collector/call_sites.h"

namespace scalene::collector {
namespace {

using cpython::OpcodeClass;

// A sample of Python code that adds numbers; each test changes what it is about.
CpuEvidence PlainPython() {
  CpuEvidence evidence;
  evidence.region = CodeRegion::kEvalLoop;
  evidence.has_python_frames = true;
  return evidence;
}

CpuEvidence Under(OpcodeClass opcode, CodeRegion region, bool site_leads_to_python = false) {
  CpuEvidence evidence = PlainPython();
  evidence.opcode = opcode;
  evidence.region = region;
  evidence.site_leads_to_python = site_leads_to_python;
  return evidence;
}

constexpr OpcodeClass kAllOpcodes[] = {
    OpcodeClass::kOther,         OpcodeClass::kCall,   OpcodeClass::kCallsPython, OpcodeClass::kCallsNative,
    OpcodeClass::kInlinesPython, OpcodeClass::kMasked, OpcodeClass::kPrefix};

TEST(Classifier, SystemCallIsTheKernelsWhateverElseIsTrue) {
  for (const OpcodeClass opcode : kAllOpcodes) {
    CpuEvidence evidence = Under(opcode, CodeRegion::kLibc);
    evidence.in_syscall = true;
    EXPECT_EQ(Classify(evidence), CpuKind::kKernel);
    evidence.has_python_frames = false;
    EXPECT_EQ(Classify(evidence), CpuKind::kKernel);
  }
}

TEST(Classifier, ThreadWithoutPythonIsNative) {
  CpuEvidence evidence = PlainPython();
  evidence.has_python_frames = false;
  EXPECT_EQ(Classify(evidence), CpuKind::kNative);
}

TEST(Classifier, OtherModulesAreNativeUnderAnyOpcode) {
  for (const OpcodeClass opcode : kAllOpcodes) {
    for (const CodeRegion region :
         {CodeRegion::kOtherModule, CodeRegion::kVdso, CodeRegion::kAnonymous, CodeRegion::kUnknown}) {
      EXPECT_EQ(Classify(Under(opcode, region, true)), CpuKind::kNative);
    }
  }
}

TEST(Classifier, EvaluationLoopIsPythonAlsoWhileItPreparesACall) {
  for (const OpcodeClass opcode : kAllOpcodes) {
    EXPECT_EQ(Classify(Under(opcode, CodeRegion::kEvalLoop)), CpuKind::kPython);
    EXPECT_EQ(Classify(Under(opcode, CodeRegion::kCallMachinery)), CpuKind::kPython);
    EXPECT_EQ(Classify(Under(opcode, CodeRegion::kPythonEntry)), CpuKind::kPython);
  }
}

TEST(Classifier, RuntimeIsNativeOnlyInsideACalledCFunction) {
  EXPECT_EQ(Classify(Under(OpcodeClass::kOther, CodeRegion::kInterpreter)), CpuKind::kPython);
  EXPECT_EQ(Classify(Under(OpcodeClass::kInlinesPython, CodeRegion::kInterpreter)), CpuKind::kPython);
  EXPECT_EQ(Classify(Under(OpcodeClass::kCallsPython, CodeRegion::kInterpreter)), CpuKind::kPython);
  EXPECT_EQ(Classify(Under(OpcodeClass::kCall, CodeRegion::kInterpreter)), CpuKind::kNative);
  EXPECT_EQ(Classify(Under(OpcodeClass::kCallsNative, CodeRegion::kInterpreter)), CpuKind::kNative);
}

TEST(Classifier, OverheadOfAPythonCallIsPython) {
  for (const CodeRegion region : {CodeRegion::kInterpreter, CodeRegion::kLibc, CodeRegion::kLoader}) {
    EXPECT_EQ(Classify(Under(OpcodeClass::kCall, region, true)), CpuKind::kPython);
    EXPECT_EQ(Classify(Under(OpcodeClass::kCall, region, false)), CpuKind::kNative);
  }
}

TEST(Classifier, SortIsNativeAlsoWithAPythonKey) {
  EXPECT_EQ(Classify(Under(OpcodeClass::kCallsNative, CodeRegion::kNativeCallee, true)), CpuKind::kNative);
  EXPECT_EQ(Classify(Under(OpcodeClass::kMasked, CodeRegion::kNativeCallee)), CpuKind::kNative);
}

TEST(Classifier, MethodsRunByOperatorsAreTheInterpretersOwnWork) {
  EXPECT_EQ(Classify(Under(OpcodeClass::kOther, CodeRegion::kNativeCallee)), CpuKind::kPython);
}

TEST(Classifier, ThreadLocalLookupsOfASharedLibpythonAreItsOwnWork) {
  EXPECT_EQ(Classify(Under(OpcodeClass::kOther, CodeRegion::kLoader)), CpuKind::kPython);
}

TEST(Classifier, CopyingALongStringIsNative) {
  EXPECT_EQ(Classify(Under(OpcodeClass::kOther, CodeRegion::kLibc)), CpuKind::kNative);
}

TEST(Classifier, GarbageCollectionWinsOverTheOpcodeButNotOverTheModule) {
  CpuEvidence evidence = Under(OpcodeClass::kCall, CodeRegion::kInterpreter);
  evidence.collecting = true;
  EXPECT_EQ(Classify(evidence), CpuKind::kPython);
  evidence.region = CodeRegion::kOtherModule;
  EXPECT_EQ(Classify(evidence), CpuKind::kNative);
}

TEST(Classifier, CodeOfTheInterpretersOwnJitIsPython) {
  CpuEvidence evidence = Under(OpcodeClass::kMasked, CodeRegion::kAnonymous);
  evidence.jit = true;
  EXPECT_EQ(Classify(evidence), CpuKind::kPython);
}

TEST(Classifier, TornStackOnTheWayIntoAFunctionIsPython) {
  CpuEvidence evidence = Under(OpcodeClass::kOther, CodeRegion::kInterpreter);
  evidence.has_python_frames = false;
  evidence.torn = true;
  EXPECT_EQ(Classify(evidence), CpuKind::kPython);
}

TEST(Classifier, PrefixGivesWayToTheOpcodeBehindIt) {
  constexpr uint8_t kExtendedArg = 144, kCallFunction = 131, kLoadConst = 100;
  EXPECT_EQ(LeafOpcodeClass(8, kExtendedArg, kCallFunction), OpcodeClass::kCall);
  EXPECT_EQ(LeafOpcodeClass(8, kExtendedArg, kLoadConst), OpcodeClass::kOther);
  EXPECT_EQ(LeafOpcodeClass(8, kCallFunction, kLoadConst), OpcodeClass::kCall);
}

constexpr uint64_t kCode = 0x7f0000001000;
constexpr uint32_t kFingerprint = 0xabcd;
constexpr uint8_t kCall310 = 131, kCall311 = 171, kPrecall311 = 166, kCallEx311 = 142;

TEST(CallSites, UnknownSiteDoesNotLeadToPython) {
  CallSites sites(10);
  EXPECT_FALSE(sites.NoteLeaf(kCode, kFingerprint, 42, kCall310, CodeRegion::kInterpreter));
}

TEST(CallSites, SiteSeenUnderACalleeLeadsToPython) {
  CallSites sites(10);
  sites.NoteCaller(kCode, kFingerprint, 42);
  EXPECT_TRUE(sites.NoteLeaf(kCode, kFingerprint, 42, kCall310, CodeRegion::kInterpreter));
  EXPECT_FALSE(sites.NoteLeaf(kCode, kFingerprint, 44, kCall310, CodeRegion::kInterpreter));
  EXPECT_FALSE(sites.NoteLeaf(kCode, kFingerprint + 1, 42, kCall310, CodeRegion::kInterpreter));
}

TEST(CallSites, MakingAFrameProvesAsMuchAsACallee) {
  CallSites sites(10);
  EXPECT_TRUE(sites.NoteLeaf(kCode, kFingerprint, 42, kCall310, CodeRegion::kPythonEntry));
  EXPECT_TRUE(sites.LeadsToPython(kCode, kFingerprint, 42, kCall310));
}

TEST(CallSites, CallersOfThreeElevenStandOnTheLastCacheUnit) {
  constexpr int32_t kPrecallAt = 50, kCallAt = 54, kLastCacheUnit = 62;
  CallSites sites(11);
  sites.NoteCaller(kCode, kFingerprint, kLastCacheUnit);
  EXPECT_TRUE(sites.LeadsToPython(kCode, kFingerprint, kCallAt, kCall311));
  EXPECT_TRUE(sites.LeadsToPython(kCode, kFingerprint, kPrecallAt, kPrecall311));
  EXPECT_FALSE(sites.LeadsToPython(kCode, kFingerprint, kCallAt, kCallEx311));
}

TEST(CallSites, RareCallbackDoesNotMakeANativeSitePython) {
  CallSites sites(10);
  sites.NoteCaller(kCode, kFingerprint, 42);  // a finaliser ran inside list.append once
  bool leads = true;
  for (int i = 0; i < 1000; i++) leads = sites.NoteLeaf(kCode, kFingerprint, 42, kCall310, CodeRegion::kInterpreter);
  EXPECT_FALSE(leads);
}

TEST(CallSites, SiteOnProbationIsLikeMostSitesOfItsProcess) {
  CallSites sites(10);
  constexpr int32_t kKnown = 42, kNew = 80;
  sites.NoteCaller(kCode, kFingerprint, kKnown);
  for (int i = 0; i < 20; i++) sites.NoteLeaf(kCode, kFingerprint, kKnown, kCall310, CodeRegion::kInterpreter);
  EXPECT_TRUE(sites.NoteLeaf(kCode, kFingerprint, kNew, kCall310, CodeRegion::kInterpreter));
  for (uint32_t i = 0; i < CallSites::kProbation; i++) {
    sites.NoteLeaf(kCode, kFingerprint, kNew, kCall310, CodeRegion::kInterpreter);
  }
  EXPECT_FALSE(sites.LeadsToPython(kCode, kFingerprint, kNew, kCall310));
}

TEST(CallSites, SiteSeenInsideACFunctionIsNative) {
  CallSites sites(10);
  constexpr int32_t kKnown = 42, kNew = 80;
  sites.NoteCaller(kCode, kFingerprint, kKnown);
  for (int i = 0; i < 20; i++) sites.NoteLeaf(kCode, kFingerprint, kKnown, kCall310, CodeRegion::kInterpreter);
  EXPECT_FALSE(sites.NoteLeaf(kCode, kFingerprint, kNew, kCall310, CodeRegion::kNativeCallee));
  EXPECT_FALSE(sites.NoteLeaf(kCode, kFingerprint, kNew, kCall310, CodeRegion::kInterpreter));
}

TEST(CallSites, NumberOfSitesIsBounded) {
  CallSites sites(10);
  for (uint64_t i = 0; i < CallSites::kMaxSites + 10; i++) sites.NoteCaller(kCode + i * 64, kFingerprint, 2);
  EXPECT_TRUE(sites.LeadsToPython(kCode, kFingerprint, 2, kCall310));
  EXPECT_FALSE(sites.LeadsToPython(kCode + (CallSites::kMaxSites + 5) * 64, kFingerprint, 2, kCall310));
}

}  // namespace
}  // namespace scalene::collector
