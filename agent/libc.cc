#include "agent/libc.h"

#include <dlfcn.h>

#include <atomic>

namespace scalene::agent {
namespace {

LibcFunctions g_libc;
std::atomic<bool> g_found{false};

template <typename Function>
void Find(Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void FindAll() {
  Find(g_libc.pthread_create, "pthread_create");
  Find(g_libc.signal, "signal");
  Find(g_libc.sigprocmask, "sigprocmask");
  Find(g_libc.pthread_sigmask, "pthread_sigmask");
  Find(g_libc.sigwait, "sigwait");
  Find(g_libc.sigwaitinfo, "sigwaitinfo");
  Find(g_libc.sigtimedwait, "sigtimedwait");
  Find(g_libc.signalfd, "signalfd");
  Find(g_libc.sigaction, "sigaction");
}

}  // namespace

const LibcFunctions& Libc() {
  // acquire/release: whoever sees true sees the pointers. Two threads may both look; they find the same.
  if (!g_found.load(std::memory_order_acquire)) {
    FindAll();
    g_found.store(true, std::memory_order_release);
  }
  return g_libc;
}

}  // namespace scalene::agent
