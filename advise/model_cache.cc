#include "advise/model_cache.h"

#include <simdjson.h>

#include "advise/private_files.h"
#include "advise/sha256.h"
#include "profile/json_text.h"

namespace scalene::advise {
namespace {

constexpr int64_t kDay = 24 * 60 * 60;
constexpr size_t kMostBytes = size_t{1} << 20;  // a thousand names are 40 KB

std::vector<std::string> NamesIn(const simdjson::dom::object& kept) {
  std::vector<std::string> names;
  simdjson::dom::array models;
  if (kept["models"].get(models) != simdjson::SUCCESS) return names;
  for (const auto model : models) {
    std::string_view name;
    if (model.get(name) != simdjson::SUCCESS || name.empty()) return {};
    names.emplace_back(name);
  }
  return names;
}

}  // namespace

// The address as its hash: some people have more in it than an address.
std::string ModelCache::FileOf(const Provider& provider, const Settings& settings) const {
  const std::string address = Hexadecimal(Sha256(AddressOf(provider, settings))).substr(0, 16);
  return folder_ + "/models-" + std::string(provider.id) + "-" + address + ".json";
}

std::optional<std::vector<std::string>> ModelCache::Find(const Provider& provider, const Settings& settings,
                                                         time_t now) const {
  if (folder_.empty()) return {};
  const std::optional<std::string> text = ReadSmallFile(FileOf(provider, settings), kMostBytes);
  if (!text) return {};
  simdjson::dom::parser parser;
  simdjson::dom::object kept;
  int64_t fetched = 0;
  if (parser.parse(*text).get(kept) != simdjson::SUCCESS || kept["fetched"].get(fetched) != simdjson::SUCCESS)
    return {};
  if (fetched > now || fetched <= now - kDay) return {};
  std::vector<std::string> names = NamesIn(kept);
  if (names.empty()) return {};
  return names;
}

void ModelCache::Keep(const Provider& provider, const Settings& settings, time_t now,
                      const std::vector<std::string>& names) const {
  if (folder_.empty() || names.empty()) return;
  std::string text = "{\"fetched\": " + std::to_string(now) + ", \"models\": [";
  for (const std::string& name : names) {
    if (!text.ends_with('[')) text += ", ";
    profile::AppendJsonString(name, text);
  }
  text += "]}\n";
  if (!MakePrivateFolders(folder_).ok()) return;
  (void)ReplaceFile(FileOf(provider, settings), text, 0600).ok();
}

}  // namespace scalene::advise
