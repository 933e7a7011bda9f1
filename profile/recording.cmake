# The model of a recording: tables, folded counts, and the document made from them.
list(APPEND profile_sources document_builder.cc folded_counts.cc footprint_curve.cc leaks.cc
     memory_builder.cc memory_counts.cc memory_history.cc row_builder.cc stack_builder.cc tables.cc timeline.cc)

scalene_test(document_builder_test USES profile)
scalene_test(folded_counts_test USES profile)
scalene_test(memory_counts_test USES profile)
scalene_test(tables_test USES profile)
