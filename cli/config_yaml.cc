// YAML as far as options need it: one document that is a mapping of scalars and lists of scalars. Read as events, so
// nothing is built that the grammar of options would then refuse.

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "cli/config_value.h"

namespace scalene::cli {
namespace {

// Ends the reading from within a callback; it never leaves ReadYaml.
struct Refusal {
  int line;
  std::string why;
};

class EntryReader : public YAML::EventHandler {
 public:
  const ConfigEntries& entries() const { return entries_; }
  const std::string& not_a_mapping() const { return not_a_mapping_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Refusal{LineOf(mark), "only one document is allowed"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    RefuseDecoration(mark, "", anchor);
    if (depth_ == 0) return;  // an empty file, or ~
    Take(mark, ConfigKind::kNothing, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{LineOf(mark), "aliases are not allowed"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    bool is_quoted = tag == "!";
    RefuseDecoration(mark, is_quoted ? "?" : tag, anchor);
    bool is_null =
        !is_quoted && (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL");
    if (depth_ == 0) {
      if (!is_null) not_a_mapping_ = NameOfScalar(value, is_quoted);
      return;
    }
    Take(mark, is_null ? ConfigKind::kNothing : is_quoted ? ConfigKind::kString : ConfigKind::kPlain, value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    RefuseDecoration(mark, tag, anchor);
    if (depth_ == 0) not_a_mapping_ = "list";
    BeginNested(mark, depth_ == 1 ? ConfigKind::kList : ConfigKind::kOther);
  }
  void OnSequenceEnd() override { Leave(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    RefuseDecoration(mark, tag, anchor);
    if (depth_ == 0) {
      ++depth_;
    } else {
      BeginNested(mark, ConfigKind::kOther);
    }
  }
  void OnMapEnd() override { Leave(); }

 private:
  static constexpr int kDeepest = 32;

  static int LineOf(const YAML::Mark& mark) { return mark.line + 1; }

  static std::string NameOfScalar(const std::string& value, bool is_quoted) {
    if (is_quoted) return "str";
    if (value == "true" || value == "false") return "bool";
    return value.find_first_not_of("0123456789+-") == std::string::npos ? "int" : "str";
  }

  void RefuseDecoration(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) throw Refusal{LineOf(mark), "anchors are not allowed"};
    if (!tag.empty() && tag != "?") throw Refusal{LineOf(mark), "tags are not allowed"};
  }

  void Take(const YAML::Mark& mark, ConfigKind kind, const std::string& text) {
    if (!not_a_mapping_.empty()) return;
    if (depth_ == 1 && expects_key_) {
      entries_.push_back({text, {}, LineOf(mark)});
      expects_key_ = false;
    } else if (depth_ == 1) {
      entries_.back().value.kind = kind;
      entries_.back().value.text = text;
      expects_key_ = true;
    } else if (entries_.back().value.kind == ConfigKind::kList) {
      entries_.back().value.items.push_back(text);
    }
  }

  void BeginNested(const YAML::Mark& mark, ConfigKind kind) {
    if (not_a_mapping_.empty()) {
      if (depth_ == 1 && expects_key_) throw Refusal{LineOf(mark), "a key must be a word"};
      entries_.back().value.kind = kind;
    }
    if (++depth_ > kDeepest) throw Refusal{LineOf(mark), "nested too deeply"};
  }
  void Leave() {
    if (--depth_ == 1) expects_key_ = true;
  }

  ConfigEntries entries_;
  std::string not_a_mapping_;  // what the document is instead
  int documents_ = 0;
  int depth_ = 0;  // 1: directly in the mapping
  bool expects_key_ = true;
};

Trouble Invalid(const std::string& file, int line, const std::string& why) {
  return {kExitUsage, "invalid YAML in config file: " + file + ":" + std::to_string(line) + ": " + why};
}

}  // namespace

Outcome<ConfigEntries> ReadYaml(std::string_view text, const std::string& file) {
  EntryReader reader;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(reader)) {
    }
  } catch (const Refusal& refusal) {
    return Invalid(file, refusal.line, refusal.why);
  } catch (const YAML::Exception& error) {
    return Invalid(file, error.mark.line + 1, error.msg);
  }
  if (!reader.not_a_mapping().empty()) {
    return Trouble{kExitUsage, "config file must contain a YAML mapping (got " + reader.not_a_mapping() + ")"};
  }
  return reader.entries();
}

}  // namespace scalene::cli
