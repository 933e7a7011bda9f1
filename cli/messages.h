// Our own lines for people: on stderr, prefixed "Scalene: ", each written with one system call so that lines of several
// processes do not mix. stdout belongs to the program and to what was asked for.
#pragma once

#include <string_view>

#include "cli/outcome.h"
#include "cli/terminal_style.h"

namespace scalene::cli {

// Set once by a command that has --color. Threads: main thread, before the first message.
void SetMessageColor(ColorChoice choice);

void PrintError(std::string_view sentence);    // Scalene: sentence
void PrintWarning(std::string_view sentence);  // Scalene: warning: sentence
void PrintNotice(std::string_view sentence);   // Scalene: sentence

// Prints the trouble (and the usage line where it asks for one) and returns its exit status.
int Report(const Trouble& trouble, std::string_view usage = "");

// The whole text to a descriptor, whatever its size. False when it cannot be written.
bool WriteAll(int fd, std::string_view text);

}  // namespace scalene::cli
