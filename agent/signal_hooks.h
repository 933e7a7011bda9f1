// The program sees its own disposition and mask for our signal number; ours stay installed and deliverable. Without this,
// `signal.signal(n, SIG_DFL)` over all signals would let the next tick kill the program.
#pragma once

#include <signal.h>

#include <cstdint>

namespace scalene::agent {

// A signal of our number that somebody sent: does what the program asked for. By default that ends the program.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread, in the handler.
void DeliverToProgram(int signal, siginfo_t* info, void* context);

// Which of our numbers the calling thread believes to have blocked (bit n-1: number n); a new thread inherits that belief.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
uint64_t BelievedBlocked();
void SetBelievedBlocked(uint64_t numbers);

}  // namespace scalene::agent
