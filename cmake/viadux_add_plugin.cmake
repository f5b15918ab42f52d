# viadux_add_plugin(NAME SOURCES file... [LINK target...] [WEB folder])
#
#   Makes NAME.so, a plugin: a C++20 module that exports viadux_plugin_entry and nothing else. It is the same
#   function here and for who found it by find_package(viadux).
#
#   SOURCES  its files
#   LINK     libraries of its own; never one of the server's
#   WEB      a folder of files that it serves, installed beside it
#
#   The library comes to ${CMAKE_BINARY_DIR}/lib/viadux/plugins (VIADUX_PLUGIN_OUTPUT changes it) and is installed to
#   lib/viadux/plugins.
include_guard(GLOBAL)
set(VIADUX_PLUGIN_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "where viadux_add_plugin has its helpers")

function(viadux_add_plugin name)
  cmake_parse_arguments(arg "" "WEB" "SOURCES;LINK" ${ARGN})
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$" OR NOT arg_SOURCES)
    message(FATAL_ERROR "viadux_add_plugin(NAME SOURCES ...): NAME is [a-z][a-z0-9_]*, and SOURCES must be given")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "viadux_add_plugin(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()

  add_library(${name} MODULE ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON LINK_DEPENDS ${VIADUX_PLUGIN_CMAKE_DIR}/viadux_plugin.map)
  if(NOT DEFINED VIADUX_PLUGIN_OUTPUT)
    set(VIADUX_PLUGIN_OUTPUT ${CMAKE_BINARY_DIR}/lib/viadux/plugins)
  endif()
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${VIADUX_PLUGIN_OUTPUT})
  target_link_libraries(${name} PRIVATE viadux::sdk ${arg_LINK})
  if(TARGET viadux_flags) # in the server's own tree: its warnings, but none of its headers
    target_compile_options(${name} PRIVATE $<TARGET_PROPERTY:viadux_flags,INTERFACE_COMPILE_OPTIONS>)
  endif()
  # g++ marks statics of templates as unique over the whole process: two plugins would then share them.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  # The map hides what hidden visibility does not: templates of the standard library.
  target_link_options(${name} PRIVATE -Wl,--version-script=${VIADUX_PLUGIN_CMAKE_DIR}/viadux_plugin.map)
  # Nothing is borrowed from the server. A sanitizer's functions are in the program, so there it cannot be asked.
  string(JOIN " " flags "${CMAKE_CXX_FLAGS}" "${VIADUX_SANITIZE}")
  get_directory_property(options COMPILE_OPTIONS)
  if(NOT "${flags} ${options}" MATCHES "sanitize|address|thread|undefined")
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  add_custom_command(TARGET ${name} POST_BUILD VERBATIM
    COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DLIBRARY=$<TARGET_FILE:${name}>
            -P ${VIADUX_PLUGIN_CMAKE_DIR}/viadux_check_symbols.cmake)

  if(arg_WEB)
    # Beside the library, where the host looks for it; a link, so that an edited page is there at the next reload.
    add_custom_command(TARGET ${name} POST_BUILD VERBATIM
      COMMAND ${CMAKE_COMMAND} -E make_directory ${VIADUX_PLUGIN_OUTPUT}/${name}
      COMMAND ${CMAKE_COMMAND} -E create_symlink ${CMAKE_CURRENT_SOURCE_DIR}/${arg_WEB} ${VIADUX_PLUGIN_OUTPUT}/${name}/web)
  endif()

  if(VIADUX_PLUGIN_OUTPUT MATCHES "/tests/")
    return() # a fixture
  endif()
  include(GNUInstallDirs)
  install(TARGETS ${name} LIBRARY DESTINATION lib/viadux/plugins) # where the server looks, from its own place
  if(arg_WEB)
    install(DIRECTORY ${arg_WEB}/ DESTINATION ${CMAKE_INSTALL_LIBDIR}/viadux/plugins/${name}/web)
  endif()
endfunction()
