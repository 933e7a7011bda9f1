// Sends the calling thread the very signal that its sampling timer sends, and times how long each one takes.
//
// The kernel lets a process queue to itself a siginfo of any code below zero, SI_TIMER among them: so the agent's handler
// runs as in a real tick, on this stack, but as often as we like; a real timer fires once per kernel tick at most. What
// the system call and the delivery cost by themselves is measured the same way with a signal whose handler is empty.
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kCacheBytes = 8 << 20 };  // more than a second-level cache

static void Nothing(int signal, siginfo_t* info, void* context) { (void)signal, (void)info, (void)context; }

// Installs the empty handler, with the flags and the full mask of the agent's. 0 or -1.
int install_empty_handler(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = Nothing;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  return sigaction(signal, &action, NULL);
}

static uint64_t Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void EmptyCaches(volatile char* memory) {
  for (size_t i = 0; i < kCacheBytes; i += 64) memory[i]++;
}

// `count` signals, one after the other; the nanoseconds of each go to `took`. With `cold`, the data caches are filled with
// something else before each, as they are between two real ticks. 0 or -1.
int send_signals(int signal, uint64_t value, int count, int cold, uint32_t* took) {
  static char* memory;
  if (cold && memory == NULL && (memory = calloc(1, kCacheBytes)) == NULL) return -1;
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = signal;
  info.si_code = SI_TIMER;
  info.si_value.sival_ptr = (void*)(uintptr_t)value;
  const long pid = getpid(), tid = syscall(SYS_gettid);
  for (int i = 0; i < count; ++i) {
    if (cold) EmptyCaches(memory);
    const uint64_t began = Now();
    if (syscall(SYS_rt_tgsigqueueinfo, pid, tid, signal, &info) != 0) return -1;
    took[i] = (uint32_t)(Now() - began);
  }
  return 0;
}
