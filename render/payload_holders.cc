#include "render/payload_holders.h"

#include <algorithm>
#include <utility>

namespace scalene::render {
namespace {

using profile::Holder;
using profile::Row;

// The kinds of holders that the page shows, by what was waited for.
constexpr std::pair<const char*, std::vector<Holder> Row::*> kKinds[] = {{"gil", &Row::gil_holders},
                                                                         {"lock", &Row::lock_holders}};

}  // namespace

void WriteHolderList(const std::vector<Holder>& holders, JsonWriter& json) {
  json.BeginArray(Layout::kInline);
  for (const Holder& holder : holders) {
    json.BeginArray(Layout::kInline);
    json.String(holder.file);
    json.Integer(holder.line);
    json.Real(holder.sec);
    json.EndArray();
  }
  json.EndArray();
}

void WriteHolders(const std::vector<RowPair>& rows, JsonWriter& json) {
  const auto any = [&rows](auto kind) {
    return std::any_of(rows.begin(), rows.end(),
                       [kind](const RowPair& row) { return row.now && !(row.now->*kind).empty(); });
  };
  bool begun = false;
  for (const auto& [name, kind] : kKinds) {
    if (!any(kind)) continue;
    if (!begun) json.Key("holders"), json.BeginObject(Layout::kInline);
    begun = true;
    json.Key(name);
    json.BeginArray(Layout::kInline);
    for (size_t i = 0; i < rows.size(); i++) {
      if (!rows[i].now || (rows[i].now->*kind).empty()) continue;
      json.BeginArray(Layout::kInline);
      json.Unsigned(i);
      WriteHolderList(rows[i].now->*kind, json);
      json.EndArray();
    }
    json.EndArray();
  }
  if (begun) json.EndObject();
}

}  // namespace scalene::render
