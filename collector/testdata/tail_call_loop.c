/* A file built like a tail-calling interpreter: every opcode is a static function, reached through a table of 256 pointers;
 * a method table; a helper that only the method uses, and one that is exported. Stripped by the build. */

/* The formatter never settles on these macros. */
// clang-format off
#define WORK(n)         \
  volatile int x = (n); \
  for (int i = 0; i < (n) % 7; i++) x += i;

#define OPCODE(n) \
  static __attribute__((noinline)) int op_##n(int n_) { WORK(n + n_) return x; }
#define ROW(F, n) \
  F(n##0)         \
  F(n##1)         \
  F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9) F(n##a) F(n##b) F(n##c) F(n##d) F(n##e) F(n##f)
#define ALL(F)                                                                                                \
  ROW(F, 0x0)                                                                                                 \
  ROW(F, 0x1)                                                                                                 \
  ROW(F, 0x2) ROW(F, 0x3) ROW(F, 0x4) ROW(F, 0x5) ROW(F, 0x6) ROW(F, 0x7) ROW(F, 0x8) ROW(F, 0x9) ROW(F, 0xa) \
      ROW(F, 0xb) ROW(F, 0xc) ROW(F, 0xd) ROW(F, 0xe) ROW(F, 0xf)
ALL(OPCODE)

#define POINTER(n) op_##n,
static int (*const dispatch_table[256])(int) = {ALL(POINTER)};

int _PyEval_EvalFrameDefault(int opcode) { return dispatch_table[opcode & 255](opcode); }

__attribute__((noinline)) int PyObject_Shared(int n) { WORK(n) return x; }
static __attribute__((noinline)) int sort_helper(int n) { WORK(n) return x + PyObject_Shared(n); }
static __attribute__((noinline)) int list_sort(int n) { return sort_helper(n) + 1; }

struct method {
  const char* name;
  int (*function)(int);
  int flags;
  const char* doc;
};
struct method methods[] = {{"sort", list_sort, 4, "sorts"}, {0, 0, 0, 0}};

/* Where the static functions are, for the test: the file has no names for them. */
const void* const fixture_addresses[] = {(const void*)op_0x00, (const void*)op_0xff, (const void*)list_sort,
                                         (const void*)sort_helper, (const void*)PyObject_Shared};
