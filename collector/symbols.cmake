# Where a sample's native code is, what it is called and whose time it was. Included by CMakeLists.txt, before the layer.
set(scalene_collector_symbols
  call_sites.cc classifier.cc code_references.cc code_region.cc elf_file.cc mappings.cc nameless_functions.cc
  perf_map.cc private_code.cc process_code.cc static_pointers.cc symbol_table.cc symbolizer.cc)

if(COMMAND scalene_test AND SCALENE_TESTS)
  # A stripped file that looks like an interpreter with a tail-calling evaluation loop.
  add_library(tail_call_loop MODULE testdata/tail_call_loop.c)
  set_target_properties(tail_call_loop PROPERTIES
    PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests LINK_OPTIONS "-Wl,--strip-all"
    COMPILE_OPTIONS "-O1;-fvisibility=default")
  foreach(test classifier_test code_region_test elf_file_test mappings_test symbolizer_test)
    scalene_test(${test} USES collector LINKS ${CMAKE_DL_LIBS})
    target_compile_definitions(${test} PRIVATE TAIL_CALL_LOOP="$<TARGET_FILE:tail_call_loop>")
    add_dependencies(${test} tail_call_loop)
  endforeach()
endif()
if(COMMAND scalene_fuzzer)
  scalene_fuzzer(elf_file_fuzzer USES collector)
  scalene_fuzzer(mappings_fuzzer USES collector)
endif()
