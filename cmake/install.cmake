# What an installation holds: bin/scalene, lib/libscalene_agent.so and lib/cpu_only/libscalene_agent.so. The binary looks for
# the agents in ../lib beside itself, so they keep their places to each other under any prefix (in a wheel the prefix is the package's folder).
if(TARGET scalene AND TARGET scalene_agent)
  install(TARGETS scalene RUNTIME DESTINATION bin COMPONENT scalene)
  install(TARGETS scalene_agent LIBRARY DESTINATION lib COMPONENT scalene)
  install(TARGETS scalene_agent_cpu_only LIBRARY DESTINATION lib/cpu_only COMPONENT scalene)
endif()

# Manual page and completions: under the prefix, or as a wheel's data, which pip puts under the environment's prefix.
if(TARGET scalene_documents)
  set(share share)
  if(DEFINED SKBUILD_DATA_DIR)
    set(share ${SKBUILD_DATA_DIR}/share)
  endif()
  install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION ${share} COMPONENT scalene)
endif()
