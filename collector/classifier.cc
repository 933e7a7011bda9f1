#include "collector/classifier.h"

namespace scalene::collector {

using cpython::OpcodeClass;

namespace {

bool IsOutside(CodeRegion region) {
  return region == CodeRegion::kOtherModule || region == CodeRegion::kVdso || region == CodeRegion::kAnonymous ||
         region == CodeRegion::kUnknown;
}

CpuKind PythonIf(bool condition) { return condition ? CpuKind::kPython : CpuKind::kNative; }

// The leaf instruction is a call whose callee may be a C function.
CpuKind UnderCall(CodeRegion region, bool site_leads_to_python) {
  switch (region) {
    case CodeRegion::kEvalLoop:
    case CodeRegion::kPythonEntry:
    case CodeRegion::kCallMachinery:
      return CpuKind::kPython;
    case CodeRegion::kNativeCallee:
      return CpuKind::kNative;
    default:
      return PythonIf(site_leads_to_python);
  }
}

}  // namespace

CpuKind Classify(const CpuEvidence& evidence) {
  if (evidence.in_syscall) return CpuKind::kKernel;
  if (!evidence.has_python_frames && !evidence.torn) return CpuKind::kNative;
  if (evidence.jit && evidence.region == CodeRegion::kAnonymous) return CpuKind::kPython;
  if (IsOutside(evidence.region)) return CpuKind::kNative;
  if (evidence.collecting || evidence.torn) return CpuKind::kPython;
  switch (evidence.opcode) {
    case OpcodeClass::kCall:
    case OpcodeClass::kCallsNative:
      return UnderCall(evidence.region, evidence.site_leads_to_python);
    case OpcodeClass::kCallsPython:
      return CpuKind::kPython;
    case OpcodeClass::kMasked:
      return PythonIf(evidence.region != CodeRegion::kNativeCallee);
    default:
      return PythonIf(evidence.region != CodeRegion::kLibc);
  }
}

OpcodeClass LeafOpcodeClass(int minor, uint8_t opcode, uint8_t next_opcode) {
  const OpcodeClass own = cpython::ClassifyOpcode(minor, opcode);
  return own == OpcodeClass::kPrefix ? cpython::ClassifyOpcode(minor, next_opcode) : own;
}

}  // namespace scalene::collector
