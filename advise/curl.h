// One HTTP request by the system's `curl`, which brings TLS, certificates and proxies of this machine. Address, headers
// and body go through its standard input: a key is in no argument and no environment of it.
// Threads: any; each call is on its own.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "advise/providers.h"
#include "base/status.h"

namespace scalene::advise {

// Passes on the answer, head and body, as it comes; the sink returns false to end it. `stopped` ends it from another thread.
Status Fetch(const HttpCall& call, const std::function<bool(std::string_view)>& sink, const std::atomic<bool>& stopped);

}  // namespace scalene::advise
