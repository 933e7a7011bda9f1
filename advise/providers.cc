#include "advise/providers.h"

#include <charconv>

#include "profile/json_text.h"

namespace scalene::advise {
namespace {

constexpr std::string_view kMostTokens = "8192";  // of an answer: several times the longest function worth changing

// ---- Bodies: the prompt as it was shown, and nothing else that speaks to the model ----

std::string Quoted(std::string_view text) {
  std::string json;
  profile::AppendJsonString(text, json);
  return json;
}

std::string ResponsesBody(std::string_view model, std::string_view prompt) {
  return "{\"model\": " + Quoted(model) + ", \"input\": " + Quoted(prompt) +
         ", \"max_output_tokens\": " + std::string(kMostTokens) + ", \"store\": false, \"stream\": true}";
}

std::string Messages(std::string_view prompt) { return "[{\"role\": \"user\", \"content\": " + Quoted(prompt) + "}]"; }

// Without a limit of length: its name differs from server to server, and all have one of their own.
std::string ChatBody(std::string_view model, std::string_view prompt) {
  return "{\"model\": " + Quoted(model) + ", \"messages\": " + Messages(prompt) + ", \"stream\": true}";
}

std::string AnthropicBody(std::string_view model, std::string_view prompt) {
  return "{\"model\": " + Quoted(model) + ", \"max_tokens\": " + std::string(kMostTokens) +
         ", \"messages\": " + Messages(prompt) + ", \"stream\": true}";
}

std::string GeminiBody(std::string_view, std::string_view prompt) {
  return "{\"contents\": [{\"role\": \"user\", \"parts\": [{\"text\": " + Quoted(prompt) +
         "}]}], \"generationConfig\": {\"maxOutputTokens\": " + std::string(kMostTokens) + "}}";
}

std::string ConverseBody(std::string_view, std::string_view prompt) {
  return "{\"messages\": [{\"role\": \"user\", \"content\": [{\"text\": " + Quoted(prompt) +
         "}]}], \"inferenceConfig\": {\"maxTokens\": " + std::string(kMostTokens) + "}}";
}

// ---- The table ----

const Provider kProviders[] = {
    {.id = "bedrock",
     .label = "Amazon Bedrock",
     .address_variable = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
     .address = "https://bedrock-runtime.{region}.amazonaws.com",
     .path = "/model/{model}/converse",
     .key_variables = {"AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY"},
     .authorization = Authorization::kAmazon,
     .body = ConverseBody,
     .framing = Framing::kWhole,
     .read = ReadConverseAnswer},
    {.id = "anthropic",
     .label = "Anthropic",
     .address_variable = "ANTHROPIC_BASE_URL",
     .address = "https://api.anthropic.com",
     .path = "/v1/messages",
     .models_path = "/v1/models?limit=1000",
     .key_variables = {"ANTHROPIC_API_KEY"},
     .authorization = Authorization::kHeader,
     .key_header = "x-api-key",
     .more_header = "anthropic-version",
     .more_value = "2023-06-01",
     .body = AnthropicBody,
     .read = ReadAnthropicEvent},
    {.id = "azure",
     .label = "Azure OpenAI",
     .address_variable = "AZURE_OPENAI_ENDPOINT",
     .path = "/openai/v1/chat/completions",
     .key_variables = {"AZURE_OPENAI_API_KEY"},
     .authorization = Authorization::kHeader,
     .key_header = "api-key",
     .body = ChatBody,
     .read = ReadChatEvent},
    {.id = "gemini",
     .label = "Google Gemini",
     .address_variable = "GOOGLE_GEMINI_BASE_URL",
     .address = "https://generativelanguage.googleapis.com",
     .path = "/v1beta/models/{model}:streamGenerateContent?alt=sse",
     .models_path = "/v1beta/models?pageSize=1000",
     .key_variables = {"GEMINI_API_KEY", "GOOGLE_API_KEY"},
     .authorization = Authorization::kHeader,
     .key_header = "x-goog-api-key",
     .body = GeminiBody,
     .read = ReadGeminiEvent},
    // Before OpenAI: who has set another address means the key for it.
    {.id = "compatible",
     .label = "OpenAI-compatible server",
     .address_variable = "OPENAI_BASE_URL",
     .path = "/chat/completions",
     .models_path = "/models",
     .key_variables = {"OPENAI_API_KEY"},
     .authorization = Authorization::kBearer,
     .needs_key = false,
     .body = ChatBody,
     .read = ReadChatEvent},
    {.id = "openai",
     .label = "OpenAI",
     .address = "https://api.openai.com",
     .path = "/v1/responses",
     .models_path = "/v1/models",
     .key_variables = {"OPENAI_API_KEY"},
     .authorization = Authorization::kBearer,
     .body = ResponsesBody,
     .read = ReadResponsesEvent},
    {.id = "ollama",
     .label = "Ollama, on this machine",
     .address_variable = "OLLAMA_HOST",
     .address = "http://localhost:11434",
     .path = "/api/chat",
     .models_path = "/api/tags",
     .needs_key = false,
     .body = ChatBody,
     .framing = Framing::kJsonLines,
     .read = ReadOllamaEvent},
};

// ---- Addresses ----

std::string Replaced(std::string text, std::string_view field, std::string_view value) {
  const size_t at = text.find(field);
  return at == text.npos ? text : text.replace(at, field.size(), value);
}

std::string RegionOf(const Settings& settings) {
  const std::string region = settings.FirstOf({"AWS_REGION", "AWS_DEFAULT_REGION"});
  return region.empty() ? "us-east-1" : region;
}

std::string HostIn(const std::string& address) {
  const size_t start = address.find("://");
  if (start == address.npos) return {};
  std::string host = address.substr(start + 3);
  return host.substr(0, host.find_first_of("/?#"));
}

bool IsLoopback(std::string host) {
  host = host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

bool IsPlainText(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 32 || static_cast<unsigned char>(c) >= 127) return false;
  }
  return true;
}

// Keys and source go over an encrypted connection, or stay on this machine.
Status CheckAddress(const std::string& address, std::string_view name) {
  const std::string host = HostIn(address);
  if (host.empty() || host.find('@') != host.npos || !IsPlainText(address))
    return Status::Error("the address of " + std::string(name) + ", '" + address + "', is none");
  if (address.starts_with("https://") || (address.starts_with("http://") && IsLoopback(host))) return {};
  return Status::Error("the address of " + std::string(name) + " must begin with https://, or be of this machine");
}

// ---- Keys ----

std::string Names(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : " or ") + std::string(name);
  return text;
}

