// `viadux plugin new NAME`: a complete project for a plugin out of tree. [any thread; writes files]
#pragma once

#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

// Writes the files of core/plugin/template into `folder`/`name`, which must not exist yet, and gives their
// paths. Errors: bad_argument (name_malformed: not [a-z][a-z0-9_]{0,31}, or a word of C++ or of the server),
// refused (folder_exists), internal (not_written: what the system says).
Result<std::vector<std::string>> write_plugin_project(const std::string& folder, const std::string& name);

} // namespace viadux
