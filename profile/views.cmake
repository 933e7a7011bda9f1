# What people are shown of a profile, made from the document: insights, the tree of stacks, the timeline, comparisons.
list(APPEND profile_sources insight_facts.cc insight_rules_memory.cc insight_rules_time.cc insight_rules_waits.cc
  insights.cc line_match.cc metric_display.cc redact_paths.cc stack_tree.cc timeline_runs.cc timeline_tracks.cc)

scalene_test(insights_test USES profile)
scalene_test(line_match_test USES profile)
scalene_test(redact_paths_test USES profile)
scalene_test(stack_tree_test USES profile)
scalene_test(timeline_runs_test USES profile)
scalene_test(timeline_tracks_test USES profile)
