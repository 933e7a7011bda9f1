# What an installation holds: bin/scalene and lib/libscalene_agent.so. The binary looks for the agent in ../lib beside
# itself, so the two keep their places to each other under any prefix (in a wheel the prefix is the package's folder).
if(TARGET scalene AND TARGET scalene_agent)
  install(TARGETS scalene RUNTIME DESTINATION bin COMPONENT scalene)
  install(TARGETS scalene_agent LIBRARY DESTINATION lib COMPONENT scalene)
endif()
