// A plugin's declared keys as a section of the configuration, and its values as the document that it gets.
// [control]
#pragma once

#include "core/config/configuration.hpp"
#include "core/plugin/declaration.hpp"

namespace viadux {

// Errors: bad_argument, a default that is not what its type says (declaration_malformed).
Result<ConfigSection> config_section(const Declaration& declaration);

// {"key": value, ...}, every key present; durations in microseconds. Holds secrets: not for logs.
std::string settings_document(const Declaration& declaration, const Configuration& configuration);

} // namespace viadux
