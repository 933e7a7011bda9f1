#include "collector/process_code.h"

namespace scalene::collector {

ProcessCode::ProcessCode(pid_t pid, Symbolizer& symbolizer) : pid_(pid), symbolizer_(symbolizer) { Refresh(); }

void ProcessCode::Refresh() {
  read_at_ = std::chrono::steady_clock::now();
  Result<Mappings> mappings = Mappings::OfProcess(pid_);
  // A process that is ending has an empty list: keep what we know.
  if (mappings.ok() && !mappings.value().executable().empty()) mappings_ = std::move(mappings.value());
}

const Mapping* ProcessCode::MappingOf(uint64_t pc) {
  const Mapping* mapping = mappings_.Find(pc);
  if (mapping == nullptr && std::chrono::steady_clock::now() - read_at_ >= kMinimumAge) {
    Refresh();
    mapping = mappings_.Find(pc);
  }
  return mapping;
}

bool ProcessCode::IsReady(uint64_t pc) {
  const Mapping* mapping = MappingOf(pc);
  return mapping == nullptr || symbolizer_.IsRead(pid_, *mapping);
}

CodeAddress ProcessCode::Locate(uint64_t pc) {
  const Mapping* mapping = MappingOf(pc);
  if (mapping == nullptr) return {kNoModule, pc, CodeRegion::kUnknown};
  return symbolizer_.Locate(pid_, *mapping, pc);
}

SymbolName ProcessCode::NameOf(const CodeAddress& code) {
  if (code.module != kNoModule) return symbolizer_.NameOf(code);
  return code.region == CodeRegion::kAnonymous ? symbolizer_.NameOfGenerated(pid_, code.address) : SymbolName{};
}

}  // namespace scalene::collector
