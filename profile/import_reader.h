// Turns the syntax node of an import into an ImportStatement. Internal to profile/.
#pragma once

#include "profile/import_statement.h"
#include "profile/syntax_tree.h"

namespace scalene::profile {

// `node` is an import, a from-import or a __future__ import.
ImportStatement ReadImport(const SyntaxTree& tree, TSNode node, SyntaxKind kind, int line);

}  // namespace scalene::profile
