// SampleFolder: resolves a sample's frames and adds its weight to the counts. One for the run; what belongs to a process
// comes in as a ProcessContext.
//
//   frames ─▶ code objects ─▶ filter ─▶ innermost profiled line (or outside) + stack of profiled frames + timeline
//
// Threads: one owner.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "collector/code_objects.h"
#include "profile/file_filter.h"
#include "profile/folded_counts.h"
#include "profile/marked_functions.h"
#include "profile/python_environment.h"
#include "profile/source_cache.h"
#include "profile/tables.h"
#include "profile/timeline.h"

namespace scalene::collector {

// What folding a sample needs of its process.
struct ProcessContext {
  // A line where a sample fell, and when: good for what happens shortly after.
  struct RecentLine {
    profile::LineKey line;
    profile::FrameData frame;
    profile::StackId stack;
    double time_sec = -1e9;
  };
  // The waits of a process with one thread of Python, seen from outside: in C for threads of C, which it drives meanwhile, or
  // in a way that drives nobody. Samples are folded later than waits are seen, so some stretches are kept.
  class Waits {
   public:
    struct Stretch {
      double since_sec, until_sec;
      std::optional<RecentLine> drives;  // from there
    };
    void Note(double now_sec, std::optional<RecentLine> drives);
    // nullptr: it was not seen to wait then.
    const Stretch* At(double time_sec) const;

   private:
    std::deque<Stretch> stretches_;  // by time
  };
  CodeObjects& codes;
  const profile::PythonEnvironment& environment;
  profile::FoldedCounts& counts;
  const Waits& waits;
  RecentLine& driver;     // where Python last drove native code: native threads without Python are credited to it
  RecentLine& last_line;  // of the sampled thread
};

class SampleFolder {
 public:
  SampleFolder(profile::FilterOptions filter, bool keep_stacks);
  ~SampleFolder();

  // `thread`: what the profile calls its thread_id. False: the frames could not be read and no recent line stands in for
  // them, so the sample's time is lost.
  bool Fold(ProcessContext process, const wire::SampleEvent& event, const profile::FoldedSample& sample,
            uint64_t thread);
  // First line of the function that the line belongs to: by the source, or by the code object where there is none.
  int FunctionLineOf(const profile::LineKey& line, const profile::FrameData& frame);
  // Where a stack stands.
  struct Standing {
    bool profiled = false;
    ProcessContext::RecentLine line;  // of the innermost profiled frame; its time is not set
    wire::FrameEntry frame{};         // that frame itself
    profile::StringId outside;        // without one: the file of the innermost frame
  };
  Standing Find(ProcessContext& process, std::span<const wire::FrameEntry> frames);
  // The stack of a place with a synthetic leaf: "[wait] sleep".
  profile::StackId StackOfWait(const ProcessContext::RecentLine& line, profile::WaitReason reason);
  // The same of a task: "[await] fetch (Task-7)"; without a name, "[await] fetch".
  profile::StackId StackOfAwait(const ProcessContext::RecentLine& line, const std::string& task);
  // Whether a stack has a frame of the same function.
  bool IsOnStack(const profile::FrameData& function, profile::StackId stack) const;
  void AddToTimeline(uint64_t thread, profile::StackId stack, double time_sec);
  // Nothing earlier is to come.
  void SettleTimeline() { timeline_.Settle(); }
  // A function was decorated with @profile: from now on only marked functions (with the code nested in them) count.
  void Mark(const CodeObject& code, const profile::PythonEnvironment& environment);

  profile::SourceCache& sources() { return sources_; }
  const profile::StringTable& strings() const { return strings_; }
  const profile::FrameTable& frames() const { return frames_; }
  const profile::StackTable& stacks() const { return stacks_; }
  const profile::Timeline& timeline() const { return timeline_; }
  const profile::MarkedFunctions& marked() const { return marked_; }
  int64_t unknown_codes() const { return unknown_codes_; }

 private:
  // One frame of the sample at hand.
  struct Resolved {
    CodeObject* code = nullptr;  // nullptr: never described
    int line = 0;
    bool profiled = false;
    profile::FrameData data;  // of profiled frames
  };
  // What lies outside the frame at hand.
  struct Surroundings {
    const Resolved* caller = nullptr;  // the calling frame, if it is a profiled one
    const Resolved* text = nullptr;    // the nearest frame of executed text
  };
  void Resolve(ProcessContext& process, std::span<const wire::FrameEntry> frames);
  void ResolveFrame(ProcessContext& process, const wire::FrameEntry& frame, const Surroundings& around, Resolved& out);
  bool DecideFile(ProcessContext& process, CodeObject& code, const Surroundings& around);
  std::string KeyOfExecuted(const CodeObject& code, const Surroundings& around);
  std::string SuffixOfText(const std::string& place, const CodeObject& code);
  profile::FileFilter& FilterFor(const profile::PythonEnvironment& environment);
  profile::StackId StackOfProfiledFrames();
  profile::StackId WithLeaf(const ProcessContext::RecentLine& line, const std::string& name);
  void FoldInto(ProcessContext& process, const ProcessContext::RecentLine& line, const profile::FoldedSample& sample);
  void FoldNativeThread(ProcessContext& process, const profile::FoldedSample& sample);

  const profile::FilterOptions filter_options_;
  const bool keep_stacks_;
  std::unique_ptr<profile::FileFilter> filter_;  // from the first sample on
  std::set<std::string> interpreters_;           // whose libraries it knows
  profile::SourceCache sources_;
  profile::StringTable strings_;
  profile::FrameTable frames_;
  profile::StackTable stacks_;
  profile::Timeline timeline_;
  profile::MarkedFunctions marked_;
  std::map<std::string, std::map<size_t, size_t>> texts_of_line_;  // place -> text (its hash) -> its number
  int64_t unknown_codes_ = 0;
  std::vector<Resolved> resolved_;  // of the sample at hand, leaf first
};

}  // namespace scalene::collector
