# The page's scripts and style sheets, bundled from web/ and embedded.
set(web ${CMAKE_SOURCE_DIR}/web)
set(page_folder ${CMAKE_BINARY_DIR}/web)
set(page_names app.js app.css later.js ai.js ai.css)
list(TRANSFORM page_names PREPEND ${page_folder}/ OUTPUT_VARIABLE page_files)
find_program(NODE node REQUIRED)
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/install-page-tools COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web}/src/*.ts ${web}/src/*.tsx ${web}/src/*.css)
add_custom_command(
  OUTPUT ${page_files}
  COMMAND ${NODE} ${web}/build.mjs --outdir ${page_folder}
  DEPENDS ${web_sources} ${web}/build.mjs ${web}/package.json
  COMMENT "Bundling the page"
  VERBATIM)

set(page_assets ${CMAKE_BINARY_DIR}/generated/page_assets_generated.cc)
add_custom_command(
  OUTPUT ${page_assets}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/embed_page.py ${page_folder} > ${page_assets}
  DEPENDS ${page_files} ${CMAKE_SOURCE_DIR}/tools/embed_page.py
  COMMENT "Embedding the page"
  VERBATIM)
