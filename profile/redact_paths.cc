#include "profile/redact_paths.h"

#include <algorithm>

namespace scalene::profile {
namespace {

class Redactor {
 public:
  explicit Redactor(std::string root) : root_(std::move(root)) {}

  void Redact(std::string& path) const { path = RedactedPath(path, root_); }

  // Words of a command line: "--out=/a/b" too.
  void RedactWord(std::string& word) const {
    const size_t slash = word.find('/');
    if (slash == 0) return Redact(word);
    if (slash != word.npos && word[slash - 1] == '=')
      word = word.substr(0, slash) + RedactedPath(word.substr(slash), root_);
  }

  // Sentences name paths anywhere: every word that is one.
  void RedactSentence(std::string& sentence) const {
    std::string out;
    for (size_t at = 0; at < sentence.size();) {
      const bool starts = sentence[at] == '/' &&
                          (at == 0 || std::string_view(" '\"(<").find(sentence[at - 1]) != std::string_view::npos);
      if (!starts) {
        out += sentence[at++];
        continue;
      }
      const size_t end = std::min(sentence.find_first_of(" '\"),>", at), sentence.size());
      out += RedactedPath(std::string_view(sentence).substr(at, end - at), root_);
      at = end;
    }
    sentence = std::move(out);
  }

  void RedactFrames(std::vector<Frame>& frames) const {
    for (Frame& frame : frames) Redact(frame.file_or_module);
  }

  void RedactHolders(std::vector<Holder>& holders) const {
    for (Holder& holder : holders) Redact(holder.file);
  }

  void RedactHolders(Row& row) const {
    RedactHolders(row.gil_holders);
    RedactHolders(row.lock_holders);
  }

  std::map<std::string, File> RedactFiles(std::map<std::string, File> files) const {
    std::map<std::string, File> redacted;
    for (auto& [path, file] : files) {
      file.path_bytes.clear();
      for (Line& line : file.lines) RedactHolders(line);
      for (Function& function : file.functions) {
        RedactHolders(function);
        for (Caller& caller : function.calls_from) Redact(caller.file);
      }
      std::string name = RedactedPath(path, root_);
      for (int copy = 2; redacted.contains(name); copy++)
        name = RedactedPath(path, root_) + " (" + std::to_string(copy) + ")";
      redacted.emplace(std::move(name), std::move(file));
    }
    return redacted;
  }

 private:
  std::string root_;
};

}  // namespace

std::string RedactedPath(std::string_view path, std::string_view root) {
  if (path.starts_with("<exec@")) return "<exec@" + RedactedPath(path.substr(6), root);
  if (!path.starts_with('/')) return std::string(path);
  while (root.size() > 1 && root.ends_with('/')) root.remove_suffix(1);
  if (root.size() > 1 && path.starts_with(root) && path.size() > root.size() && path[root.size()] == '/')
    return std::string(path.substr(root.size() + 1));
  const size_t last = path.rfind('/');
  const size_t before = last == 0 || last == path.npos ? path.npos : path.rfind('/', last - 1);
  if (before == path.npos || before == 0) return std::string(path.substr(last + 1));
  return "…" + std::string(path.substr(before));
}

Document WithRedactedPaths(Document document) {
  const Redactor redactor(document.filename);
  redactor.Redact(document.program);
  if (document.args) {
    for (std::string& word : *document.args) redactor.RedactWord(word);
  }
  document.files = redactor.RedactFiles(std::move(document.files));
  if (document.max_footprint_fname) redactor.Redact(*document.max_footprint_fname);
  for (Stack& stack : document.combined_stacks) redactor.RedactFrames(stack.frames);
  for (MemoryStack& stack : document.memory_stacks) redactor.RedactFrames(stack.frames);
  for (PythonStack& stack : document.stacks) stack.frames.clear();
  redactor.RedactHolders(document.gil.holders);
  for (auto& [path, seconds] : document.outside.files) redactor.Redact(path);
  for (Document::HiddenFile& file : document.hidden.files) redactor.Redact(file.path);
  for (ProcessRow& process : document.processes) {
    for (std::string& word : process.argv) redactor.RedactWord(word);
  }
  for (std::string& warning : document.warnings) redactor.RedactSentence(warning);
  document.options.erase("program-path");
  redactor.Redact(document.python_executable);
  document.filename.clear();
  document.entrypoint_dir.clear();
  return document;
}

}  // namespace scalene::profile
