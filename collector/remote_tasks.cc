#include "collector/remote_tasks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>

#include "base/cpython/debug_offsets.h"
#include "collector/elf_file.h"

namespace scalene::collector {
namespace {

constexpr uint8_t kResumeInAwait = 2;  // the argument of RESUME: 2 yield from, 3 await

// Files mapped in a process that may hold asyncio's C code, the module itself first.
std::vector<std::string> AsyncioCandidates(pid_t pid) {
  std::vector<std::string> modules, others;
  std::set<std::string> seen;
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t slash = line.find('/');
    if (slash == line.npos || !seen.insert(line.substr(slash)).second) continue;
    const std::string path = line.substr(slash);
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name.starts_with("_asyncio")) modules.push_back(path);
    if (name.starts_with("libpython") || name.starts_with("python")) others.push_back(path);
  }
  modules.insert(modules.end(), others.begin(), others.end());
  return modules;
}

}  // namespace

RemoteTasks::RemoteTasks(RemoteInterpreter& interpreter, pid_t pid)
    : interpreter_(interpreter),
      memory_(interpreter.memory()),
      objects_(interpreter.objects()),
      layout_(interpreter.layout()) {
  if (PerThreadLists()) FindAsyncioDebug(pid);
  if (layout_.minor == 13 && layout_.free_threaded) {
    // Its Task is the other builds' behind a longer object header.
    const cpython::Layout& plain = *cpython::FindLayout(13, false);
    const int32_t longer = layout_.object.size - plain.object.size;
    layout_.task = plain.task;
    for (int32_t* field : {&layout_.task.loop, &layout_.task.state, &layout_.task.coro, &layout_.task.name})
      *field += longer;
  }
}

// Where the tables of 3.14 and newer stand depends on how the interpreter was built; asyncio's C code says it.
void RemoteTasks::FindAsyncioDebug(pid_t pid) {
  for (const std::string& path : AsyncioCandidates(pid)) {
    const auto file = ElfFile::Open(path);
    if (!file.ok()) continue;
    const ElfSection* section = file.value().FindSection(".AsyncioDebug");
    if (section == nullptr) continue;
    const std::vector<uint8_t> bytes = file.value().Read(*section);
    uint64_t values[cpython::kAsyncioDebugFields];
    if (bytes.size() < sizeof values) continue;
    std::memcpy(values, bytes.data(), sizeof values);
    (void)cpython::ApplyAsyncioDebug(values, &layout_);
    return;
  }
}

uint64_t RemoteTasks::Random() {
  random_ = random_ * 6364136223846793005ull + 1442695040888963407ull;
  return random_ >> 20;
}

uint64_t RemoteTasks::RunningLoop(uint64_t tstate) {
  if (PerThreadLists()) return objects_.Word(tstate + layout_.tstate_impl.asyncio_running_loop);
  if (layout_.minor == 13)
    return objects_.Word(tstate + layout_.tstate.size);  // the first member behind the public part
  const uint64_t local = objects_.Word(tstate + layout_.tstate.dict);
  if (local == 0) return 0;
  const uint64_t entry = objects_.Item(local, "__asyncio_running_event_loop__");
  if (entry == 0) return 0;
  const bool held = objects_.TypeName(entry).find("RunningLoopHolder") != std::string::npos;
  return held ? objects_.Word(entry + layout_.object.size) : objects_.TypeName(entry) == "NoneType" ? 0 : entry;
}

// A ring of nodes inside the tasks; its head is in the thread state.
bool RemoteTasks::ListTasks(uint64_t tstate, std::vector<uint64_t>& tasks, double* count) {
  const uint64_t head = tstate + layout_.tstate_impl.asyncio_tasks_head;
  uint64_t node = objects_.Word(head);
  if (node == 0 || (node != head && objects_.Word(node + 8) != head)) return false;
  size_t seen = 0;
  for (; node != head && node != 0 && seen < kMostListed; ++seen) {
    const uint64_t task = node - layout_.task.node;
    if (tasks.size() < kMostLooked) {
      tasks.push_back(task);
    } else if (const uint64_t place = Random() % (seen + 1); place < kMostLooked) {
      tasks[place] = task;  // each of them with the same chance
    }
    node = objects_.Word(node);
  }
  *count = static_cast<double>(seen);
  return true;
}

