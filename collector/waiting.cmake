# Waits: what threads do while they are not on a CPU, seen from outside. Included by CMakeLists.txt, behind the layer.
target_sources(scalene_collector PRIVATE gil_watch.cc held_moments.cc remote_interpreter.cc remote_locks.cc
  remote_memory.cc remote_objects.cc remote_tasks.cc thread_probe.cc
  wait_reasons.cc wait_sampler.cc waiting_process.cc)

scalene_test(wait_reasons_test USES collector)
scalene_test(idle_time_test USES collector)
scalene_test(wait_sampler_test USES collector)
scalene_test(waiting_stress_test USES collector)
