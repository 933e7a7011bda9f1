/* Calls whose cost is to be known. The pointers are volatile, or the compiler would leave the calls out. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static char from[64 << 20], to[64 << 20];

static void* pairs(void* count) {
  for (long i = 0; i < (long)count; ++i) {
    void* volatile block = malloc(64);
    free(block);
  }
  return NULL;
}

void malloc_free(long count, long threads) {
  pthread_t started[64];
  if (threads == 1) {
    pairs((void*)count);
    return;
  }
  for (long i = 0; i < threads; ++i) pthread_create(&started[i], NULL, pairs, (void*)count);
  for (long i = 0; i < threads; ++i) pthread_join(started[i], NULL);
}

void copies(long count, long bytes) {
  for (long i = 0; i < count; ++i) {
    memcpy(to, from, bytes);
    __asm__ volatile("" : : "r"(to) : "memory");
  }
}
