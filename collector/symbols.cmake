# Where a sample's native code is, what it is called and whose time it was. Included by CMakeLists.txt, before the layer.
set(scalene_collector_symbols
  call_sites.cc classifier.cc code_references.cc code_region.cc elf_file.cc mappings.cc nameless_functions.cc
  native_callees.cc perf_map.cc process_code.cc static_pointers.cc symbol_table.cc symbolizer.cc)

if(COMMAND scalene_test)
  scalene_test(mappings_test USES collector)
endif()
