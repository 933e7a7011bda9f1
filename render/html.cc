#include "render/html.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

#include "base/task_pool.h"
#include "profile/base64.h"
#include "render/page_assets.h"
#include "render/payload.h"

namespace scalene::render {
namespace {

using profile::Document;

// Pieces are compressed side by side; each but the last ends at a whole byte, so that they can be put in a row.
constexpr size_t kPiece = size_t{4} << 20;

std::string DeflatedPiece(std::string_view bytes, bool last) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out(deflateBound(&stream, bytes.size()) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, last ? Z_FINISH : Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

// Raw deflate, which browsers inflate by themselves.
std::string Deflated(std::string_view bytes) {
  std::vector<std::string> pieces(std::max<size_t>((bytes.size() + kPiece - 1) / kPiece, 1));
  TaskPool pool(std::min(TaskPool::Helpers(), pieces.size() - 1));
  for (size_t i = 0; i < pieces.size(); i++) {
    pool.Add([&, i] { pieces[i] = DeflatedPiece(bytes.substr(i * kPiece, kPiece), i + 1 == pieces.size()); });
  }
  pool.Finish();
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  return whole;
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\0':
        break;
      default:
        out += c;
    }
  }
  return out;
}

constexpr std::string_view kWithoutScript =
    "<noscript>This page needs JavaScript. The same in a terminal: scalene view --cli</noscript>";

std::string Opening(std::string_view form, bool ai, const std::string& more = "") {
  return "<!doctype html>\n<html lang=\"en\" data-form=\"" + std::string(form) + "\" data-ai=\"" + (ai ? "on" : "off") +
         "\"" + more +
         ">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, "
         "initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n";
}

std::string Hash(const PageAsset& asset) { return " 'sha256-" + std::string(asset.sha256) + "'"; }

// What runs is what the build made; what is asked is what the user allowed.
std::string StandalonePolicy(const HtmlOptions& options) {
  const bool asks = !options.ai_addresses.empty();
  std::string origins;
  for (const AiAddress& address : options.ai_addresses) {
    if ((origins + " ").find(" " + address.origin + " ") == std::string::npos) origins += " " + address.origin;
  }
  return "default-src 'none'; script-src" + Hash(PageScript()) + Hash(LaterScript()) +
         (asks ? Hash(DrawerScript()) : "") + "; style-src" + Hash(PageStyle()) + (asks ? Hash(DrawerStyle()) : "") +
         "; img-src data:; connect-src" + (asks ? origins : " 'none'") + "; base-uri 'none'; form-action 'none'";
}

std::string AddressesAttribute(const HtmlOptions& options) {
  std::string urls;
  for (const AiAddress& address : options.ai_addresses) urls += (urls.empty() ? "" : " ") + address.url;
  return urls.empty() ? "" : " data-ai-origins=\"" + Escaped(urls) + "\"";
}

std::string Element(std::string_view name, const PageAsset& asset) {
  return "<" + std::string(name) + ">" + std::string(asset.text) + "</" + std::string(name) + ">\n";
}

std::string_view BaseName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

std::string Assembled(const Document& document, const HtmlOptions& options, const std::string& payload) {
  const bool asks = !options.ai_addresses.empty();
  std::string html = Opening("standalone", options.ai, AddressesAttribute(options));
  html += "<meta http-equiv=\"Content-Security-Policy\" content=\"" + StandalonePolicy(options) + "\">\n<title>" +
          Escaped(BaseName(document.program)) + " · Scalene</title>\n";
  html += Element("style", PageStyle());
  if (asks) html += Element("style", DrawerStyle());
  html += "</head>\n<body>\n<div id=\"app\"></div>\n";
  html += kWithoutScript;
  html += "\n" + Element("script", PageScript()) + Element("script", LaterScript());
  if (asks) html += Element("script", DrawerScript());
  html += "<script type=\"application/octet-stream\" id=\"p\">";
  html += profile::ToBase64(Deflated(payload));
  return html += "</script>\n</body>\n</html>\n";
}

// What a page can do without, in the order in which it goes.
struct Saving {
  void (*apply)(PayloadOptions& options);
  std::string_view sentence;
};
constexpr Saving kSavings[] = {
    {[](PayloadOptions& o) { o.timeline_runs = 20'000; }, "the timeline is coarser"},
    {[](PayloadOptions& o) { o.timeline_runs = 2'000; }, "the timeline is much coarser"},
    {[](PayloadOptions& o) { o.smallest_stack = 1e-4; }, "stacks below 0.01 % are part of their callers"},
    {[](PayloadOptions& o) { o.quiet_source = false; }, "files without data have no source"},
};

std::string Megabytes(size_t bytes) { return std::to_string((bytes + (size_t{1} << 19)) >> 20) + " MB"; }

}  // namespace

HtmlFile RenderHtml(const Document& document, const Document* before, const HtmlOptions& options) {
  PayloadOptions payload;
  payload.source = options.source;
  if (!options.source) payload.notes.push_back("This page holds no source text (--no-source).");
  HtmlFile file;
  file.html = Assembled(document, options, BuildPayload(document, before, payload));
  for (const Saving& saving : kSavings) {
    if (file.html.size() <= options.max_bytes) return file;
    saving.apply(payload);
    file.left_out.push_back("To keep the page below " + Megabytes(options.max_bytes) + ", " +
                            std::string(saving.sentence) + " (--max-size).");
    payload.notes.push_back(file.left_out.back());
    file.html = Assembled(document, options, BuildPayload(document, before, payload));
  }
  if (file.html.size() > options.max_bytes)
    file.left_out.push_back("Nothing more can be left out: the page has " + Megabytes(file.html.size()) + ".");
  return file;
}

std::string ServedShell(bool ai) {
  return Opening("served", ai) +
         "<title>Scalene</title>\n<link rel=\"stylesheet\" href=\"/app.css\">\n</head>\n<body>\n<div "
         "id=\"app\"></div>\n" +
         std::string(kWithoutScript) +
         "\n<script src=\"/app.js\"></script>\n<script src=\"/later.js\"></script>\n</body>\n</html>\n";
}

std::string ServedPolicy() {
  return "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; "
         "form-action 'none'; frame-ancestors 'none'";
}

}  // namespace scalene::render
