// The profile file: a Document as JSON text. Deterministic: equal documents give equal bytes.
#pragma once

#include "profile/document.h"
#include "render/sink.h"

namespace scalene::render {

// Appends the whole file. The sink is the caller's to finish.
void RenderJson(const profile::Document& document, Sink& sink);

}  // namespace scalene::render
