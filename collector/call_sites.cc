#include "collector/call_sites.h"

#include <array>

#include "base/cpython/opcodes.h"

namespace scalene::collector {
namespace {

// The first samples of a process are too few to say what most of its sites are.
constexpr uint64_t kFewSamples = 2;

uint64_t KeyOf(uint64_t code, uint32_t fingerprint, int32_t offset) {
  uint64_t key = (code ^ uint64_t{fingerprint} << 40) * 0x9e3779b97f4a7c15u;
  key ^= static_cast<uint32_t>(offset) * 0xc2b2ae3d27d4eb4fu;
  return key ^ key >> 29;
}

// Where the frame of a caller may stand whose leaf samples stand at offset + 0. Callers of frames that the evaluation
// loop pushes itself stand on the last inline cache unit up to 3.12, and in 3.11 a call is two instructions, PRECALL
// (two units) and CALL (five). A distance of 0 ends the list.
using Distances = std::array<int32_t, 2>;
Distances DistancesOf(int minor, uint8_t opcode) {
  constexpr uint8_t kCallFunctionEx = 142, kCall = 171;                   // in 3.11 and 3.12
  constexpr uint8_t kAdaptive = 22, kExactArgs = 23, kWithDefaults = 24;  // CALL's own variants in 3.11
  if (minor < 11 || minor > 12 || opcode == kCallFunctionEx) return {0, 0};
  if (minor == 12) return {6, 0};
  const bool is_call = opcode == kCall || opcode == kAdaptive || opcode == kExactArgs || opcode == kWithDefaults;
  return is_call ? Distances{8, 0} : Distances{4, 12};
}

}  // namespace

CallSites::Counts* CallSites::FindOrAdd(uint64_t key) {
  if (const auto found = sites_.find(key); found != sites_.end()) return &found->second;
  return sites_.size() < kMaxSites ? &sites_[key] : nullptr;
}

uint32_t CallSites::Callees(uint64_t code, uint32_t fingerprint, int32_t offset) const {
  const auto found = sites_.find(KeyOf(code, fingerprint, offset));
  return found != sites_.end() ? found->second.with_callee : 0;
}

void CallSites::NoteCaller(uint64_t code, uint32_t fingerprint, int32_t offset) {
  if (Counts* counts = FindOrAdd(KeyOf(code, fingerprint, offset))) counts->with_callee++;
}

bool CallSites::NoteLeaf(uint64_t code, uint32_t fingerprint, int32_t offset, uint8_t opcode, CodeRegion region) {
  const bool proves_python = region == CodeRegion::kPythonEntry;
  const bool proves_native = region == CodeRegion::kNativeCallee || region == CodeRegion::kOtherModule;
  if (Counts* counts = FindOrAdd(KeyOf(code, fingerprint, offset))) {
    counts->as_leaf++;
    counts->with_callee += proves_python;
    counts->in_native += proves_native;
  }
  const Verdict verdict = VerdictOn(code, fingerprint, offset, opcode);
  if (!proves_python && !proves_native) {
    python_samples_ += verdict == Verdict::kPython;
    native_samples_ += verdict == Verdict::kNative;
  }
  return LeadsToPython(code, fingerprint, offset, opcode);
}

CallSites::Verdict CallSites::VerdictOn(uint64_t code, uint32_t fingerprint, int32_t offset, uint8_t opcode) const {
  const auto found = sites_.find(KeyOf(code, fingerprint, offset));
  const Counts own = found != sites_.end() ? found->second : Counts{};
  uint64_t with_callee = own.with_callee;
  for (const int32_t distance : DistancesOf(minor_, opcode)) {
    if (distance != 0) with_callee += Callees(code, fingerprint, offset + distance);
  }
  if (with_callee > 0) return with_callee * kMaxLeafPerCallee >= own.as_leaf ? Verdict::kPython : Verdict::kNative;
  if (own.in_native > 0 || own.as_leaf > kProbation || own.as_leaf == 0) return Verdict::kNative;
  // A specialised call of a C function needs no probation: it hardly ever leads to Python.
  return cpython::ClassifyOpcode(minor_, opcode) == cpython::OpcodeClass::kCall ? Verdict::kUnproven : Verdict::kNative;
}

bool CallSites::LeadsToPython(uint64_t code, uint32_t fingerprint, int32_t offset, uint8_t opcode) const {
  const Verdict verdict = VerdictOn(code, fingerprint, offset, opcode);
  if (verdict == Verdict::kUnproven) return python_samples_ > native_samples_ + kFewSamples;
  return verdict == Verdict::kPython;
}

}  // namespace scalene::collector
