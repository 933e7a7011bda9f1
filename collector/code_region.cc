#include "collector/code_region.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "collector/nameless_functions.h"
#include "collector/private_code.h"

namespace scalene::collector {
namespace {

// The evaluation loop. With tail calls (3.14+, built by clang or gcc 15) every opcode is a function of its own.
constexpr char kEvalLoopNames[] = "_PyEval_EvalFrameDefault _PyEval_EvalFrame";
constexpr std::string_view kEvalLoopPrefixes[] = {"_TAIL_CALL_"};

// Functions that run only when a Python function is entered or left, 3.8 to 3.15. The last line is super(): a call of a C
// type by its form, but a part of the method call in all else, and no call at all from 3.12 on.
constexpr char kEntryNames[] = R"(
    function_code_fastcall initialize_locals _PyEval_Vector _PyEval_EvalCode _PyEval_EvalCodeWithName _PyFunction_Vectorcall
    _PyFunction_FastCallDict _PyFunction_FastCallKeywords _PyEvalFramePushAndInit _PyEvalFramePushAndInit_Ex
    _PyEvalFramePushAndInit_UnTagged _PyFrame_Push _PyFrame_New_NoTrack PyFrame_New frame_alloc frame_dealloc
    _PyFrame_Clear _PyFrame_ClearExceptCode _PyFrame_ClearLocals _PyEvalFrameClearAndPop _PyEval_FrameClearAndPop
    clear_thread_frame _PyThreadState_PushFrame _PyThreadState_PopFrame _PyThreadState_BumpFramePointer
    _PyThreadState_BumpFramePointerSlow push_chunk method_vectorcall instancemethod_call
    super_init super_init_impl super_init_without_args super_vectorcall
)";
constexpr std::string_view kEntryPrefixes[] = {"slot_tp_", "slot_nb_", "slot_sq_", "slot_mp_", "slot_am_"};

// Functions that find out what to call, and bring it its arguments.
constexpr char kMachineryNames[] = R"(
    call_function do_call_core do_call PyEval_EvalCodeEx PyEval_EvalCode PyObject_Vectorcall _PyObject_Vectorcall
    PyObject_VectorcallMethod PyObject_VectorcallDict _PyObject_VectorcallDictTstate _PyObject_FastCallDict
    _PyObject_FastCallDictTstate _PyObject_Call PyObject_Call _PyObject_Call_Prepend _PyObject_FastCall_Prepend
    _PyObject_MakeTpCall PyVectorcall_Call _PyVectorcall_Call PyObject_CallObject PyObject_CallNoArgs
    PyObject_CallOneArg object_vacall _PyObject_CallFunctionVa _Py_CheckFunctionResult _PyStack_AsDict
    _PyStack_UnpackDict _PyStack_UnpackDict_Free _PyStack_UnpackDict_FreeNoDecRef _Py_EnterRecursiveCall
    Py_EnterRecursiveCall Py_LeaveRecursiveCall _Py_CheckRecursiveCall
    frame_clear take_ownership _PyFrame_MakeAndSetFrameObject clear_gen_frame func_dealloc func_clear
    func_descr_get func_new_impl PyFunction_New PyFunction_NewWithQualName _PyFunction_FromConstructor
    _PyFunction_SetVersion method_call method_dealloc method_descr_get PyMethod_New _PyMethod_New cm_descr_get
    sm_descr_get property_descr_get property_descr_set partial_call partial_call_impl partial_vectorcall
    partial_vectorcall_fallback partial_fastcall bounded_lru_cache_wrapper lru_cache_call
    infinite_lru_cache_wrapper uncached_lru_cache_wrapper
    type_call type_vectorcall super_getattro do_super_lookup _PySuper_Lookup super_dealloc super_descr_get
    object_init object_new object_dealloc subtype_dealloc lookup_maybe_method lookup_method vectorcall_method
    vectorcall_maybe vectorcall_unbound call_unbound call_unbound_noarg call_attribute
    gen_send_ex gen_send_ex2 gen_iternext gen_send _PyGen_Finalize gen_dealloc _Py_MakeCoro make_gen
    gen_close_iter _PyGen_yf
)";
constexpr std::string_view kMachineryPrefixes[] = {"wrap_"};

