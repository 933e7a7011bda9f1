# scalene_tree_sitter: the parser behind profile/outline, C core and Python grammar in one static library, compiled from
# the sources that tools/install-tree-sitter put into .deps. Third-party code: our warnings and sanitizers do not apply.
include_guard(GLOBAL)

set(tree_sitter_dir ${CMAKE_SOURCE_DIR}/.deps/tree-sitter)
if(NOT EXISTS ${tree_sitter_dir}/stamp)
  message(FATAL_ERROR "The sources of tree-sitter are missing from .deps/tree-sitter. Run tools/install-tree-sitter.")
endif()

add_library(scalene_tree_sitter STATIC
  ${tree_sitter_dir}/core/src/lib.c
  ${tree_sitter_dir}/python/src/parser.c
  ${tree_sitter_dir}/python/src/scanner.c)
target_include_directories(scalene_tree_sitter SYSTEM PUBLIC ${tree_sitter_dir}/core/include)
target_include_directories(scalene_tree_sitter PRIVATE ${tree_sitter_dir}/core/src ${tree_sitter_dir}/python/src)
# Optimised in every preset: a debug build parses just as much source. _DEFAULT_SOURCE: its endian helpers ask for it.
target_compile_options(scalene_tree_sitter PRIVATE -O2 -w)
target_compile_definitions(scalene_tree_sitter PRIVATE _POSIX_C_SOURCE=200112L _DEFAULT_SOURCE)
set_target_properties(scalene_tree_sitter PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
