# The raw records of a run in a file, and back. Included by CMakeLists.txt, behind the layer.
find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
# As with the other C++ libraries, the archive: one wheel runs everywhere.
find_library(ZSTD_ARCHIVE libzstd.a REQUIRED)
target_sources(scalene_collector PRIVATE capture_reader.cc capture_writer.cc)
target_include_directories(scalene_collector PRIVATE ${ZSTD_INCLUDE_DIR})
target_link_libraries(scalene_collector PUBLIC ${ZSTD_ARCHIVE})

scalene_test(capture_test USES collector)
scalene_fuzzer(capture_reader_fuzzer USES collector)
