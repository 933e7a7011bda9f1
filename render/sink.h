// Where rendered bytes go: a string, or a file descriptor, compressed or not. A sink that has failed swallows the rest;
// the writer asks for the status once, at the end.
// Threads: one per sink.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace scalene::render {

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Append(std::string_view bytes) = 0;
  // Hands everything on. No Append afterwards.
  virtual Status Finish() = 0;
};

class StringSink : public Sink {
 public:
  void Append(std::string_view bytes) override { text_ += bytes; }
  Status Finish() override { return {}; }
  std::string& text() { return text_; }

 private:
  std::string text_;
};

// Writes to an open descriptor, which stays the caller's. Waits where the descriptor would block.
std::unique_ptr<Sink> MakeDescriptorSink(int descriptor);

// The same as a gzip stream.
std::unique_ptr<Sink> MakeGzipSink(int descriptor);

}  // namespace scalene::render
