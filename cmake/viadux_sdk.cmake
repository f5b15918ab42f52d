# viadux::sdk: the headers a plugin sees. In the tree it is made here, for others by find_package(viadux).
add_library(viadux_sdk INTERFACE)
add_library(viadux::sdk ALIAS viadux_sdk)
set_target_properties(viadux_sdk PROPERTIES EXPORT_NAME sdk)
target_compile_features(viadux_sdk INTERFACE cxx_std_20)
target_include_directories(viadux_sdk INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_LIST_DIR}/../core/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
