#include "agent/builtin_profile.h"

#include "agent/process_state.h"
#include "agent/python_frames.h"
#include "agent/python_runtime.h"
#include "agent/record_writer.h"

namespace scalene::agent {
namespace {

struct Object;  // PyObject

// The part of the C API that is used here. All of it exists on 3.8 to 3.15.
struct Api {
  Object* (*get_builtins)();
  Object* (*dict_get)(Object*, const char*);
  int (*dict_set)(Object*, const char*, Object*);
  Object* (*new_function)(void* definition, Object* self, Object* module);
  Object* (*get_attribute)(Object*, const char*);
  Object* (*call_values)(Object*);
  long (*list_size)(Object*);
  Object* (*list_item)(Object*, long);
  Object* (*sys_object)(const char*);
  Object* (*encode_path)(Object*);
  char* (*bytes_text)(Object*);
  long (*bytes_size)(Object*);
  void (*increase)(Object*);
  void (*decrease)(Object*);
  void (*clear_error)();
  const char* (*version)();
};

template <typename Function>
bool Find(Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(PythonSymbol(name));
  return function != nullptr;
}

// nullptr: this interpreter lacks one of them.
const Api* FindApi() {
  static Api api;
  static bool complete = false;
  if (complete) return &api;
  complete = Find(api.get_builtins, "PyEval_GetBuiltins") && Find(api.dict_get, "PyDict_GetItemString") &&
             Find(api.dict_set, "PyDict_SetItemString") && Find(api.new_function, "PyCFunction_NewEx") &&
             Find(api.get_attribute, "PyObject_GetAttrString") && Find(api.call_values, "PyMapping_Values") &&
             Find(api.list_size, "PyList_Size") && Find(api.list_item, "PyList_GetItem") &&
             Find(api.sys_object, "PySys_GetObject") && Find(api.encode_path, "PyUnicode_EncodeFSDefault") &&
             Find(api.bytes_text, "PyBytes_AsString") && Find(api.bytes_size, "PyBytes_Size") &&
             Find(api.increase, "Py_IncRef") && Find(api.decrease, "Py_DecRef") &&
             Find(api.clear_error, "PyErr_Clear") && Find(api.version, "Py_GetVersion");
  return complete ? &api : nullptr;
}

uint64_t TypeOf(const Object* object) {
  uint64_t type;
  __builtin_memcpy(&type, reinterpret_cast<const uint8_t*>(object) + g_agent.interpreter.layout.object.type,
                   sizeof type);
  return type;
}

void MarkCode(Object* code) {
  if (g_agent.state == nullptr || TypeOf(code) != g_agent.interpreter.code_type) return;
  const auto address = reinterpret_cast<uint64_t>(code);
  const uint32_t fingerprint = DescribeCode(address);
  auto* record = BeginRecord<wire::MarkedFunctionRecord>(wire::RecordType::kMarkedFunction);
  if (record == nullptr) return;
  record->code = address;
  record->fingerprint = fingerprint;
  record->reserved = 0;
  EndRecord(record);
}

// An attribute, or nullptr without an error left behind. The caller drops it.
Object* Attribute(const Api& api, Object* object, const char* name) {
  Object* value = api.get_attribute(object, name);
  if (value == nullptr) api.clear_error();
  return value;
}

bool Mark(const Api& api, Object* object, int depth);

// static methods, class methods, properties, functools.wraps …: what they hide.
bool MarkInner(const Api& api, Object* object, int depth) {
  bool marked = false;
  for (const char* name : {"__wrapped__", "__func__", "fget", "fset", "func"}) {
    if (Object* inner = Attribute(api, object, name)) {
      marked |= Mark(api, inner, depth + 1);
      api.decrease(inner);
    }
  }
  return marked;
}

void MarkMethods(const Api& api, Object* type, int depth) {
  Object* names = Attribute(api, type, "__dict__");
  if (names == nullptr) return;
  Object* values = api.call_values(names);
  if (values == nullptr) api.clear_error();
  const long count = values == nullptr ? 0 : api.list_size(values);
  for (long i = 0; i < count; ++i) Mark(api, api.list_item(values, i), depth + 1);
  if (values != nullptr) api.decrease(values);
  api.decrease(names);
}

bool Mark(const Api& api, Object* object, int depth) {
  constexpr int kMaxDepth = 8;  // decorators around decorators
  if (object == nullptr || depth > kMaxDepth) return false;
  bool marked = MarkInner(api, object, depth);
  if (Object* code = Attribute(api, object, "__code__")) {
    MarkCode(code);
    api.decrease(code);
    marked = true;
  }
  return marked;
}

bool IsClass(const Api& api, Object* object) {
  Object* bases = Attribute(api, object, "__bases__");
  if (bases != nullptr) api.decrease(bases);
  return bases != nullptr;
}

// profile(object) -> object
Object* Profile(Object*, Object* object) {
  const Api& api = *FindApi();
  if (IsClass(api, object)) {
    MarkMethods(api, object, 0);
  } else {
    Mark(api, object, 0);
  }
  api.increase(object);
  return object;
}

// PyMethodDef.
struct MethodDefinition {
  const char* name;
  Object* (*function)(Object*, Object*);
  int flags;
  const char* documentation;
};
constexpr int kOneArgument = 0x0008;  // METH_O
MethodDefinition g_profile = {"profile", Profile, kOneArgument,
                              "profile(function)\n--\n\nTell Scalene to report only functions marked like this one."};

void WritePath(const Api& api, wire::TextKey key, Object* text) {
  if (text == nullptr) return;
  Object* bytes = api.encode_path(text);
  if (bytes == nullptr) {
    api.clear_error();
    return;
  }
  const long size = api.bytes_size(bytes);
  if (size >= 0 && size < 16 * 1024) WriteProcessText(key, api.bytes_text(bytes), static_cast<uint32_t>(size));
  api.decrease(bytes);
}

uint32_t Length(const char* text) { return static_cast<uint32_t>(__builtin_strlen(text)); }

}  // namespace

void InstallBuiltinProfile() {
  const Api* api = FindApi();
  if (api == nullptr) return;
  Object* builtins = api->get_builtins();
  if (builtins == nullptr || api->dict_get(builtins, "profile") != nullptr) return;
  Object* function = api->new_function(&g_profile, nullptr, nullptr);
  if (function != nullptr) api->dict_set(builtins, "profile", function);
  if (function != nullptr) api->decrease(function);
  api->clear_error();
}

void WriteInterpreterFacts() {
  const Api* api = FindApi();
  if (api == nullptr) return;
  WriteProcessText(wire::TextKey::kVersion, api->version(), Length(api->version()));
  WritePath(*api, wire::TextKey::kExecutable, api->sys_object("executable"));
  WritePath(*api, wire::TextKey::kPrefix, api->sys_object("prefix"));
  WritePath(*api, wire::TextKey::kBasePrefix, api->sys_object("base_prefix"));
  Object* path = api->sys_object("path");
  const long entries = path == nullptr ? 0 : api->list_size(path);
  for (long i = 0; i < entries && i < 1000; ++i) WritePath(*api, wire::TextKey::kSysPathEntry, api->list_item(path, i));
  api->clear_error();
}

}  // namespace scalene::agent
