# With ccache on the machine, what another build folder has compiled (the Python package, a sanitizer's, another branch) is
# not compiled again. Paths are stored relative to the tree, so that a moved or second clone finds it, too.
find_program(SCALENE_CCACHE ccache)
if(SCALENE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(scalene_launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${SCALENE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${scalene_launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${scalene_launcher})
endif()
