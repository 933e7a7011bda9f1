/* Copies between two buffers, again and again. The size is not known to the compiler, so memcpy is really called. */
#include <string.h>

static char from[1 << 20], to[1 << 20];

static char text[64 << 10];

void append_many(long count) {
  char* (*volatile append)(char*, const char*) = strcat; /* or the compiler would choose another function */
  memset(text, 'x', sizeof text - 1);
  for (long i = 0; i < count; ++i) {
    to[0] = 'a';
    to[1] = 0;
    append(to, text);
  }
}

void copy_many(long count, long bytes) {
  for (long i = 0; i < count; ++i) {
    memcpy(to, from, bytes);
    __asm__ volatile("" : : "r"(to) : "memory");
  }
}
