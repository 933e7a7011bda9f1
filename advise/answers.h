// What the services say, one event at a time: the only place that knows the shapes of their answers.
// Threads: pure functions.
#pragma once

#include <simdjson.h>

#include <functional>
#include <string>
#include <vector>

namespace scalene::advise {

// What one event adds to an answer.
struct Piece {
  std::string text;
  std::string error;  // a sentence of the service
  bool done = false;  // the answer is complete
  bool cut = false;   // the service stopped at its limit of length
};

using PieceReader = std::function<Piece(const simdjson::dom::element& event)>;

Piece ReadResponsesEvent(const simdjson::dom::element& event);  // OpenAI Responses, streamed
Piece ReadChatEvent(const simdjson::dom::element& event);       // OpenAI Chat and all that copied it, streamed
Piece ReadAnthropicEvent(const simdjson::dom::element& event);  // Anthropic Messages, streamed
Piece ReadGeminiEvent(const simdjson::dom::element& event);     // Gemini, streamed
Piece ReadConverseAnswer(const simdjson::dom::element& event);  // Bedrock Converse, in one piece
Piece ReadOllamaEvent(const simdjson::dom::element& event);     // Ollama, one object a line

// The sentence in an answer that is an error, whatever the service; "" when there is none.
std::string ErrorSentence(const simdjson::dom::element& answer);

// The names of models in a service's list of them.
std::vector<std::string> ReadModelNames(const simdjson::dom::element& answer);

}  // namespace scalene::advise
