#include "collector/symbol_table.h"

#include <algorithm>
#include <limits>

namespace scalene::collector {
namespace {

constexpr uint64_t kUnsized = 0;

// The symbols of the separate debug file of `file`, or none.
std::vector<ElfSymbol> SeparateDebugSymbols(const ElfFile& file) {
  const std::string id = file.BuildId();
  if (id.size() < 4) return {};
  Result<ElfFile> debug = ElfFile::Open("/usr/lib/debug/.build-id/" + id.substr(0, 2) + "/" + id.substr(2) + ".debug");
  if (!debug.ok() || !debug.value().HasSymbolTable() || debug.value().BuildId() != id) return {};
  return debug.value().FunctionSymbols();
}

std::vector<ElfSymbol> BestSymbols(const ElfFile& file) {
  if (!file.HasSymbolTable()) {
    std::vector<ElfSymbol> separate = SeparateDebugSymbols(file);
    if (!separate.empty()) return separate;
  }
  return file.FunctionSymbols();
}

}  // namespace

SymbolTable SymbolTable::Of(const ElfFile& file) {
  SymbolTable table;
  const std::vector<ElfSymbol> symbols = BestSymbols(file);
  const std::vector<uint64_t> starts = file.FunctionStarts();
  auto start = starts.begin();
  for (const ElfSymbol& symbol : symbols) {
    for (; start != starts.end() && *start < symbol.address; ++start) table.Add(*start, kUnsized, "");
    if (start != starts.end() && *start == symbol.address) ++start;
    table.Add(symbol.address, symbol.size, symbol.name);
  }
  for (; start != starts.end(); ++start) table.Add(*start, kUnsized, "");
  for (const ElfSection& section : file.sections()) {
    // Stubs of the linkage table belong to no function; without this they would extend the one before them.
    if (section.name.starts_with(".plt")) table.Add(section.address, section.size, "");
  }
  const auto by_start = [](const Entry& a, const Entry& b) { return a.start < b.start; };
  std::stable_sort(table.entries_.begin(), table.entries_.end(), by_start);
  return table;
}

void SymbolTable::Add(uint64_t start, uint64_t size, std::string_view name) {
  if (!entries_.empty() && entries_.back().start == start) return;  // an alias: the first name will do
  const auto small = static_cast<uint32_t>(std::min<uint64_t>(size, std::numeric_limits<uint32_t>::max()));
  const bool fits = names_.size() + name.size() < std::numeric_limits<uint32_t>::max();
  const uint32_t offset = name.empty() || !fits ? 0 : static_cast<uint32_t>(names_.size());
  entries_.push_back({start, small, offset});
  if (offset != 0) names_.append(name).push_back('\0');
}

uint64_t SymbolTable::EndOf(size_t index) const {
  const Entry& entry = entries_[index];
  const uint64_t next = index + 1 < entries_.size() ? entries_[index + 1].start : std::numeric_limits<uint64_t>::max();
  return entry.size == kUnsized ? next : std::min(next, entry.start + entry.size);
}

SymbolTable::Function SymbolTable::at(size_t index) const {
  const Entry& entry = entries_[index];
  return {entry.start, EndOf(index), std::string_view(names_.c_str() + entry.name)};
}

// The first entry that starts behind `address`.
size_t SymbolTable::IndexBehind(uint64_t address) const {
  // Most questions are about words of data that point anywhere.
  if (entries_.empty() || address < entries_.front().start) return 0;
  if (address >= entries_.back().start) return entries_.size();
  const auto starts_behind = [](uint64_t value, const Entry& entry) { return value < entry.start; };
  const auto next = std::upper_bound(entries_.begin(), entries_.end(), address, starts_behind);
  return static_cast<size_t>(next - entries_.begin());
}

std::optional<SymbolTable::Function> SymbolTable::Find(uint64_t address) const {
  const size_t next = IndexBehind(address);
  if (next == 0 || address >= EndOf(next - 1)) return {};
  return at(next - 1);
}

uint64_t SymbolTable::StartOf(uint64_t address) const {
  const size_t next = IndexBehind(address);
  return next == 0 || address >= EndOf(next - 1) ? 0 : entries_[next - 1].start;
}

std::optional<SymbolTable::Function> SymbolTable::FindName(std::string_view name) const {
  for (size_t i = 0; i < entries_.size(); i++) {
    if (const Function function = at(i); function.name == name) return function;
  }
  return {};
}

}  // namespace scalene::collector
