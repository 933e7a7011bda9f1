/* Allocates on a thread of its own, and for whoever calls. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void* allocate_many(void* count) {
  for (long i = 0; i < (long)count; ++i) {
    volatile char* block = malloc(1 << 20); /* volatile: or the compiler leaves both calls out */
    block[i % 4096] = 1;
    free((char*)block);
  }
  return NULL;
}

/* `mebibytes` blocks of 1 MiB, one after the other, on a thread without Python; waits for it. */
void allocate_on_a_thread(long mebibytes) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, allocate_many, (void*)mebibytes) != 0) abort();
  pthread_join(thread, NULL);
}

/* A block that grows to `mebibytes` in steps of 256 KiB; the caller frees it. */
void* grow(long mebibytes) {
  char* block = NULL;
  for (long bytes = 1 << 18; bytes <= mebibytes << 20; bytes += 1 << 18) block = realloc(block, bytes);
  return block;
}

void* keep(long bytes) { return malloc(bytes); }
void give_back(void* block) { free(block); }
