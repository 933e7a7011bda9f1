#include "advise/ask.h"

#include <algorithm>

namespace scalene::advise {
namespace {

Status Named(const Provider& provider, const Settings& settings, const HttpCall& call, const std::string& sentence) {
  return Status::Error(std::string(provider.label) + " (" + HostOf(provider, settings) +
                       "): " + Scrubbed(sentence, call.secret));
}

// A refusal says more than how the connection ended; how it ended says more than that the answer is not whole.
const Status& Worst(const Status& fetched, const Status& read, const AnswerReader& reader) {
  return fetched.ok() || reader.http_status() >= 300 ? read : fetched;
}

}  // namespace

Result<Answer> Ask(const Provider& provider, const Settings& settings, const std::string& model,
                   const std::string& prompt, const AnswerReader::TextSink& sink, const std::atomic<bool>& stopped) {
  const Result<HttpCall> call = PromptCall(provider, settings, model, prompt, time(nullptr));
  if (!call.ok()) return call.status();
  Answer answer;
  AnswerReader reader(provider.framing, provider.read, [&](std::string_view text) {
    answer.text += text;
    sink(text);
  });
  const Status fetched = Fetch(
      call.value(), [&](std::string_view bytes) { return reader.Feed(bytes); }, stopped);
  if (const Status read = reader.Finish(); !read.ok())
    return Named(provider, settings, call.value(), Worst(fetched, read, reader).message());
  answer.cut = reader.cut();
  return answer;
}

Result<std::vector<std::string>> FetchModels(const Provider& provider, const Settings& settings,
                                             const std::atomic<bool>& stopped) {
  const Result<HttpCall> call = ModelsCall(provider, settings, time(nullptr));
  if (!call.ok()) return call.status();
  std::vector<std::string> names;
  const auto read_names = [&](const simdjson::dom::element& answer) {
    names = ReadModelNames(answer);
    return Piece{.text = names.empty() ? "" : names.front(), .error = ErrorSentence(answer), .done = true};
  };
  AnswerReader reader(Framing::kWhole, read_names, [](std::string_view) {});
  const Status fetched = Fetch(
      call.value(), [&](std::string_view bytes) { return reader.Feed(bytes); }, stopped);
  if (const Status read = reader.Finish(); !read.ok())
    return Named(provider, settings, call.value(), Worst(fetched, read, reader).message());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::string>> ModelsOf(const Provider& provider, const Settings& settings, const ModelCache& cache,
                                          bool anew, const std::atomic<bool>& stopped) {
  if (!anew) {
    if (auto known = cache.Find(provider, settings, time(nullptr))) return *std::move(known);
  }
  Result<std::vector<std::string>> names = FetchModels(provider, settings, stopped);
  if (names.ok()) cache.Keep(provider, settings, time(nullptr), names.value());
  return names;
}

}  // namespace scalene::advise
