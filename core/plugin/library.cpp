#include "core/plugin/library.hpp"

#include <algorithm>
#include <dlfcn.h>
#include <filesystem>

namespace viadux {
namespace {

std::string last_dl_error() {
  const char* text = dlerror();
  return text ? text : "the loader gave no reason";
}

} // namespace

Result<std::vector<std::string>> find_libraries(const std::string& folder) {
  std::error_code failure;
  std::filesystem::directory_iterator files(folder, failure);
  if (failure) {
    return make_error(ErrorCode::not_found, "plugin_folder",
                      "plugins.path names " + folder + ": " + failure.message(), "plugins.path");
  }
  std::vector<std::string> paths;
  for (const auto& file : files) {
    if (file.path().extension() == ".so") paths.push_back(file.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

Result<Declaration> open_library(const std::string& path) {
  // A path without a slash would be searched for in the system's folders.
  const std::string absolute = std::filesystem::absolute(path).string();
  void* library = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    return make_error(ErrorCode::bad_argument, "not_a_library", "it cannot be loaded: " + last_dl_error());
  }
  const auto entry = reinterpret_cast<viadux_plugin_entry_function>(dlsym(library, VIADUX_PLUGIN_ENTRY));
  if (!entry) {
    return make_error(ErrorCode::bad_argument, "symbol_missing",
                      "it is a shared library, but no plugin: it does not export " VIADUX_PLUGIN_ENTRY, {},
                      "end its main source with VIADUX_PLUGIN(Class)");
  }
  try {
    const viadux_plugin* descriptor = entry();
    if (!descriptor) {
      return make_error(ErrorCode::bad_argument, "descriptor_malformed",
                        VIADUX_PLUGIN_ENTRY "() returned nothing");
    }
    return read_declaration(*descriptor);
  } catch (...) { // a C entry may be written in C++ all the same
    return make_error(ErrorCode::bad_argument, "descriptor_malformed",
                      VIADUX_PLUGIN_ENTRY "() threw an exception");
  }
}

} // namespace viadux
