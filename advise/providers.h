// The services that answer prompts: one table, one row each. A new service is one row; the command line, the server of
// the page, its menu, the guide's table and the tests read nothing else.
// Threads: constant data, pure functions.
#pragma once

#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "advise/answer_reader.h"
#include "advise/aws_signature.h"
#include "advise/settings.h"
#include "base/status.h"

namespace scalene::advise {

// One HTTP request, ready to be sent. Holds the key: never print it.
struct HttpCall {
  std::string url;
  Headers headers;
  std::string body;        // "" : GET
  std::string secret;      // what must not be seen in anything that comes back
  int patience_sec = 120;  // of silence
};

enum class Authorization : uint8_t { kNone, kBearer, kHeader, kAmazon };

struct Provider {
  std::string_view id;                          // on command lines
  std::string_view label;                       // for people
  std::string_view address_variable;            // setting that names the server
  std::string_view address;                     // without one; {region} is filled in; "": there must be one
  std::string_view path;                        // {model} is filled in, percent-encoded
  std::string_view models_path;                 // of the list of models; "": there is none
  std::vector<std::string_view> key_variables;  // settings that hold the key, best first
  Authorization authorization = Authorization::kNone;
  std::string_view key_header;  // of kHeader
  bool needs_key = true;
  std::string_view more_header, more_value;  // a header that goes with every request
  std::string (*body)(std::string_view model, std::string_view prompt) = nullptr;
  Framing framing = Framing::kServerSentEvents;
  Piece (*read)(const simdjson::dom::element& event) = nullptr;
};

// In the order in which they are tried when none is named.
std::span<const Provider> Providers();

// By id, or nullptr.
const Provider* FindProvider(std::string_view id);

// Whether the settings hold all that it needs.
bool IsReady(const Provider& provider, const Settings& settings);

// SCALENE_AI_PROVIDER, else the first that is ready, else nullptr.
const Provider* ChosenProvider(const Settings& settings);

// Where it is: "https://api.anthropic.com"; "" when no setting says so.
std::string AddressOf(const Provider& provider, const Settings& settings);

// The name of the setting that is missing for its address; "" when none is.
std::string_view MissingAddress(const Provider& provider, const Settings& settings);

// Whether a text can be a key of that service.
Status CheckKey(const Provider& provider, const std::string& key);

// The server's name as people read it: "api.anthropic.com". What leaves goes there and nowhere else.
std::string HostOf(const Provider& provider, const Settings& settings);

Result<HttpCall> PromptCall(const Provider& provider, const Settings& settings, const std::string& model,
                            std::string_view prompt, time_t now);
Result<HttpCall> ModelsCall(const Provider& provider, const Settings& settings, time_t now);

}  // namespace scalene::advise
