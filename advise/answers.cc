#include "advise/answers.h"

#include <string_view>

namespace scalene::advise {
namespace {

using simdjson::dom::element;

// The text at a JSON pointer; "" when there is none.
std::string_view TextAt(const element& event, std::string_view pointer) {
  std::string_view text;
  return event.at_pointer(pointer).get(text) == simdjson::SUCCESS ? text : std::string_view();
}

bool IsTrueAt(const element& event, std::string_view pointer) {
  bool value = false;
  return event.at_pointer(pointer).get(value) == simdjson::SUCCESS && value;
}

// The texts of the parts of a list, without those that are thoughts.
std::string TextOfParts(const element& event, std::string_view pointer) {
  std::string text;
  simdjson::dom::array parts;
  if (event.at_pointer(pointer).get(parts) != simdjson::SUCCESS) return text;
  for (const element part : parts) {
    if (!IsTrueAt(part, "/thought")) text += TextAt(part, "/text");
  }
  return text;
}

}  // namespace

Piece ReadResponsesEvent(const element& event) {
  const std::string_view type = TextAt(event, "/type");
  if (type == "response.output_text.delta") return {.text = std::string(TextAt(event, "/delta"))};
  if (type == "response.refusal.delta") return {.text = std::string(TextAt(event, "/delta"))};
  if (type == "response.failed") return {.error = std::string(TextAt(event, "/response/error/message"))};
  if (type == "error") return {.error = ErrorSentence(event)};
  return {.done = type == "response.completed" || type == "response.incomplete", .cut = type == "response.incomplete"};
}

Piece ReadChatEvent(const element& event) {
  Piece piece{.text = std::string(TextAt(event, "/choices/0/delta/content")), .error = ErrorSentence(event)};
  const std::string_view reason = TextAt(event, "/choices/0/finish_reason");
  piece.done = !reason.empty();
  piece.cut = reason == "length";
  return piece;
}

Piece ReadAnthropicEvent(const element& event) {
  const std::string_view type = TextAt(event, "/type");
  if (type == "content_block_delta") return {.text = std::string(TextAt(event, "/delta/text"))};
  if (type == "error") return {.error = ErrorSentence(event)};
  return {.done = type == "message_stop", .cut = TextAt(event, "/delta/stop_reason") == "max_tokens"};
}

Piece ReadGeminiEvent(const element& event) {
  Piece piece{.text = TextOfParts(event, "/candidates/0/content/parts"), .error = ErrorSentence(event)};
  if (const std::string_view why = TextAt(event, "/promptFeedback/blockReason"); !why.empty())
    piece.error = "the prompt was refused: " + std::string(why);
  const std::string_view reason = TextAt(event, "/candidates/0/finishReason");
  piece.done = !reason.empty();
  piece.cut = reason == "MAX_TOKENS";
  if (piece.done && !piece.cut && reason != "STOP") piece.error = "the answer was stopped: " + std::string(reason);
  return piece;
}

Piece ReadConverseAnswer(const element& event) {
  Piece piece{.text = TextOfParts(event, "/output/message/content"), .error = ErrorSentence(event)};
  piece.done = !TextAt(event, "/stopReason").empty();
  piece.cut = TextAt(event, "/stopReason") == "max_tokens";
  return piece;
}

Piece ReadOllamaEvent(const element& event) {
  return {.text = std::string(TextAt(event, "/message/content")),
          .error = ErrorSentence(event),
          .done = IsTrueAt(event, "/done"),
          .cut = TextAt(event, "/done_reason") == "length"};
}

std::string ErrorSentence(const element& answer) {
  for (const std::string_view pointer : {"/error/message", "/0/error/message", "/error", "/message", "/Message"}) {
    if (const std::string_view text = TextAt(answer, pointer); !text.empty()) return std::string(text);
  }
  return {};
}

std::vector<std::string> ReadModelNames(const element& answer) {
  std::vector<std::string> names;
  for (const std::string_view list : {"/data", "/models", "/modelSummaries"}) {
    simdjson::dom::array models;
    if (answer.at_pointer(list).get(models) != simdjson::SUCCESS) continue;
    for (const element model : models) {
      for (const std::string_view key : {"/id", "/modelId", "/name"}) {
        std::string_view name = TextAt(model, key);
        if (name.empty()) continue;
        if (name.starts_with("models/")) name.remove_prefix(7);  // Gemini's way of writing them
        names.emplace_back(name);
        break;
      }
    }
  }
  return names;
}

}  // namespace scalene::advise
