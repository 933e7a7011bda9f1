#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "agent/python_runtime.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>

#include "base/cpython/debug_offsets.h"
#include "base/load.h"

namespace scalene::agent {
namespace {

using cpython::Layout;

// Bytes of the object `symbol`, from its ELF entry; 0 if unknown.
uint64_t SymbolBytes(void* symbol) {
  Dl_info info{};
  ElfW(Sym)* entry = nullptr;
  if (dladdr1(symbol, &info, reinterpret_cast<void**>(&entry), RTLD_DL_SYMENT) == 0 || entry == nullptr) return 0;
  return entry->st_size;
}

// "3.8.10 …" up to 3.10, which have no symbol for it. 0: not a version.
uint32_t HexFromText(const char* text) {
  uint32_t numbers[3] = {};
  for (int part = 0; part < 3; ++part) {
    if (*text < '0' || *text > '9') return 0;
    while (*text >= '0' && *text <= '9') numbers[part] = numbers[part] * 10 + static_cast<uint32_t>(*text++ - '0');
    if (part < 2 && *text++ != '.') return 0;
  }
  const bool released = *text == ' ' || *text == '\0' || *text == '+';
  return numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | (released ? 0xf0 : 0);
}

uint32_t VersionHex() {
  if (const void* version = PythonSymbol("Py_Version")) return LoadAt<uint32_t>(reinterpret_cast<uint64_t>(version));
  const auto get_version = reinterpret_cast<const char* (*)()>(PythonSymbol("Py_GetVersion"));
  return get_version == nullptr ? 0 : HexFromText(get_version());
}

bool IsFinalRelease(uint32_t version_hex) { return (version_hex & 0xf0) == 0xf0; }

// The layout of this very interpreter; false: unknown.
bool ChooseLayout(uint64_t runtime, uint64_t runtime_bytes, uint32_t version_hex, Layout* layout) {
  if (version_hex >> 24 != 3 || !IsFinalRelease(version_hex)) return false;
  const int minor = static_cast<int>(version_hex >> 16 & 0xff);
  bool free_threaded = false;
  const auto* bytes = reinterpret_cast<const uint8_t*>(runtime);
  if (minor >= 13) {
    cpython::DebugOffsetsHead head;
    if (cpython::ReadDebugOffsetsHead(bytes, runtime_bytes, &head) != cpython::DebugOffsetsError::kNone) return false;
    free_threaded = head.free_threaded;
  }
  const Layout* table = cpython::FindLayout(minor, free_threaded);
  if (table == nullptr) return false;
  *layout = *table;
  if (minor < 13) return true;
  const uint64_t size = runtime_bytes < cpython::kDebugOffsetsMaxSize ? runtime_bytes : cpython::kDebugOffsetsMaxSize;
  return cpython::ApplyDebugOffsets(bytes, size, layout) == cpython::DebugOffsetsError::kNone;
}

// Does the thread state of this thread look like one?
bool ThreadStateFits(uint64_t tstate) {
  const Layout& layout = g_agent.interpreter.layout;
  if (tstate == 0 || LoadAt<uint64_t>(tstate + layout.tstate.thread_id) != static_cast<uint64_t>(pthread_self()))
    return false;
  const auto interp = LoadAt<uint64_t>(tstate + layout.tstate.interp);
  const auto head = LoadAt<uint64_t>(interp + layout.interp.threads_head);
  return head != 0 && LoadAt<uint64_t>(head + layout.tstate.interp) == interp;
}

// A code object made for the purpose, whose file, name and line we know.
bool CodeFits() {
  constexpr int kLine = 4711;
  const auto make = reinterpret_cast<uint64_t (*)(const char*, const char*, int)>(PythonSymbol("PyCode_NewEmpty"));
  const auto drop = reinterpret_cast<void (*)(uint64_t)>(PythonSymbol("Py_DecRef"));
  if (make == nullptr || drop == nullptr) return false;
  const Interpreter& interpreter = g_agent.interpreter;
  const Layout& layout = interpreter.layout;
  const uint64_t code = make("scalene-probe", "probe", kLine);
  if (code == 0) return false;
  const auto file = LoadAt<uint64_t>(code + layout.code.filename);
  const auto name = LoadAt<uint64_t>(code + layout.code.name);
  const bool fits = LoadAt<uint64_t>(code + layout.object.type) == interpreter.code_type &&
                    LoadAt<int32_t>(code + layout.code.firstlineno) == kLine &&
                    LoadAt<uint64_t>(file + layout.object.type) == interpreter.unicode_type &&
                    LoadAt<uint64_t>(name + layout.object.type) == interpreter.unicode_type &&
                    LoadAt<uint64_t>(file + layout.unicode.length) == sizeof("scalene-probe") - 1 &&
                    __builtin_memcmp(reinterpret_cast<const void*>(name + layout.unicode.ascii_data), "probe", 5) == 0;
  drop(code);
  return fits;
}

}  // namespace

void* PythonSymbol(const char* name) { return dlsym(RTLD_DEFAULT, name); }

Found FindInterpreter() {
  void* runtime = PythonSymbol("_PyRuntime");
  if (runtime == nullptr) return Found::kNoPython;
  Interpreter& interpreter = g_agent.interpreter;
  interpreter.runtime = reinterpret_cast<uint64_t>(runtime);
  interpreter.runtime_bytes = SymbolBytes(runtime);
  interpreter.code_type = reinterpret_cast<uint64_t>(PythonSymbol("PyCode_Type"));
  interpreter.unicode_type = reinterpret_cast<uint64_t>(PythonSymbol("PyUnicode_Type"));
  interpreter.this_thread_state = reinterpret_cast<void* (*)()>(PythonSymbol("PyGILState_GetThisThreadState"));
  interpreter.version_hex = VersionHex();
  const bool known =
      interpreter.code_type != 0 && interpreter.unicode_type != 0 && interpreter.this_thread_state != nullptr &&
      ChooseLayout(interpreter.runtime, interpreter.runtime_bytes, interpreter.version_hex, &interpreter.layout);
  return known ? Found::kKnown : Found::kUnknownVersion;
}

int CheckLayout() {
  const auto tstate = reinterpret_cast<uint64_t>(g_agent.interpreter.this_thread_state());
  if (!ThreadStateFits(tstate)) return 1;
  return CodeFits() ? 0 : 2;
}

}  // namespace scalene::agent
