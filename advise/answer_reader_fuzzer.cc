// Any bytes are an answer, half of one, or trouble that is said in a sentence; in how many pieces they come does not matter.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "advise/providers.h"

namespace {

using scalene::advise::AnswerReader;
using scalene::advise::Provider;

struct Heard {
  std::string text, sentence;
  bool ok = false;
  bool operator==(const Heard&) const = default;
};

Heard Read(const Provider& provider, std::string_view first, std::string_view second) {
  Heard heard;
  AnswerReader reader(provider.framing, provider.read, [&](std::string_view text) { heard.text += text; });
  if (reader.Feed(first)) reader.Feed(second);
  const scalene::Status status = reader.Finish();
  heard.ok = status.ok();
  heard.sentence = status.message();
  return heard;
}

}  // namespace

// The first byte chooses the service, the second where the answer is cut in two.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto providers = scalene::advise::Providers();
  const Provider& provider = providers[data[0] % providers.size()];
  const std::string_view answer(reinterpret_cast<const char*>(data + 2), size - 2);
  const size_t cut = answer.size() * data[1] / 255;
  const Heard heard = Read(provider, answer, "");
  if (heard.ok ? heard.text.empty() || !heard.sentence.empty() : heard.sentence.empty()) abort();
  if (heard.sentence.find_first_of("\r\n\x1b") != std::string::npos) abort();
  if (!(Read(provider, answer.substr(0, cut), answer.substr(cut)) == heard)) abort();
  return 0;
}
