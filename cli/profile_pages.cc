#include "cli/profile_pages.h"

#include <unistd.h>

#include "cli/messages.h"
#include "profile/profile_reader.h"
#include "profile/redact_paths.h"
#include "render/html.h"
#include "render/payload.h"
#include "render/payload_files.h"
#include "render/profile_file.h"

namespace scalene::cli {
namespace {

constexpr int kExitCannotShow = 1;

const profile::Document* Before(const LoadedProfiles& loaded) { return loaded.before ? &*loaded.before : nullptr; }

}  // namespace

Result<LoadedProfiles> LoadProfiles(const ViewRequest& request, const std::string& path) {
  LoadedProfiles loaded;
  if (!request.before.empty()) {
    Result<profile::Document> before = profile::ReadProfileFile(request.before);
    if (!before.ok()) return before.status();
    loaded.before = std::move(before).value();
  }
  Result<profile::Document> shown = profile::ReadProfileFile(path);
  if (!shown.ok()) return shown.status();
  loaded.shown = std::move(shown).value();
  if (request.redact_paths) {
    loaded.shown = profile::WithRedactedPaths(std::move(loaded.shown));
    if (loaded.before) loaded.before = profile::WithRedactedPaths(std::move(*loaded.before));
  }
  return loaded;
}

render::Edition EditionOf(const LoadedProfiles& loaded, const ViewRequest& request, int number) {
  render::PayloadOptions options;
  options.source = request.page.source;
  render::Edition edition;
  edition.name = std::to_string(number);
  edition.partial = loaded.shown.exit.partial;
  edition.payload = std::make_shared<std::string>(render::BuildPayload(loaded.shown, Before(loaded), options));
  for (const render::NamedFile* file : render::FilesByTime(loaded.shown)) edition.files.push_back(file->first);
  return edition;
}

int WritePageFile(const LoadedProfiles& loaded, const ViewRequest& request) {
  const render::HtmlFile page = render::RenderHtml(loaded.shown, Before(loaded), request.page);
  const std::string path = request.outfile.empty() ? "scalene-profile.html" : request.outfile;
  const Status written = render::WriteTextFile(page.html, path);
  if (!written.ok()) return Report({kExitCannotShow, written.message()});
  for (const std::string& sentence : page.left_out) PrintNotice(sentence);
  if (path == "-") return 0;
  return WriteAll(STDOUT_FILENO, "Profile saved to: " + path + "\n") ? 0 : kExitCannotShow;
}

}  // namespace scalene::cli