// The address's part behind the server, without the question.
std::string PathIn(const std::string& url) {
  const size_t path = url.find('/', url.find("://") + 3);
  return path == url.npos ? "/" : url.substr(path, url.find('?') - path);
}

void AddAmazonHeaders(const Settings& settings, time_t now, HttpCall& call) {
  if (const std::string token = settings.Get("AWS_BEARER_TOKEN_BEDROCK"); !token.empty()) {
    call.headers.emplace_back("authorization", "Bearer " + token);
    return;
  }
  const AwsKey key{settings.Get("AWS_ACCESS_KEY_ID"), settings.Get("AWS_SECRET_ACCESS_KEY"),
                   settings.Get("AWS_SESSION_TOKEN"), RegionOf(settings)};
  const AwsRequest request{call.body.empty() ? "GET" : "POST", HostIn(call.url), PathIn(call.url), call.headers,
                           call.body};
  for (auto& header : AwsSignature(request, key, "bedrock", now)) call.headers.push_back(std::move(header));
}

void AddAuthorization(const Provider& provider, const Settings& settings, time_t now, HttpCall& call) {
  if (provider.authorization == Authorization::kAmazon) return AddAmazonHeaders(settings, now, call);
  if (call.secret.empty()) return;
  if (provider.authorization == Authorization::kBearer)
    call.headers.emplace_back("authorization", "Bearer " + call.secret);
  if (provider.authorization == Authorization::kHeader) call.headers.emplace_back(provider.key_header, call.secret);
}