bool RemoteTasks::SetTasks(std::vector<uint64_t>& tasks, double* count) {
  const uint64_t interpreter = objects_.Word(interpreter_.runtime() + layout_.runtime.interpreters_main);
  const char* name = layout_.minor >= 12 ? "_scheduled_tasks" : "_all_tasks";
  const uint64_t weak_set = objects_.Global(interpreter, "asyncio.tasks", name);
  const uint64_t set = weak_set == 0 ? 0 : objects_.Attribute(weak_set, "data");
  if (set == 0) return false;
  uint64_t size = 0;
  for (const uint64_t reference : objects_.Members(set, kMostLooked, Random(), &size)) {
    const uint64_t task = objects_.Word(reference + layout_.weakref.object);
    if (task != 0) tasks.push_back(task);
  }
  *count = static_cast<double>(size);
  return true;
}

bool RemoteTasks::Read(uint64_t tstate, uint64_t loop, CodeObjects& codes, SuspendedTasks& tasks) {
  tasks = {};
  std::vector<uint64_t> found;
  double count = 0;
  if (!(PerThreadLists() ? ListTasks(tstate, found, &count) : SetTasks(found, &count))) return false;
  const double looked = static_cast<double>(std::max<size_t>(1, found.size()));
  std::erase_if(found, [&](uint64_t task) { return !IsPending(task, loop); });
  const double pending = static_cast<double>(found.size());
  for (size_t i = 0; found.size() > kMostRead && i < kMostRead; ++i)
    std::swap(found[i], found[i + Random() % (found.size() - i)]);
  found.resize(std::min(found.size(), kMostRead));
  for (const uint64_t task : found) {
    SuspendedTask read;
    if (ReadTask(task, codes, read)) tasks.read.push_back(std::move(read));
  }
  const double suspended =
      static_cast<double>(tasks.read.size()) / static_cast<double>(std::max<size_t>(1, found.size()));
  tasks.count = std::round(count * pending / looked * suspended);
  return true;
}

// A task of this loop that is not done.
bool RemoteTasks::IsPending(uint64_t task, uint64_t loop) {
  int32_t state = 0;
  return objects_.IsA(task, "_asyncio.Task") && objects_.Word(task + layout_.task.loop) == loop &&
         memory_.Load(task + layout_.task.state, &state) && state == 0;
}

// False: it does not wait.
bool RemoteTasks::ReadTask(uint64_t task, CodeObjects& codes, SuspendedTask& read) {
  uint64_t generator = GeneratorOf(objects_.Word(task + layout_.task.coro));
  if (generator == 0 || !IsSuspended(generator)) return false;
  for (int depth = 0; generator != 0 && depth < kMostDeep; ++depth) {
    wire::FrameEntry entry{};
    if (!interpreter_.ReadFrame(FrameOf(generator), codes, entry)) break;
    read.frames.push_back(entry);
    generator = GeneratorOf(AwaitedBy(generator));
  }
  std::reverse(read.frames.begin(), read.frames.end());
  read.name = NameOf(task);
  return !read.frames.empty();
}

// From 3.12 on an unnamed task's name is a number until somebody asks for it.
std::string RemoteTasks::NameOf(uint64_t task) {
  const uint64_t name = cpython::WithoutTag(objects_.Word(task + layout_.task.name));
  if (const auto number = objects_.Integer(name)) return "Task-" + std::to_string(*number);
  return objects_.Text(name);
}

uint64_t RemoteTasks::GeneratorOf(uint64_t object) {
  if (object == 0) return 0;
  const std::string& type = objects_.TypeName(object);
  if (type == "coroutine" || type == "generator" || type == "async_generator") return object;
  if (type == "async_generator_asend") return objects_.Word(object + layout_.async_gen_asend.generator);
  if (type == "async_generator_athrow") return objects_.Word(object + layout_.async_gen_athrow.generator);
  if (type == "coroutine_wrapper") return objects_.Word(object + layout_.coroutine_wrapper.coroutine);
  return 0;
}

