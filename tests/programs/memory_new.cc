// A C++ library: operator new for one large block and for many small ones. memory_new.py
#include <cstdlib>
#include <string>
#include <vector>

extern "C" void* large(long mib) { return new char[mib << 20]; }
extern "C" void give_back(void* block) { delete[] static_cast<char*>(block); }
extern "C" void* small(long count) {
  auto* blocks = new std::vector<std::string*>;
  for (long i = 0; i < count; ++i) blocks->push_back(new std::string(1000, 'x'));
  return blocks;
}
