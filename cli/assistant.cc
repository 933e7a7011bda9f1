#include "cli/assistant.h"

#include <simdjson.h>

#include <cstdlib>

#include "advise/apply.h"
#include "advise/ask.h"
#include "advise/credentials.h"
#include "advise/patch.h"
#include "cli/ai_settings.h"
#include "cli/proposal_check.h"
#include "profile/json_text.h"
#include "render/payload_files.h"

namespace scalene::cli {
namespace {

using advise::Provider;
using render::AnswerFeed;
using render::AssistantReply;

constexpr size_t kMostJobs = 4;  // one person asks
constexpr size_t kLongestKey = 4096;
constexpr size_t kMostProposals = 32;  // the oldest is forgotten

AssistantReply Refused(int status, std::string sentence) { return {status, std::move(sentence), nullptr}; }

// ---- JSON, both ways ----

std::string Quoted(std::string_view text) {
  std::string json;
  profile::AppendJsonString(text, json);
  return json;
}

std::string Event(std::string_view key, std::string_view json) {
  return "{" + Quoted(key) + ": " + std::string(json) + "}\n";
}

std::string List(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) json += (json.size() > 1 ? ", " : "") + Quoted(text);
  return json + "]";
}

std::string CheckEvent(const CheckReport& report) {
  return "{\"check\": " + Quoted(report.sentence) + ", \"ok\": " + (report.ok ? "true" : "false") + "}\n";
}

class Body {
 public:
  explicit Body(const std::string& json) : ok_(parser_.parse(json).get(root_) == simdjson::SUCCESS) {}
  std::string Text(std::string_view key) const {
    std::string_view text;
    return ok_ && root_[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
  }
  bool IsTrue(std::string_view key) const {
    bool value = false;
    return ok_ && root_[key].get(value) == simdjson::SUCCESS && value;
  }
  int Number(std::string_view key) const {
    int64_t number = -1;
    const bool found = ok_ && root_[key].get(number) == simdjson::SUCCESS && number >= 0 && number < 1 << 30;
    return found ? static_cast<int>(number) : -1;
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::object root_;
  const bool ok_;
};

}  // namespace

struct Assistant::Question {
  const Provider* provider = nullptr;
  std::string model, prompt;
  SourceFile file;
  advise::Region region;
};

Assistant::~Assistant() { EndJobs(true); }

void Assistant::Show(const profile::Document& document) {
  auto shown = std::make_shared<Shown>();
  for (const render::NamedFile* file : render::FilesByTime(document))
    shown->files.push_back({file->first, advise::ShortName(document, file->first), advise::ProfiledText(file->second)});
  shown->commands = ReprofileCommands(document, place_.profile_path);
  shown->python_version = document.python_version;
  const std::lock_guard lock(mutex_);
  shown_ = std::move(shown);
}

advise::Settings Assistant::SettingsFor(const Provider& provider) {
  const std::lock_guard lock(mutex_);
  const auto typed = typed_keys_.find(provider.id);
  if (typed == typed_keys_.end()) return settings_;
  return settings_.With(std::string(provider.key_variables.front()), typed->second);
}

// Names and servers, never a key.
std::string Assistant::Services() {
  const Provider* chosen = advise::ChosenProvider(settings_);
  std::string json = "{\"providers\": [";
  for (const Provider& provider : advise::Providers()) {
    if (json.back() == '}') json += ", ";
    json += "{\"id\": " + Quoted(provider.id) + ", \"name\": " + Quoted(provider.label) +
            ", \"host\": " + Quoted(advise::HostOf(provider, settings_)) +
            ", \"ready\": " + (advise::IsReady(provider, SettingsFor(provider)) ? "true" : "false") +
            ", \"lists\": " + (provider.models_path.empty() ? "false" : "true") +
            ", \"key\": " + Quoted(provider.key_variables.empty() ? "" : provider.key_variables.front()) +
            ", \"address\": " + Quoted(advise::MissingAddress(provider, settings_)) + "}";
  }
  return json + "], \"chosen\": " + Quoted(chosen ? chosen->id : "") +
         ", \"model\": " + Quoted(settings_.Get("SCALENE_AI_MODEL")) + ", \"check\": " + Quoted(place_.check_command) +
         "}\n";
}

// ---- Questions, each on its own thread ----

void Assistant::EndJobs(bool all) {
  for (Job& job : jobs_) {
    if (all) job.feed->Abandon();
  }
  jobs_.remove_if([&](Job& job) {
    if (!all && !job.ended) return false;
    job.thread.join();
    return true;
  });
}

AssistantReply Assistant::Start(std::function<void(AnswerFeed&)> work) {
  EndJobs(false);
  if (jobs_.size() >= kMostJobs) return Refused(429, "Other questions are still being answered.");
  Job& job = jobs_.emplace_back();
  job.feed = std::make_shared<AnswerFeed>();
  job.thread = std::thread([&job, work = std::move(work)] {
    work(*job.feed);
    job.feed->Finish();
    job.ended = true;
  });
  return {200, "", job.feed};
}

AssistantReply Assistant::Models(const std::string& text) {
  const Body body(text);
  const Provider* provider = advise::FindProvider(body.Text("provider"));
  if (!provider) return Refused(400, "There is no such service.");
  return Start([this, provider, anew = body.IsTrue("anew")](AnswerFeed& feed) {
    const auto names = advise::ModelsOf(*provider, SettingsFor(*provider), models_, anew, feed.abandoned());
    feed.Append(names.ok() ? Event("models", List(names.value())) : Event("error", Quoted(names.message())));
  });
}

// "": it is remembered.
std::string Assistant::ProblemOfRemembering(const std::string& variable, const std::string& key) const {
  const Status kept = advise::RememberCredential(place_.credentials_file, variable, key);
  if (!kept.ok()) return "The key is used until scalene ends, but was not remembered: " + kept.message() + ".";
  const char* set = std::getenv(variable.c_str());
  if (!set || !*set || set == key) return {};
  return "The key is remembered, but the next time " + variable + " of the environment comes first.";
}

// The answer says whether the service can be asked now, and nothing of the key.
AssistantReply Assistant::Key(const std::string& text) {
  const Body body(text);
  const Provider* provider = advise::FindProvider(body.Text("provider"));
  const std::string key = body.Text("key");
  if (!provider || provider->key_variables.empty()) return Refused(400, "That service takes no key.");
  const std::string variable(provider->key_variables.front());
  if (key.empty() || key.size() > kLongestKey || !advise::CheckKey(*provider, key).ok())
    return Refused(400, "That cannot be a key: it is empty, too long, or holds blanks.");
  {
    const std::lock_guard lock(mutex_);
    typed_keys_[provider->id] = key;
  }
  const std::string problem = body.IsTrue("remember") ? ProblemOfRemembering(variable, key) : "";
  return {200,
          std::string("{\"ready\": ") + (advise::IsReady(*provider, SettingsFor(*provider)) ? "true" : "false") +
              ", \"problem\": " + Quoted(problem) + "}\n",
          nullptr};
}

AssistantReply Assistant::Ask(const std::string& text) {
  const Body body(text);
  Question question;
  question.provider = advise::FindProvider(body.Text("provider"));
  question.model = body.Text("model");
  question.prompt = body.Text("prompt");
  question.region = {body.Number("start"), body.Number("end")};
  const int file = body.Number("file");
  {
    const std::lock_guard lock(mutex_);
    const bool known = shown_ && file >= 0 && static_cast<size_t>(file) < shown_->files.size();
    if (!question.provider || question.prompt.empty() || !known || question.region.start < 1)
      return Refused(400, "That is no question about a line of this profile.");
    question.file = shown_->files[static_cast<size_t>(file)];
  }
  return Start([this, question](AnswerFeed& feed) { Answer(question, feed); });
}

void Assistant::Answer(const Question& question, AnswerFeed& feed) {
  const Result<advise::Answer> answer = advise::Ask(
      *question.provider, SettingsFor(*question.provider), question.model, question.prompt,
      [&](std::string_view text) { feed.Append(Event("text", Quoted(text))); }, feed.abandoned());
  feed.Append(answer.ok() ? ProposalEvent(question, answer->text, answer->cut)
                          : Event("error", Quoted(answer.message())));
}

std::string Assistant::ProposalEvent(const Question& question, const std::string& answer, bool cut) {
  const SourceFile& file = question.file;
  const Result<std::string> now = advise::Proposed(file.text, question.region, answer, file.name);
  if (!now.ok()) return Event("problem", Quoted(now.message() + (cut ? "; the answer was cut off" : "")));
  const std::lock_guard lock(mutex_);
  proposals_[++last_proposal_] = {file.path, file.text, now.value()};
  if (proposals_.size() > kMostProposals) proposals_.erase(proposals_.begin());
  return "{\"proposal\": " + std::to_string(last_proposal_) +
         ", \"diff\": " + Quoted(advise::UnifiedDiff(file.text, now.value(), file.name)) +
         ", \"problem\": " + Quoted(advise::SyntaxTrouble(file.text, now.value())) + "}\n";
}

AssistantReply Assistant::Apply(const std::string& text) {
  const int number = Body(text).Number("proposal");
  Proposal proposal;
  std::vector<std::string> commands;
  {
    const std::lock_guard lock(mutex_);
    const auto found = proposals_.find(number);
    if (found == proposals_.end()) return Refused(404, "There is no such proposal any more.");
    proposal = found->second;
    if (shown_) commands = shown_->commands;
  }
  const Result<std::string> backup = advise::ApplyWithBackup(proposal.path, proposal.before, proposal.now);
  if (!backup.ok()) return Refused(409, backup.message());
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = proposals_.find(number); found != proposals_.end()) found->second.applied = true;
  }
  return {200, "{\"backup\": " + Quoted(backup.value()) + ", \"commands\": " + List(commands) + "}\n", nullptr};
}

// ---- Checks ----

// The user's tests see the file, so they are of use only once the proposal stands in it.
void Assistant::CheckProposal(const Proposal& proposal, const std::string& version, AnswerFeed& feed) {
  const CheckReport syntax = CheckSyntax(proposal.before, proposal.now, version, feed.abandoned());
  feed.Append(CheckEvent(syntax));
  if (!syntax.ok || !proposal.applied || place_.check_command.empty()) return;
  const auto pass_on = [&](std::string_view bytes) { feed.Append(Event("output", Quoted(bytes))); };
  feed.Append(CheckEvent(RunCheckCommand(place_.check_command, pass_on, feed.abandoned())));
}

AssistantReply Assistant::Check(const std::string& text) {
  const int number = Body(text).Number("proposal");
  const std::lock_guard lock(mutex_);
  const auto found = proposals_.find(number);
  if (found == proposals_.end()) return Refused(404, "There is no such proposal any more.");
  return Start([this, proposal = found->second, version = shown_ ? shown_->python_version : ""](AnswerFeed& feed) {
    CheckProposal(proposal, version, feed);
  });
}

}  // namespace scalene::cli