int PatienceOf(const Settings& settings) {
  const std::string text = settings.Get("SCALENE_AI_PATIENCE");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds > 0 ? seconds : HttpCall().patience_sec;
}

Result<HttpCall> CallOf(const Provider& provider, const Settings& settings, const std::string& path, std::string body,
                        time_t now) {
  const std::string address = AddressOf(provider, settings);
  if (address.empty())
    return Status::Error(std::string(provider.label) + " needs an address: set " +
                         std::string(provider.address_variable));
  if (Status status = CheckAddress(address, provider.label); !status.ok()) return status;
  HttpCall call{.url = address + path, .secret = settings.FirstOf(provider.key_variables)};
  call.patience_sec = PatienceOf(settings);
  call.body = std::move(body);
  if (Status status = CheckKey(provider, call.secret); !status.ok()) return status;
  if (!call.body.empty()) call.headers.emplace_back("content-type", "application/json");
  if (!provider.more_header.empty()) call.headers.emplace_back(provider.more_header, provider.more_value);
  AddAuthorization(provider, settings, now, call);
  return call;
}

}  // namespace

std::string AddressOf(const Provider& provider, const Settings& settings) {
  std::string address = settings.Get("SCALENE_AI_ADDRESS");
  if (address.empty()) address = settings.Get(provider.address_variable);
  if (address.empty()) address = Replaced(std::string(provider.address), "{region}", RegionOf(settings));
  if (!address.empty() && address.find("://") == address.npos) address = "http://" + address;  // OLLAMA_HOST=host:port
  while (address.ends_with('/')) address.pop_back();
  return address;
}

std::string_view MissingAddress(const Provider& provider, const Settings& settings) {
  return AddressOf(provider, settings).empty() ? provider.address_variable : std::string_view();
}

Status CheckKey(const Provider& provider, const std::string& key) {
  if (key.empty() && provider.needs_key)
    return Status::Error(std::string(provider.label) + " needs a key: set " + Names(provider.key_variables));
  if (!IsPlainText(key)) return Status::Error(Names(provider.key_variables) + " holds characters that no key has");
  return {};
}

std::span<const Provider> Providers() { return kProviders; }

const Provider* FindProvider(std::string_view id) {
  for (const Provider& provider : kProviders) {
    if (provider.id == id) return &provider;
  }
  return nullptr;
}

bool IsReady(const Provider& provider, const Settings& settings) {
  const bool addressed = !provider.address.empty() || !settings.Get(provider.address_variable).empty();
  const bool keyed = !provider.needs_key || !settings.FirstOf(provider.key_variables).empty();
  // A server that wants neither key nor address is there only for who says so.
  const bool said = provider.needs_key || !settings.Get(provider.address_variable).empty();
  return addressed && keyed && said;
}

const Provider* ChosenProvider(const Settings& settings) {
  if (const std::string id = settings.Get("SCALENE_AI_PROVIDER"); !id.empty()) return FindProvider(id);
  for (const Provider& provider : kProviders) {
    if (IsReady(provider, settings)) return &provider;
  }
  return nullptr;
}

std::string HostOf(const Provider& provider, const Settings& settings) { return HostIn(AddressOf(provider, settings)); }

Result<HttpCall> PromptCall(const Provider& provider, const Settings& settings, const std::string& model,
                            std::string_view prompt, time_t now) {
  if (model.empty()) return Status::Error(std::string(provider.label) + " needs the name of a model");
  const std::string path = Replaced(std::string(provider.path), "{model}", UriEncoded(model));
  return CallOf(provider, settings, path, provider.body(model, prompt), now);
}

Result<HttpCall> ModelsCall(const Provider& provider, const Settings& settings, time_t now) {
  if (provider.models_path.empty())
    return Status::Error(std::string(provider.label) + " has no list of models; any name may be given");
  return CallOf(provider, settings, std::string(provider.models_path), "", now);
}

}  // namespace scalene::advise
