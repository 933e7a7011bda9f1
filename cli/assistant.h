// Assistant: what the served page may do with AI services. The page names a service, a model and a file of the profile by
// its number; keys, addresses and paths stay here. A proposal is kept under a number until the page asks to apply it, so
// the page can write nothing but what it was shown. A key that is typed in the page comes here and goes nowhere else but
// to its service, and to the user's credentials file if that is asked for.
// Threads: the server's calls what the page asks; Show may come from any. Each question runs on a thread of
// its own and ends with the Assistant.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "advise/model_cache.h"
#include "advise/settings.h"
#include "profile/document.h"
#include "render/view_service.h"

namespace scalene::cli {

class Assistant : public render::PageAssistant {
 public:
  struct Place {
    std::string credentials_file, cache_folder;  // "": there is none
    std::string profile_path;
    std::string check_command;  // of the command line; "": none
  };
  Assistant(advise::Settings settings, Place place)
      : settings_(std::move(settings)), place_(std::move(place)), models_(place_.cache_folder) {}
  ~Assistant() override;

  // The profile that the page shows from now on.
  void Show(const profile::Document& document);

  std::string Services() override;
  render::AssistantReply Ask(const std::string& body) override;
  render::AssistantReply Models(const std::string& body) override;
  render::AssistantReply Key(const std::string& body) override;
  render::AssistantReply Apply(const std::string& body) override;
  render::AssistantReply Check(const std::string& body) override;

 private:
  struct SourceFile {
    std::string path, name, text;
  };
  struct Shown {
    std::vector<SourceFile> files;  // in the order of the payload's
    std::vector<std::string> commands;
    std::string python_version;
  };
  struct Proposal {
    std::string path, before, now;
    bool applied = false;
  };
  struct Job {
    std::shared_ptr<render::AnswerFeed> feed;
    std::atomic<bool> ended{false};
    std::thread thread;
  };
  struct Question;

  // With the key that was typed for it.
  advise::Settings SettingsFor(const advise::Provider& provider);
  std::string ProblemOfRemembering(const std::string& variable, const std::string& key) const;
  render::AssistantReply Start(std::function<void(render::AnswerFeed&)> work);
  void EndJobs(bool all);
  void Answer(const Question& question, render::AnswerFeed& feed);
  void CheckProposal(const Proposal& proposal, const std::string& version, render::AnswerFeed& feed);
  std::string ProposalEvent(const Question& question, const std::string& answer, bool cut);

  const advise::Settings settings_;
  const Place place_;
  const advise::ModelCache models_;
  std::list<Job> jobs_;                                 // the server's thread's
  std::mutex mutex_;                                    // guards all below
  std::map<std::string_view, std::string> typed_keys_;  // by the id of the service
  std::shared_ptr<const Shown> shown_;
  std::map<int, Proposal> proposals_;
  int last_proposal_ = 0;
};

}  // namespace scalene::cli