// The words of a list above.
std::unordered_set<std::string_view> Words(std::string_view list) {
  constexpr std::string_view kBlank = " \n";
  std::unordered_set<std::string_view> words;
  for (size_t start; (start = list.find_first_not_of(kBlank)) != std::string_view::npos;) {
    list.remove_prefix(start);
    const std::string_view word = list.substr(0, list.find_first_of(kBlank));
    words.insert(word);
    list.remove_prefix(word.size());
  }
  return words;
}

template <size_t N>
bool StartsWithOneOf(const std::string_view (&prefixes)[N], std::string_view name) {
  return std::any_of(std::begin(prefixes), std::end(prefixes), [&](auto prefix) { return name.starts_with(prefix); });
}

bool IsInterpreter(const SymbolTable& symbols) { return symbols.FindName("_PyEval_EvalFrameDefault").has_value(); }

}  // namespace

std::string_view WithoutCompilerSuffix(std::string_view name) {
  static constexpr std::string_view kSuffixes[] = {".cold",      ".part.", ".isra.",      ".constprop.",
                                                   ".lto_priv.", ".llvm.", ".localalias", ".clone."};
  size_t end = name.size();
  for (const std::string_view suffix : kSuffixes) end = std::min(end, name.find(suffix));
  return name.substr(0, end);
}

CodeRegion RegionOfFunction(std::string_view name) {
  static const auto* const kLoop = new std::unordered_set(Words(kEvalLoopNames));
  static const auto* const kEntry = new std::unordered_set(Words(kEntryNames));
  static const auto* const kMachinery = new std::unordered_set(Words(kMachineryNames));
  const std::string_view plain = WithoutCompilerSuffix(name);
  if (kLoop->contains(plain) || StartsWithOneOf(kEvalLoopPrefixes, plain)) return CodeRegion::kEvalLoop;
  if (kEntry->contains(plain) || StartsWithOneOf(kEntryPrefixes, plain)) return CodeRegion::kPythonEntry;
  if (kMachinery->contains(plain) || StartsWithOneOf(kMachineryPrefixes, plain)) return CodeRegion::kCallMachinery;
  return CodeRegion::kInterpreter;
}

InterpreterRegions InterpreterRegions::Of(const ElfFile& file, const SymbolTable& symbols) {
  InterpreterRegions regions;
  if (!IsInterpreter(symbols)) return regions;
  const std::unordered_map<uint64_t, CodeRegion> nameless = RegionsOfNamelessFunctions(file, symbols);
  std::unordered_set<uint64_t> loop;
  for (size_t i = 0; i < symbols.size(); i++) {
    const SymbolTable::Function function = symbols.at(i);
    CodeRegion region = RegionOfFunction(function.name);
    if (const auto found = nameless.find(function.start); found != nameless.end()) region = found->second;
    if (region == CodeRegion::kEvalLoop) loop.insert(function.start);
    regions.ranges_.push_back({function.start, region});
  }
  const PrivateCode private_code = FindPrivateCode(file, symbols, loop);
  for (Range& range : regions.ranges_) {
    if (range.region != CodeRegion::kInterpreter) continue;
    if (private_code.loop_helpers.contains(range.start)) range.region = CodeRegion::kEvalLoop;
    if (private_code.native_callees.contains(range.start)) range.region = CodeRegion::kNativeCallee;
  }
  return regions;
}

CodeRegion InterpreterRegions::At(uint64_t address) const {
  const auto starts_behind = [](uint64_t value, const Range& range) { return value < range.start; };
  const auto next = std::upper_bound(ranges_.begin(), ranges_.end(), address, starts_behind);
  return next == ranges_.begin() ? CodeRegion::kInterpreter : std::prev(next)->region;
}

}  // namespace scalene::collector
