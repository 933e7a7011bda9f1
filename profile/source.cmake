# The source text of the profiled files and its structure, and which files are profiled at all.
include(${CMAKE_SOURCE_DIR}/cmake/tree_sitter.cmake)

set(PROFILE_SOURCE_SOURCES
  editable_installs.cc
  file_filter.cc
  import_reader.cc
  library_directories.cc
  marked_functions.cc
  module_finder.cc
  native_imports.cc
  outline.cc
  outline_builder.cc
  path_pattern.cc
  path_rules.cc
  path_text.cc
  source_encoding.cc
  source_root.cc
  source_text.cc
  syntax_tree.cc
  utf8.cc)
list(APPEND profile_sources ${PROFILE_SOURCE_SOURCES})
list(APPEND profile_links scalene_tree_sitter)

scalene_test(file_filter_test USES profile)
scalene_test(marked_functions_test USES profile)
scalene_test(native_imports_test USES profile)
scalene_test(outline_test USES profile)
scalene_test(path_pattern_test USES profile)
scalene_test(path_text_test USES profile)
scalene_test(source_root_test USES profile)
scalene_test(source_text_test USES profile)

scalene_fuzzer(outline_fuzzer USES profile)
