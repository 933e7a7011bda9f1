// Included in front of every file of the agent (CMakeLists.txt): our own copies, those that the compiler makes of assignments
// included, do not pass the hooks of copy_hooks.cc. A signal handler of ours must not sample itself.
#pragma once

#include <stddef.h>

extern "C" void* memcpy(void* to, const void* from, size_t bytes) noexcept __asm__("scalene_agent_memcpy");
