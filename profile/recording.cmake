# The model of a recording: tables, folded counts, and the document made from them.
list(APPEND profile_sources document_builder.cc folded_counts.cc row_builder.cc stack_builder.cc tables.cc timeline.cc)
