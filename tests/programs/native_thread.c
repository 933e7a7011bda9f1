/* A thread that Python knows nothing of: started from C, computes for a given CPU time, never touches Python. */
#include <pthread.h>
#include <time.h>

static pthread_t thread;
static double wanted_sec, used_sec;

static double thread_cpu_sec(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static void* compute(void* unused) {
  volatile double x = 1.0;
  while (thread_cpu_sec() < wanted_sec)
    for (int i = 0; i < 100000; i++) x = x * 1.0000001 + 1e-9;
  used_sec = thread_cpu_sec();
  return unused;
}

void start_thread(double cpu_sec) {
  wanted_sec = cpu_sec;
  pthread_create(&thread, 0, compute, 0);
}

/* CPU seconds of the thread until now. */
double used_so_far(void) {
  clockid_t clock;
  struct timespec now = {0, 0};
  if (!pthread_getcpuclockid(thread, &clock)) clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

/* Waits for the thread; returns the CPU seconds it used. */
double join_thread(void) {
  pthread_join(thread, 0);
  return used_sec;
}
