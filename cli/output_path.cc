#include "cli/output_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "cli/files.h"

namespace scalene::cli {
namespace {

// A page of the file system: what a full disk refuses.
constexpr size_t kProbeBytes = 4096;

bool HasExtension(const std::string& path) {
  std::string name = BaseNameOf(path);
  size_t dot = name.find_last_of('.');
  return dot != name.npos && dot > 0;
}

// Gives a name its extension, and a page's name that of the JSON beside it.
OutputPath Named(std::string display) {
  OutputPath output;
  if (display.ends_with(".html") && BaseNameOf(display).size() > strlen(".html")) {
    output.page = display;
    display.replace(display.size() - strlen(".html"), std::string::npos, ".json");
  } else if (!HasExtension(display)) {
    display += ".json";
  }
  output.display = std::move(display);
  return output;
}

Trouble CannotWrite(const std::string& name, const std::string& reason) {
  return {kExitOwnFailure, "cannot write " + name + ": " + reason};
}

// Writes a nameless file in the directory; where the file system has none, a named one that goes at once.
int ProbeDirectory(const std::string& directory) {
  std::string named;
  int fd = open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    named = directory + "/.scalene-probe-" + std::to_string(getpid());
    fd = open(named.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  }
  if (fd < 0) return errno;
  const std::vector<char> zeros(kProbeBytes);
  ssize_t written = write(fd, zeros.data(), zeros.size());
  int error = written == static_cast<ssize_t>(zeros.size()) ? 0 : written < 0 ? errno : ENOSPC;
  close(fd);
  if (!named.empty()) unlink(named.c_str());
  return error;
}

std::optional<Trouble> TestExisting(const OutputPath& output, bool clobber) {
  if (faccessat(AT_FDCWD, output.path.c_str(), W_OK, AT_EACCESS) != 0) {
    return CannotWrite(output.display, strerror(errno));
  }
  if (!clobber && output.kind == OutputKind::kFile) {
    return CannotWrite(output.display, "it exists already (--no-clobber)");
  }
  return std::nullopt;
}

Trouble IsADirectory(const std::string& name) { return {kExitUsage, "outfile " + name + " is a directory"}; }

// Tests the place of a settled name.
Outcome<OutputPath> Tested(OutputPath output, bool clobber) {
  if (IsDirectory(output.path)) return IsADirectory(output.display);
  if (access(output.path.c_str(), F_OK) == 0) {
    if (auto trouble = TestExisting(output, clobber)) return *trouble;
  }
  if (output.kind == OutputKind::kDirect) return output;
  if (int error = ProbeDirectory(DirectoryOf(output.path))) return CannotWrite(output.display, strerror(error));
  return output;
}

// A device, pipe or socket that exists.
bool IsDirect(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

Outcome<OutputPath> SettleOutput(const std::string& outfile, bool clobber, const std::string& working_directory) {
  if (outfile == "-") return OutputPath{OutputKind::kStdout, "-", "-", ""};
  std::string given_path = AbsolutePath(outfile, working_directory);
  if (outfile.ends_with('/') || IsDirectory(given_path)) return IsADirectory(outfile);
  OutputPath output = IsDirect(given_path) ? OutputPath{OutputKind::kDirect, "", outfile, ""} : Named(outfile);
  output.path = AbsolutePath(output.display, working_directory);
  return Tested(std::move(output), clobber);
}

Outcome<OutputPath> SettleCapturePath(const std::string& file, bool clobber, const std::string& working_directory) {
  if (file == "-") return Trouble{kExitUsage, "--capture needs a file name"};
  std::string path = AbsolutePath(file, working_directory);
  return Tested({IsDirect(path) ? OutputKind::kDirect : OutputKind::kFile, path, file, ""}, clobber);
}

std::string WithPid(std::string text, int pid) {
  for (size_t at; (at = text.find("%p")) != text.npos;) text.replace(at, 2, std::to_string(pid));
  return text;
}

}  // namespace scalene::cli
