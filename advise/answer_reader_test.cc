#include "advise/answer_reader.h"

#include <gtest/gtest.h>

#include "advise/providers.h"

namespace scalene::advise {
namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

// One answer of each service, in its own words, that says "fâst".
struct Recorded {
  std::string_view provider, body;
};
constexpr Recorded kRecorded[] = {
    {"openai",
     "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\"}}\n\n"
     "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"fâ\"}\n\n"
     "data: {\"type\":\"response.output_text.delta\",\"delta\":\"st\"}\n\n"
     "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n"},
    {"compatible",
     ": a comment\r\n\r\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{\"content\":\"f\\u00e2\"}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{\"content\":\"st\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n"},
    {"azure", "data: {\"choices\":[]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"fâst\"}}]}\n\ndata: [DONE]\n\n"},
    {"anthropic",
     "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"content\":[]}}\n\n"
     "event: ping\ndata: {\"type\": \"ping\"}\n\n"
     "data: "
     "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
     "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"fâ\"}}\n\n"
     "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"st\"}}\n\n"
     "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
     "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"},
    {"gemini",
     "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hm\",\"thought\":true},{\"text\":\"fâ\"}]}}]}\r\n\r\n"
     "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"st\"}]},\"finishReason\":\"STOP\"}]}\r\n\r\n"},
    {"bedrock",
     "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"fâ\"},{\"text\":\"st\"}]}},"
     "\"stopReason\":\"end_turn\"}"},
    {"ollama",
     "{\"message\":{\"role\":\"assistant\",\"content\":\"fâ\"},\"done\":false}\n"
     "{\"message\":{\"content\":\"st\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true}\n"},
};

struct Heard {
  std::string text;
  Status status;
};

Heard Read(std::string_view provider, std::string_view first, std::string_view second = "") {
  const Provider& row = *FindProvider(provider);
  Heard heard;
  AnswerReader reader(row.framing, row.read, [&](std::string_view text) { heard.text += text; });
  if (reader.Feed(first)) reader.Feed(second);
  heard.status = reader.Finish();
  return heard;
}

std::string Whole(const Recorded& recorded) { return std::string(kHead) + std::string(recorded.body); }

TEST(AnswerReaderTest, EveryServiceOfTheTableHasARecordedAnswer) {
  for (const Provider& provider : Providers()) {
    EXPECT_TRUE(std::any_of(std::begin(kRecorded), std::end(kRecorded), [&](const Recorded& each) {
      return each.provider == provider.id;
    })) << provider.id;
  }
}

TEST(AnswerReaderTest, ReadsEveryServiceWhereverItsStreamIsCut) {
  for (const Recorded& recorded : kRecorded) {
    const std::string whole = Whole(recorded);
    for (size_t cut = 0; cut <= whole.size(); cut++) {
      const Heard heard = Read(recorded.provider, std::string_view(whole).substr(0, cut), whole.substr(cut));
      EXPECT_EQ(heard.text, "fâst") << recorded.provider << " cut at " << cut;
      EXPECT_TRUE(heard.status.ok()) << recorded.provider << " cut at " << cut << ": " << heard.status.message();
    }
  }
}

TEST(AnswerReaderTest, NeverTakesABrokenOffAnswerForAWholeOne) {
  for (const Recorded& recorded : kRecorded) {
    const std::string whole = Whole(recorded);
    for (size_t end = 0; end + 1 < whole.size(); end++) {
      const Heard heard = Read(recorded.provider, std::string_view(whole).substr(0, end));
      if (!heard.status.ok()) continue;
      EXPECT_EQ(heard.text, "fâst") << recorded.provider << " ends at " << end;
    }
  }
}

TEST(AnswerReaderTest, SaysWhatAServiceRefuses) {
  const Heard heard =
      Read("anthropic",
           "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n\r\n"
           "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slow\\ndown\"}}");
  EXPECT_EQ(heard.status.message(),
            "it answers 429: too many requests, or nothing left to spend (try again after 7 s). It says: slow down");
}

TEST(AnswerReaderTest, SaysWhatGoesWrongWithinAStream) {
  const Heard heard =
      Read("anthropic", std::string(kHead) + "data: {\"type\":\"error\",\"error\":{\"message\":\"Overloaded\"}}\n\n");
  EXPECT_EQ(heard.status.message(), "Overloaded");
  EXPECT_EQ(Read("gemini", std::string(kHead) + "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n")
                .status.message(),
            "the prompt was refused: SAFETY");
  EXPECT_EQ(Read("ollama", "HTTP/1.1 404 Not Found\r\n\r\n{\"error\":\"model 'x' not found\"}").status.message(),
            "it answers 404: there is no such model or address. It says: model 'x' not found");
}

TEST(AnswerReaderTest, RefusesWhatIsNoAnswer) {
  EXPECT_EQ(Read("openai", "").status.message(), "it ended the connection without an answer");
  EXPECT_EQ(Read("openai", "SSH-2.0-OpenSSH\r\n\r\n").status.message(), "what answers there does not speak HTTP");
  EXPECT_EQ(Read("openai", std::string(kHead) + "data: {nonsense\n\n").status.message(),
            "its answer is no valid JSON: {nonsense");
  EXPECT_EQ(Read("openai", std::string(kHead) + "<html>").status.message(), "its answer broke off");
  EXPECT_EQ(Read("ollama", std::string(kHead) + "{\"done\":true}\n").status.message(), "its answer is empty");
  EXPECT_EQ(Read("bedrock", std::string(kHead) + std::string(5 << 20, '[')).status.message(),
            "it sends more than an answer can be");
  EXPECT_EQ(Read("bedrock", std::string(kHead) + std::string(5000, '[')).status.message().substr(0, 27),
            "its answer is no valid JSON");
}

}  // namespace
}  // namespace scalene::advise
