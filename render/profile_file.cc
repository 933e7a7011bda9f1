#include "render/profile_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <utility>

#include "render/json.h"

namespace scalene::render {
namespace {

Status CannotWrite(const std::string& path, const std::string& why) {
  return Status::Error("cannot write " + path + ": " + why);
}

using Contents = std::function<void(Sink&)>;

// Writes to an open descriptor; the reason alone on failure.
Status WriteTo(int descriptor, const Contents& contents, bool compressed) {
  const auto sink = compressed ? MakeGzipSink(descriptor) : MakeDescriptorSink(descriptor);
  contents(*sink);
  return sink->Finish();
}

// What may not be replaced by a rename: anything there that is no regular file.
bool IsDevice(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

Status WriteDevice(const Contents& contents, const std::string& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return CannotWrite(path, strerror(errno));
  const Status written = WriteTo(descriptor, contents, false);
  close(descriptor);
  return written.ok() ? Status() : CannotWrite(path, written.message());
}

// A new file beside `path`, removed unless it is renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path) {
    for (int attempt = 0; descriptor_ < 0 && attempt < 100; attempt++) {
      name_ = path + "." + std::to_string(getpid()) + "-" + std::to_string(attempt) + ".tmp";
      descriptor_ = open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ < 0 && errno != EEXIST) break;
    }
    created_ = descriptor_ >= 0;
  }
  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (created_) unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;

  int descriptor() const { return descriptor_; }

  // Takes the place and the mode of `path`. 0, or an errno.
  int RenameTo(const std::string& path) {
    struct stat old;
    if (stat(path.c_str(), &old) == 0) (void)fchmod(descriptor_, old.st_mode & 07777);  // else as the umask wants it
    if (close(std::exchange(descriptor_, -1)) != 0) return errno;
    if (rename(name_.c_str(), path.c_str()) != 0) return errno;
    created_ = false;
    return 0;
  }

 private:
  std::string name_;
  int descriptor_ = -1;
  bool created_ = false;
};

// Renaming over a symbolic link would replace the link, not the file that the user keeps behind it.
std::string BehindLinks(const std::string& path) {
  char* resolved = realpath(path.c_str(), nullptr);
  const std::string target = resolved ? resolved : path;
  free(resolved);
  return target;
}

Status WriteRegular(const Contents& contents, const std::string& path, bool compressed) {
  const std::string target = BehindLinks(path);
  TemporaryFile temporary(target);
  if (temporary.descriptor() < 0) return CannotWrite(path, strerror(errno));
  const Status written = WriteTo(temporary.descriptor(), contents, compressed);
  if (!written.ok()) return CannotWrite(path, written.message());
  if (const int error = temporary.RenameTo(target)) return CannotWrite(path, strerror(error));
  return {};
}

Status WriteWhole(const Contents& contents, const std::string& path, bool compressed) {
  if (path == "-") {
    const Status written = WriteTo(STDOUT_FILENO, contents, false);
    return written.ok() ? Status() : CannotWrite("stdout", written.message());
  }
  return IsDevice(path) ? WriteDevice(contents, path) : WriteRegular(contents, path, compressed);
}

}  // namespace

Status WriteProfileFile(const profile::Document& document, const std::string& path) {
  return WriteWhole([&](Sink& sink) { RenderJson(document, sink); }, path, path.ends_with(".gz"));
}

Status WriteTextFile(std::string_view text, const std::string& path) {
  return WriteWhole([&](Sink& sink) { sink.Append(text); }, path, false);
}

}  // namespace scalene::render
