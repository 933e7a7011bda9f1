// System calls without libc: no errno, no hidden allocation (glibc's timer_create has one), no hooked wrapper in between.
// Every function returns what the kernel does: a result, or -errno.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

namespace scalene::agent {

#if defined(__x86_64__)
inline long RawSyscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
inline long RawSyscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "This agent runs on x86-64 and aarch64."
#endif

template <typename T>
long AsWord(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

inline int32_t CurrentTid() { return static_cast<int32_t>(RawSyscall(SYS_gettid)); }
inline int32_t CurrentPid() { return static_cast<int32_t>(RawSyscall(SYS_getpid)); }

inline void* MapMemory(size_t bytes, int protection, int flags, int fd, long offset, void* at = nullptr) {
  const long result = RawSyscall(SYS_mmap, AsWord(at), static_cast<long>(bytes), protection, flags, fd, offset);
  return result < 0 && result > -4096 ? nullptr : reinterpret_cast<void*>(result);
}
inline void CloseDescriptor(long fd) { RawSyscall(SYS_close, fd); }

inline uint64_t Nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}
// Clocks that the vDSO does not serve: those of threads and processes.
inline uint64_t CpuClock(clockid_t clock) {
  timespec time{};
  RawSyscall(SYS_clock_gettime, clock, AsWord(&time));
  return Nanoseconds(time);
}
inline uint64_t ThreadCpu() { return CpuClock(CLOCK_THREAD_CPUTIME_ID); }
inline uint64_t ProcessCpu() { return CpuClock(CLOCK_PROCESS_CPUTIME_ID); }
// The vDSO serves these in about 25 ns.
inline uint64_t WallClock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return Nanoseconds(time);
}

// Copies memory of our own process that may not be there. One system call, about 2 us.
inline bool GuardedRead(uint64_t address, void* out, size_t bytes) {
  iovec local{out, bytes};
  iovec remote{reinterpret_cast<void*>(address), bytes};
  return RawSyscall(SYS_process_vm_readv, CurrentPid(), AsWord(&local), 1, AsWord(&remote), 1, 0) ==
         static_cast<long>(bytes);
}

}  // namespace scalene::agent
