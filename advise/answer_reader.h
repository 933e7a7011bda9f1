// AnswerReader: an answer of a service as it arrives, in whatever pieces: the HTTP head, then a body of server-sent
// events, of JSON lines, or one JSON text. What it says comes out as soon as it is complete.
//
//   bytes ─▶ head ─▶ lines ─▶ events ─▶ PieceReader ─▶ text
//
// Everything comes from a stranger: nothing grows without bound, and what is not understood ends the answer.
// Threads: one owner.
#pragma once

#include <simdjson.h>

#include <functional>
#include <string>
#include <string_view>

#include "advise/answers.h"
#include "base/status.h"

namespace scalene::advise {

enum class Framing : uint8_t { kServerSentEvents, kJsonLines, kWhole };

class AnswerReader {
 public:
  using TextSink = std::function<void(std::string_view)>;
  AnswerReader(Framing framing, PieceReader read, TextSink sink)
      : framing_(framing), read_(read), sink_(std::move(sink)) {}

  // False: enough has been heard; Finish says why.
  bool Feed(std::string_view bytes);
  // At the end of the bytes: whether that was a whole answer.
  Status Finish();

  int http_status() const { return http_status_; }  // 0 before the head is complete
  bool cut() const { return cut_; }                 // the service stopped at its limit of length

 private:
  void TakeHead();
  void TakeLines();
  void TakeLine(std::string_view line);
  void TakeEvent(std::string_view json);
  Status Refusal();
  void Trouble(std::string sentence);

  const Framing framing_;
  const PieceReader read_;
  const TextSink sink_;
  simdjson::dom::parser parser_;
  std::string buffer_;  // what is not understood yet
  int http_status_ = 0;
  std::string retry_after_;
  size_t given_ = 0;  // bytes of text
  bool has_head_ = false, cut_ = false, at_end_ = false;
  bool done_ = false;   // the answer is whole; some services say so in every event, so there may be more
  bool ended_ = false;  // nothing more comes
  std::string trouble_;
};

}  // namespace scalene::advise
