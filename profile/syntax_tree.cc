#include "profile/syntax_tree.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

extern "C" const TSLanguage* tree_sitter_python(void);

namespace scalene::profile {
namespace {

using std::chrono::steady_clock;

// A tree takes up to 30 bytes for each byte of source (measured on long lists of numbers): 120 MB at most.
constexpr size_t kMaxParsedBytes = 4u << 20;
// For sources that are no Python and send the parser astray. The largest modules we know take half a second.
constexpr auto kParseBudget = std::chrono::seconds(5);

constexpr std::pair<std::string_view, SyntaxKind> kKindNames[] = {
    {"ERROR", SyntaxKind::kError},
    {"comment", SyntaxKind::kComment},
    {"function_definition", SyntaxKind::kFunction},
    {"class_definition", SyntaxKind::kClass},
    {"decorated_definition", SyntaxKind::kDecorated},
    {"decorator", SyntaxKind::kDecorator},
    {"lambda", SyntaxKind::kLambda},
    {"list_comprehension", SyntaxKind::kListComprehension},
    {"set_comprehension", SyntaxKind::kSetComprehension},
    {"dictionary_comprehension", SyntaxKind::kDictComprehension},
    {"generator_expression", SyntaxKind::kGeneratorExpression},
    {"for_in_clause", SyntaxKind::kForInClause},
    {"yield", SyntaxKind::kYield},
    {"for_statement", SyntaxKind::kFor},
    {"while_statement", SyntaxKind::kWhile},
    {"if_statement", SyntaxKind::kIf},
    {"with_statement", SyntaxKind::kWith},
    {"try_statement", SyntaxKind::kTry},
    {"match_statement", SyntaxKind::kMatch},
    {"else_clause", SyntaxKind::kClause},
    {"elif_clause", SyntaxKind::kClause},
    {"except_clause", SyntaxKind::kClause},
    {"except_group_clause", SyntaxKind::kClause},
    {"finally_clause", SyntaxKind::kClause},
    {"case_clause", SyntaxKind::kClause},
    {"global_statement", SyntaxKind::kGlobal},
    {"import_statement", SyntaxKind::kImport},
    {"import_from_statement", SyntaxKind::kImportFrom},
    {"future_import_statement", SyntaxKind::kFutureImport},
    {"expression_statement", SyntaxKind::kSimpleStatement},
    {"return_statement", SyntaxKind::kSimpleStatement},
    {"assert_statement", SyntaxKind::kSimpleStatement},
    {"delete_statement", SyntaxKind::kSimpleStatement},
    {"raise_statement", SyntaxKind::kSimpleStatement},
    {"type_alias_statement", SyntaxKind::kSimpleStatement},
    {"identifier", SyntaxKind::kIdentifier},
    {"attribute", SyntaxKind::kAttribute},
    {"dotted_name", SyntaxKind::kDottedName},
    {"aliased_import", SyntaxKind::kAliasedImport},
    {"relative_import", SyntaxKind::kRelativeImport},
    {"import_prefix", SyntaxKind::kImportPrefix},
    {"wildcard_import", SyntaxKind::kWildcardImport},
};

constexpr std::pair<std::string_view, SyntaxField> kFieldNames[] = {
    {"body", SyntaxField::kBody},           {"right", SyntaxField::kRight},
    {"name", SyntaxField::kName},           {"module_name", SyntaxField::kModuleName},
    {"alias", SyntaxField::kAlias},         {"definition", SyntaxField::kDefinition},
    {"attribute", SyntaxField::kAttribute},
};

std::vector<SyntaxKind> KindOfEverySymbol() {
  const TSLanguage* language = tree_sitter_python();
  std::vector<SyntaxKind> kinds(ts_language_symbol_count(language), SyntaxKind::kOther);
  for (TSSymbol symbol = 0; symbol < kinds.size(); ++symbol) {
    if (ts_language_symbol_type(language, symbol) == TSSymbolTypeAnonymous) continue;  // the keyword, not the node
    const std::string_view name = ts_language_symbol_name(language, symbol);
    for (const auto& [known, kind] : kKindNames) {
      if (name == known) kinds[symbol] = kind;
    }
  }
  return kinds;
}

std::vector<SyntaxField> FieldOfEveryId() {
  const TSLanguage* language = tree_sitter_python();
  std::vector<SyntaxField> fields(ts_language_field_count(language) + 1, SyntaxField::kOther);
  fields[0] = SyntaxField::kNone;
  for (TSFieldId id = 1; id < fields.size(); ++id) {
    const std::string_view name = ts_language_field_name_for_id(language, id);
    for (const auto& [known, field] : kFieldNames) {
      if (name == known) fields[id] = field;
    }
  }
  return fields;
}

// The parser knows "\n" and "\r\n" but not "\r" alone, and takes NUL for the end of a line or comment. Both are
// replaced by one byte of the same meaning, so that positions stay those of the source.
std::shared_ptr<const std::string> Parseable(const std::string& text) {
  auto copy = std::make_shared<std::string>(text);
  for (size_t i = 0; i < copy->size(); ++i) {
    char& c = (*copy)[i];
    if (c == '\0') c = ' ';
    if (c == '\r' && (i + 1 == copy->size() || (*copy)[i + 1] != '\n')) c = '\n';
  }
  return copy;
}

const char* ReadFrom(void* payload, uint32_t position, TSPoint, uint32_t* length) {
  const auto& text = *static_cast<const std::string*>(payload);
  *length = position < text.size() ? static_cast<uint32_t>(text.size() - position) : 0;
  return *length == 0 ? "" : text.data() + position;
}

bool IsLate(TSParseState* state) {
  return steady_clock::now() > *static_cast<const steady_clock::time_point*>(state->payload);
}

}  // namespace

std::optional<SyntaxTree> SyntaxTree::Parse(const std::string& text) {
  if (text.size() > kMaxParsedBytes) return std::nullopt;
  const std::unique_ptr<TSParser, void (*)(TSParser*)> parser(ts_parser_new(), ts_parser_delete);
  if (!ts_parser_set_language(parser.get(), tree_sitter_python())) return std::nullopt;

  SyntaxTree result;
  result.text_ = Parseable(text);
  auto deadline = steady_clock::now() + kParseBudget;
  const TSInput input = {.payload = const_cast<std::string*>(result.text_.get()),
                         .read = ReadFrom,
                         .encoding = TSInputEncodingUTF8,
                         .decode = nullptr};
  const TSParseOptions options = {.payload = &deadline, .progress_callback = IsLate};
  result.tree_.reset(ts_parser_parse_with_options(parser.get(), nullptr, input, options));
  if (!result.tree_) return std::nullopt;
  return result;
}

std::string_view SyntaxTree::Text(TSNode node) const {
  const size_t begin = std::min<size_t>(ts_node_start_byte(node), text_->size());
  const size_t end = std::min<size_t>(ts_node_end_byte(node), text_->size());
  return std::string_view(*text_).substr(begin, end - begin);
}

SyntaxKind SyntaxTree::KindOf(TSNode node) {
  static const std::vector<SyntaxKind> kinds = KindOfEverySymbol();
  if (ts_node_is_error(node)) return SyntaxKind::kError;
  const TSSymbol symbol = ts_node_symbol(node);
  return symbol < kinds.size() ? kinds[symbol] : SyntaxKind::kOther;
}

SyntaxField SyntaxTree::Cursor::field() const {
  static const std::vector<SyntaxField> fields = FieldOfEveryId();
  return fields[ts_tree_cursor_current_field_id(&cursor_)];
}

}  // namespace scalene::profile
