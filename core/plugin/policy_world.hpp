// What policies may be asked and may call: the core's hooks, and what the loaded plugins declare. [control]
#pragma once

#include "core/plugin/plugin_host.hpp"
#include "core/policy/environment.hpp"

namespace viadux {

// Once all plugins are loaded.
PolicyWorld make_policy_world(const PluginHost& plugins);

} // namespace viadux
