// The composition root's two doors.
#pragma once

#include "core/cli/options.hpp"
#include "core/config/schema.hpp"

namespace viadux {

// Runs until it is told to stop; gives the process's exit code.
int run_server(const Options& options);

// The core's configuration keys and those of the plugins that the options say.
Result<ConfigSchema> server_schema(const Options& options);

} // namespace viadux
