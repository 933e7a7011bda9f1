#include "advise/answer_reader.h"

#include <algorithm>
#include <charconv>

namespace scalene::advise {
namespace {

constexpr size_t kMostHeadBytes = 64 * 1024;
constexpr size_t kMostEventBytes = 4 << 20;  // of one event, or of an answer in one piece
constexpr size_t kMostTextBytes = 4 << 20;   // of a whole answer: a hundred times the longest useful one
constexpr size_t kMostErrorBytes = 300;      // of a service's own sentence

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 32) == (y | 32); });
}

// The value of a header in a head of CR LF lines; "" when there is none.
std::string HeaderIn(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const size_t colon = line.find(':');
    if (colon == line.npos || !EqualIgnoringCase(line.substr(0, colon), name)) continue;
    const size_t value = line.find_first_not_of(" \t", colon + 1);
    return value == line.npos ? "" : std::string(line.substr(value));
  }
  return {};
}

int StatusIn(std::string_view head) {
  const size_t blank = head.find(' ');
  int status = 0;
  if (!head.starts_with("HTTP/") || blank == head.npos) return 0;
  std::from_chars(head.data() + blank + 1, head.data() + head.size(), status);
  return status;
}

std::string_view Meaning(int status) {
  switch (status) {
    case 400:
      return "it does not understand the request";
    case 401:
      return "the key is missing or not accepted";
    case 403:
      return "the key does not allow this";
    case 404:
      return "there is no such model or address";
    case 413:
      return "the prompt is too long";
    case 429:
      return "too many requests, or nothing left to spend";
    default:
      return status >= 500 ? "it is in trouble" : "it refuses";
  }
}

// One line of printable text, not longer than a sentence.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }, ' ');
  if (text.size() > kMostErrorBytes) {
    size_t end = kMostErrorBytes;
    while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) end--;  // not within a character
    text = text.substr(0, end) + "…";
  }
  return text;
}

}  // namespace

void AnswerReader::Trouble(std::string sentence) {
  if (trouble_.empty()) trouble_ = OneLine(std::move(sentence));
}

bool AnswerReader::Feed(std::string_view bytes) {
  buffer_ += bytes;
  if (!has_head_) TakeHead();
  if (has_head_ && http_status_ == 200 && framing_ != Framing::kWhole) TakeLines();
  if (buffer_.size() > kMostEventBytes) Trouble("it sends more than an answer can be");
  return trouble_.empty() && !ended_;
}

// Heads of 1xx answers come before the one that counts.
void AnswerReader::TakeHead() {
  while (!has_head_ && trouble_.empty()) {
    const size_t end = buffer_.find("\r\n\r\n");
    if (end == buffer_.npos) {
      if (buffer_.size() > kMostHeadBytes) Trouble("what answers there does not speak HTTP");
      return;
    }
    const std::string head = buffer_.substr(0, end);
    buffer_.erase(0, end + 4);
    http_status_ = StatusIn(head);
    if (http_status_ == 0) Trouble("what answers there does not speak HTTP");
    has_head_ = http_status_ >= 200;
    retry_after_ = HeaderIn(head, "retry-after");
  }
}

void AnswerReader::TakeLines() {
  size_t at = 0;
  while (trouble_.empty() && !ended_) {
    const size_t end = buffer_.find('\n', at);
    if (end == buffer_.npos) break;
    std::string_view line = std::string_view(buffer_).substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    TakeLine(line);
    at = end + 1;
  }
  buffer_.erase(0, at);
}

// Of server-sent events only the data counts; every service puts one JSON text into one line of it.
void AnswerReader::TakeLine(std::string_view line) {
  if (framing_ == Framing::kServerSentEvents) {
    if (!line.starts_with("data:")) return;
    line.remove_prefix(5);
  }
  const size_t start = line.find_first_not_of(' ');
  if (start == line.npos) return;
  line.remove_prefix(start);
  if (line == "[DONE]") {
    done_ = ended_ = true;
    return;
  }
  TakeEvent(line);
}

void AnswerReader::TakeEvent(std::string_view json) {
  simdjson::dom::element event;
  if (parser_.parse(json.data(), json.size()).get(event) != simdjson::SUCCESS)
    return Trouble(at_end_ ? "its answer broke off"
                           : "its answer is no valid JSON: " + std::string(json.substr(0, 80)));
  Piece piece = read_(event);
  given_ += piece.text.size();
  if (given_ > kMostTextBytes) return Trouble("it sends more than an answer can be");
  if (!piece.text.empty()) sink_(piece.text);
  done_ = done_ || piece.done;
  cut_ = cut_ || piece.cut;
  if (!piece.error.empty()) Trouble(piece.error);
}

Status AnswerReader::Refusal() {
  std::string sentence = "it answers " + std::to_string(http_status_) + ": " + std::string(Meaning(http_status_));
  if (!retry_after_.empty()) sentence += " (try again after " + OneLine(retry_after_) + " s)";
  simdjson::dom::element answer;
  if (parser_.parse(buffer_).get(answer) == simdjson::SUCCESS) {
    if (const std::string said = ErrorSentence(answer); !said.empty()) sentence += ". It says: " + OneLine(said);
  }
  return Status::Error(sentence);
}

Status AnswerReader::Finish() {
  if (!trouble_.empty()) return Status::Error(trouble_);
  if (!has_head_) return Status::Error("it ended the connection without an answer");
  if (http_status_ != 200) return Refusal();
  if (framing_ == Framing::kWhole) TakeEvent(buffer_);
  // The last line may lack its newline, or more.
  at_end_ = true;
  if (framing_ != Framing::kWhole && !ended_ && !buffer_.empty()) TakeLine(buffer_);
  if (!trouble_.empty()) return Status::Error(trouble_);
  if (!done_) return Status::Error("its answer broke off");
  if (given_ == 0) return Status::Error("its answer is empty");
  return {};
}

}  // namespace scalene::advise
