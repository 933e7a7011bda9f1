#include "collector/sample_folder.h"

#include <algorithm>
#include <utility>

namespace scalene::collector {
namespace {

constexpr double kDriverAgeSec = 0.1;     // a native worker is driven by whoever called into C this recently
constexpr double kLookSec = 0.025;        // looks at waits come some 10 ms after each other
constexpr double kLastLineAgeSec = 0.05;  // a thread is still where it was
constexpr char kNativeThreads[] = "<native threads>";

bool IsExecutedText(const std::string& key) { return !profile::FileOfExecutedText(key).empty(); }

}  // namespace

SampleFolder::SampleFolder(profile::FilterOptions filter, bool keep_stacks)
    : filter_options_(std::move(filter)), keep_stacks_(keep_stacks) {}
SampleFolder::~SampleFolder() = default;

bool SampleFolder::Fold(ProcessContext process, const wire::SampleEvent& event, const profile::FoldedSample& sample,
                        uint64_t thread) {
  if (event.record.flags & wire::kSampleTorn) {
    if (sample.time_sec - process.last_line.time_sec > kLastLineAgeSec) return false;
    FoldInto(process, process.last_line, sample);
    return true;
  }
  if (event.frames.empty()) {
    FoldNativeThread(process, sample);
    return true;
  }
  Standing place = Find(process, event.frames);
  if (!place.profiled) {
    process.counts.AddOutside(place.outside, sample);
    return true;
  }
  place.line.time_sec = sample.time_sec;
  FoldInto(process, place.line, sample);
  AddToTimeline(thread, place.line.stack, sample.time_sec);
  process.last_line = place.line;
  if (sample.kind == profile::CpuKind::kNative) process.driver = process.last_line;
  return true;
}

int SampleFolder::FunctionLineOf(const profile::LineKey& line, const profile::FrameData& frame) {
  const profile::Outline& outline = sources_.Get(strings_.Get(line.file)).outline;
  if (!outline.parsed()) return frame.first_line;
  const profile::FunctionOutline* function = outline.FunctionAt(line.line);
  return function != nullptr ? function->first_line : 0;
}

SampleFolder::Standing SampleFolder::Find(ProcessContext& process, std::span<const wire::FrameEntry> frames) {
  Resolve(process, frames);
  const auto leaf = std::find_if(resolved_.begin(), resolved_.end(), [](const Resolved& f) { return f.profiled; });
  Standing place;
  if (leaf == resolved_.end()) {
    const CodeObject* innermost = resolved_.empty() ? nullptr : resolved_.front().code;
    place.outside = strings_.Intern(innermost == nullptr ? "" : innermost->file);
    return place;
  }
  place.profiled = true;
  place.frame = frames[static_cast<size_t>(leaf - resolved_.begin())];
  place.line.line = {leaf->data.file, leaf->data.line};
  place.line.frame = leaf->data;
  if (keep_stacks_) place.line.stack = StackOfProfiledFrames();
  return place;
}

profile::StackId SampleFolder::StackOfWait(const ProcessContext::RecentLine& line, profile::WaitReason reason) {
  std::string name = "[wait] " + std::string(profile::NameOf(reason));
  std::replace(name.begin(), name.end(), '_', ' ');
  return WithLeaf(line, name);
}

// The task's innermost coroutine is the leaf itself, under another name.
profile::StackId SampleFolder::StackOfAwait(const ProcessContext::RecentLine& line, const std::string& task) {
  if (!line.stack) return {};
  const std::string name = "[await] " + strings_.Get(line.frame.function) + (task.empty() ? "" : " (" + task + ")");
  ProcessContext::RecentLine outer = line;
  outer.stack = stacks_.ParentOf(line.stack);
  return WithLeaf(outer, name);
}

profile::StackId SampleFolder::WithLeaf(const ProcessContext::RecentLine& line, const std::string& name) {
  profile::FrameData leaf = line.frame;
  leaf.function = strings_.Intern(name);
  return keep_stacks_ ? stacks_.Push(line.stack, frames_.Intern(leaf)) : profile::StackId{};
}

bool SampleFolder::IsOnStack(const profile::FrameData& function, profile::StackId stack) const {
  for (; stack; stack = stacks_.ParentOf(stack)) {
    const profile::FrameData& frame = frames_.Get(stacks_.LeafOf(stack));
    if (frame.file == function.file && frame.function == function.function && frame.first_line == function.first_line)
      return true;
  }
  return false;
}

void SampleFolder::AddToTimeline(uint64_t thread, profile::StackId stack, double time_sec) {
  if (stack) timeline_.Add(thread, stack, time_sec);
}

void SampleFolder::FoldInto(ProcessContext& process, const ProcessContext::RecentLine& line,
                            const profile::FoldedSample& sample) {
  process.counts.AddToLine(line.line, line.frame, sample);
  process.counts.AddToStack(line.stack, sample);
}

void ProcessContext::Waits::Note(double now_sec, std::optional<RecentLine> drives) {
  constexpr size_t kMost = 64;
  const bool goes_on = !stretches_.empty() && now_sec - stretches_.back().until_sec < kLookSec &&
                       stretches_.back().drives.has_value() == drives.has_value() &&
                       (!drives || stretches_.back().drives->line == drives->line);
  if (goes_on) {
    stretches_.back().until_sec = now_sec;
    return;
  }
  stretches_.push_back({now_sec, now_sec, std::move(drives)});
  if (stretches_.size() > kMost) stretches_.pop_front();
}

const ProcessContext::Waits::Stretch* ProcessContext::Waits::At(double time_sec) const {
  for (auto stretch = stretches_.rbegin(); stretch != stretches_.rend(); ++stretch) {
    if (stretch->since_sec - kLookSec / 2 > time_sec) continue;
    return time_sec <= stretch->until_sec + kLookSec / 2 ? &*stretch : nullptr;
  }
  return nullptr;
}

void SampleFolder::FoldNativeThread(ProcessContext& process, const profile::FoldedSample& sample) {
  if (const ProcessContext::Waits::Stretch* wait = process.waits.At(sample.time_sec)) {
    if (wait->drives) return FoldInto(process, *wait->drives, sample);
    process.counts.AddOutside(strings_.Intern(kNativeThreads), sample);
    return;
  }
  const bool driven = sample.time_sec - process.driver.time_sec <= kDriverAgeSec;
  if (driven) return FoldInto(process, process.driver, sample);
  process.counts.AddOutside(strings_.Intern(kNativeThreads), sample);
}

// Outermost first, since text run by exec() takes its name from the frame that runs it.
void SampleFolder::Resolve(ProcessContext& process, std::span<const wire::FrameEntry> frames) {
  resolved_.assign(frames.size(), {});
  Surroundings around;
  for (size_t i = frames.size(); i-- > 0;) {
    ResolveFrame(process, frames[i], around, resolved_[i]);
    around.caller = resolved_[i].profiled ? &resolved_[i] : nullptr;
    if (!resolved_[i].profiled) continue;
    if (IsExecutedText(strings_.Get(resolved_[i].data.file))) around.text = &resolved_[i];
  }
}

void SampleFolder::ResolveFrame(ProcessContext& process, const wire::FrameEntry& frame, const Surroundings& around,
                                Resolved& out) {
  out.code = process.codes.Find(frame.code, frame.fingerprint);
  if (out.code == nullptr) {
    ++unknown_codes_;
    return;
  }
  out.profiled = DecideFile(process, *out.code, around);
  if (!out.profiled) return;
  out.line = out.code->LineAt(frame.offset);
  out.data = {out.code->file_id, out.code->name_id, out.code->first_line, out.line};
}

bool SampleFolder::DecideFile(ProcessContext& process, CodeObject& code, const Surroundings& around) {
  using State = CodeObject::Verdict;
  if (code.verdict == State::kUndecided) {
    const profile::Verdict& verdict = FilterFor(process.environment).Decide(code.file);
    const std::string text_key = verdict.may_be_executed_text ? KeyOfExecuted(code, around) : "";
    const bool executed = !text_key.empty();
    const std::string& key = executed ? text_key : verdict.path;
    code.verdict = verdict.profiled || executed ? State::kProfiled : State::kOutside;
    code.file_id = strings_.Intern(key);
    code.name_id = strings_.Intern(code.name);
    // Reading and parsing take their time while the program runs, not between its end and ours.
    if (code.verdict == State::kProfiled && !executed) sources_.Get(key);
  }
  if (code.verdict == State::kOutside) return false;
  if (marked_.empty()) return true;
  const std::string& file = strings_.Get(code.file_id);
  return marked_.HasFile(file) && marked_.Holds(file, code.first_line, sources_.Get(file).outline);
}

// Text run by exec or eval shows as module code right on top of the profiled line that runs it; what the text defines
// follows it as long as it stands on top of it. Anything else with such a name (dataclasses, templates, numpy's wrappers), and
// text that a library runs (on import, say), is the library's own and belongs to the line that calls it: "".
std::string SampleFolder::KeyOfExecuted(const CodeObject& code, const Surroundings& around) {
  if (code.file.starts_with("<frozen ")) return "";
  if (code.name != "<module>") {
    const bool of_same_text = around.text != nullptr && around.text->code->file == code.file;
    return of_same_text ? strings_.Get(around.text->data.file) : "";
  }
  if (around.caller == nullptr) return "";
  const std::string& file = strings_.Get(around.caller->data.file);
  if (IsExecutedText(file)) return file;
  const auto line = sources_.Get(file).text.Line(around.caller->line);
  const bool evaluates = line.find("eval(") != std::string_view::npos && line.find("exec(") == std::string_view::npos;
  const std::string place = file + ":" + std::to_string(around.caller->line) + ">";
  return (evaluates ? "<eval@" : "<exec@") + place + SuffixOfText(place, code);
}

// Different texts of one line are kept apart: " (2)", " (3)" … A text is known by its line table and first line. Beyond the
// hundredth all share the first one's place.
std::string SampleFolder::SuffixOfText(const std::string& place, const CodeObject& code) {
  constexpr size_t kMostTexts = 100;
  const std::string_view table(reinterpret_cast<const char*>(code.table.data()), code.table.size());
  const size_t identity = std::hash<std::string_view>()(table) * 31 + static_cast<size_t>(code.first_line);
  auto& texts = texts_of_line_[place];
  if (texts.size() >= kMostTexts && !texts.contains(identity)) return "";
  const size_t number = texts.try_emplace(identity, texts.size() + 1).first->second;
  return number == 1 ? "" : " (" + std::to_string(number) + ")";
}

profile::FileFilter& SampleFolder::FilterFor(const profile::PythonEnvironment& environment) {
  const bool is_new = interpreters_.insert(environment.executable + '\n' + environment.prefix).second;
  if (!filter_) {
    filter_ = std::make_unique<profile::FileFilter>(filter_options_, environment);
  } else if (is_new) {
    filter_->AddEnvironment(environment);
  }
  return *filter_;
}

profile::StackId SampleFolder::StackOfProfiledFrames() {
  profile::StackId stack;
  for (size_t i = resolved_.size(); i-- > 0;) {
    if (resolved_[i].profiled) stack = stacks_.Push(stack, frames_.Intern(resolved_[i].data));
  }
  return stack;
}

void SampleFolder::Mark(const CodeObject& code, const profile::PythonEnvironment& environment) {
  const profile::Verdict& verdict = FilterFor(environment).Decide(code.file);
  if (verdict.profiled) marked_.Add(verdict.path, code.first_line);
}

}  // namespace scalene::collector
