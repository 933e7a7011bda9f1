// The sentences that open a view and each of its files, shared by terminal and Markdown.
#pragma once

#include <string>
#include <vector>

#include "profile/document.h"
#include "profile/insights.h"

namespace scalene::render {

// "Memory usage: (max: 1.234 GB, growth rate: 12%)", or "" without memory.
std::string MemoryHeadline(const profile::Document& document);

// "GIL: held 97.1% of the time, 30.2% by native code; threads waited for it 95.0% of the time.", or "" where nobody had to
// wait for it.
std::string GilHeadline(const profile::Document& document);

// What limits the program: the headline, then one sentence for each insight, most important first. Empty when there is
// nothing to say.
std::vector<std::string> InsightSentences(const profile::Insights& insights);

// "% of time =  93.10% (2.345s) out of 2.519s."
std::string FileShare(const profile::Document& document, const profile::File& file);

// What the reader must know of the file's source, or "".
std::string SourceNote(const profile::File& file);

// "43.9% Python, 4.6% native, 64.0% await"
std::string FunctionShare(const profile::Function& function);

// "read 1.200s, sleep 0.800s": the waits of a file's lines, longest first; "" without any.
std::string FileWaits(const profile::File& file);

// "GIL: held by f.py:12 71%, g.py:3 20%", and the same of locks: the lines that had what this file's lines waited for.
std::vector<std::string> FileHolders(const profile::File& file);

}  // namespace scalene::render
