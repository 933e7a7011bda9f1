# The source text of the profiled files and its structure, and which files are profiled at all.
include(${CMAKE_SOURCE_DIR}/cmake/tree_sitter.cmake)

set(PROFILE_SOURCE_SOURCES
  import_reader.cc
  outline.cc
  outline_builder.cc
  source_encoding.cc
  source_text.cc
  syntax_tree.cc
  utf8.cc)
list(APPEND profile_sources ${PROFILE_SOURCE_SOURCES})
list(APPEND profile_links scalene_tree_sitter)

scalene_test(outline_test USES profile)
scalene_test(source_text_test USES profile)
