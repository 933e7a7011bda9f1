/* Copies between two buffers, again and again. The size is not known to the compiler, so memcpy is really called. */
#include <string.h>

static char from[1 << 20], to[1 << 20];

void copy_many(long count, long bytes) {
  for (long i = 0; i < count; ++i) {
    memcpy(to, from, bytes);
    __asm__ volatile("" : : "r"(to) : "memory");
  }
}
