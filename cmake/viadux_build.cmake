# How everything here is compiled. Presets choose VIADUX_SANITIZE; see CMakePresets.json.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(VIADUX_SANITIZE "" CACHE STRING "sanitizers for all code, e.g. address,undefined or thread")
option(VIADUX_FUZZ "build the libFuzzer targets under tests/fuzz" OFF)

add_library(viadux_flags INTERFACE)
target_compile_options(viadux_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                              -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
target_include_directories(viadux_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/core/include)
# Boost.Asio without its deprecated names.
target_compile_definitions(viadux_flags INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY)

if(VIADUX_SANITIZE)
  add_compile_options(-fsanitize=${VIADUX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VIADUX_SANITIZE})
endif()
if(VIADUX_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(VIADUX_CCACHE ccache)
if(VIADUX_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${VIADUX_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${VIADUX_CCACHE})
endif()
find_program(VIADUX_MOLD mold)
if(VIADUX_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