uint64_t RemoteTasks::FrameOf(uint64_t generator) {
  return layout_.minor <= 10 ? objects_.Word(generator + layout_.gen.frame) : generator + layout_.gen.iframe;
}

bool RemoteTasks::IsSuspended(uint64_t generator) {
  if (layout_.minor <= 10) {
    const uint64_t frame = FrameOf(generator);
    if (frame == 0) return false;
    if (layout_.minor <= 9) return objects_.Word(frame + layout_.frame.stacktop) != 0;
    int8_t state = 0;
    return memory_.Load(frame + layout_.frame.state, &state) && state == layout_.frame_state.suspended;
  }
  int8_t state = 0;
  if (!memory_.Load(generator + layout_.gen.frame_state, &state)) return false;
  return state == layout_.frame_state.suspended || state == layout_.frame_state.suspended_yield_from ||
         state == layout_.frame_state.suspended_yield_from_locked;
}

// 3.8 to 3.10: the instruction behind the one at which the frame stands is YIELD_FROM.
uint64_t RemoteTasks::AwaitedByFrameObject(uint64_t frame) {
  int32_t last = 0;
  const uint64_t code = objects_.Word(frame + layout_.frame.code);
  if (frame == 0 || code == 0 || !memory_.Load(frame + layout_.frame.lasti, &last) || last < 0) return 0;
  const uint64_t bytecode = objects_.Word(code + layout_.code.code_bytes) + layout_.bytes.data;
  const int64_t next = layout_.minor == 10 ? 2 * (int64_t{last} + 1) : int64_t{last} + 2;
  uint8_t opcode = 0;
  if (!memory_.Load(bytecode + static_cast<uint64_t>(next), &opcode) || opcode != layout_.opcode.yield_from) return 0;
  if (layout_.minor <= 9) {
    const uint64_t top = objects_.Word(frame + layout_.frame.stacktop);
    return top == 0 ? 0 : objects_.Word(top - 8);
  }
  int32_t depth = 0;
  const uint64_t stack = objects_.Word(frame + layout_.frame.valuestack);
  if (!memory_.Load(frame + layout_.frame.stackdepth, &depth) || depth <= 0) return 0;
  return objects_.Word(stack + 8 * static_cast<uint64_t>(depth - 1));
}

// 3.11, 3.12: the instruction behind the last one is a RESUME that goes on in an await.
bool RemoteTasks::ResumesInAwait(uint64_t instruction) {
  uint8_t unit[2] = {};
  if (!memory_.Read(instruction + 2, unit, sizeof unit)) return false;
  const int opcode = unit[0];
  const bool resumes = opcode == layout_.opcode.resume || opcode == layout_.opcode.resume_quick ||
                       opcode == layout_.opcode.instrumented_resume;
  return resumes && (unit[1] & 3) >= kResumeInAwait;
}

// What a suspended coroutine waits for; 0: it is not in an await.
uint64_t RemoteTasks::AwaitedBy(uint64_t generator) {
  const uint64_t frame = FrameOf(generator);
  if (layout_.minor <= 10) return AwaitedByFrameObject(frame);
  int8_t state = 0;
  if (!memory_.Load(generator + layout_.gen.frame_state, &state)) return 0;
  if (layout_.minor <= 12) {
    if (state != layout_.frame_state.suspended || !ResumesInAwait(objects_.Word(frame + layout_.iframe.instr)))
      return 0;
  } else if (state != layout_.frame_state.suspended_yield_from &&
             state != layout_.frame_state.suspended_yield_from_locked) {
    return 0;
  }
  if (layout_.minor >= 14) {
    const uint64_t top = objects_.Word(frame + layout_.iframe.stackpointer);
    return top == 0 ? 0 : cpython::WithoutTag(objects_.Word(top - (layout_.minor == 14 ? 8 : 16)));
  }
  int32_t depth = 0;
  if (!memory_.Load(frame + layout_.iframe.stacktop, &depth) || depth <= 0) return 0;
  return objects_.Word(frame + layout_.iframe.localsplus + 8 * static_cast<uint64_t>(depth - 1));
}

}  // namespace scalene::collector
