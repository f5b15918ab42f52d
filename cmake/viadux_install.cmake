# What an outsider needs to write a plugin, put into a prefix by `cmake --install`: the SDK's headers and the CMake
# package. (The server and the plugins install themselves: core/CMakeLists.txt, viadux_add_plugin.)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(viadux_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/viadux)

install(TARGETS viadux_sdk EXPORT viaduxTargets COMPONENT sdk)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/core/include/viadux DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk)
install(EXPORT viaduxTargets NAMESPACE viadux:: DESTINATION ${viadux_package_dir} COMPONENT sdk)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/viaduxConfig.cmake.in ${CMAKE_BINARY_DIR}/viaduxConfig.cmake
  INSTALL_DESTINATION ${viadux_package_dir} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/viaduxConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/viaduxConfig.cmake ${CMAKE_BINARY_DIR}/viaduxConfigVersion.cmake
              ${CMAKE_SOURCE_DIR}/cmake/viadux_add_plugin.cmake ${CMAKE_SOURCE_DIR}/cmake/viadux_plugin.map
              ${CMAKE_SOURCE_DIR}/cmake/viadux_check_symbols.cmake
        DESTINATION ${viadux_package_dir} COMPONENT sdk)
