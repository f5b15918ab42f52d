// Opens a plugin's shared library. Set-up only, on the control thread.
#pragma once

#include "core/plugin/declaration.hpp"

#include <string>
#include <vector>

namespace viadux {

// The *.so files of a folder, in byte order of their names: the order in which they are looked at must not
// depend on the file system. not_found when there is no such folder.
Result<std::vector<std::string>> find_libraries(const std::string& folder);

// Loads it (RTLD_NOW | RTLD_LOCAL: a missing symbol shows now, and none of its symbols reaches another
// plugin) and reads what it declares. It is never unloaded: its threads, and what its destructors leave
// behind, may still point into it. Errors: bad_argument (not_a_library, symbol_missing,
// descriptor_malformed), unsupported (version_mismatch). Each message is one sentence that can stand in a
// list beside the file's name.
Result<Declaration> open_library(const std::string& path);

} // namespace viadux
