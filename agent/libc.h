// The functions that we stand in front of, as libc (or the next preloaded library) has them.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <time.h>

namespace scalene::agent {

struct LibcFunctions {
  int (*pthread_create)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  int (*sigaction)(int, const struct sigaction*, struct sigaction*);
  sighandler_t (*signal)(int, sighandler_t);
  int (*sigprocmask)(int, const sigset_t*, sigset_t*);
  int (*pthread_sigmask)(int, const sigset_t*, sigset_t*);
  int (*sigwait)(const sigset_t*, int*);
  int (*sigwaitinfo)(const sigset_t*, siginfo_t*);
  int (*sigtimedwait)(const sigset_t*, siginfo_t*, const timespec*);
  int (*signalfd)(int, const sigset_t*, int);
};

// Looked up once, at the first call of any of them: a library's constructor may run before ours.
// Signal-safe: after the first call.  Allocates: the first call may, in dlsym.  Locks: the loader's, in the first call.
const LibcFunctions& Libc();

}  // namespace scalene::agent
