// From the configuration to the plain structs that each part of the server takes. A key that is read nowhere
// here is read by its part itself (organisations, log) or by a plugin.
#pragma once

#include "core/config/configuration.hpp"
#include "core/events/bus.hpp"
#include "core/http/options.hpp"
#include "core/meeting/rooms.hpp"
#include "core/mixer/mixer.hpp"
#include "core/plugin/options.hpp"
#include "core/session/engine.hpp"
#include "core/store/storage.hpp"

#include <string>
#include <viadux/result.hpp>

namespace viadux {

HttpOptions http_options(const Configuration& configuration);
// Errors: bad_argument when an address is none.
Result<EngineOptions> engine_options(const Configuration& configuration);
MixerOptions mixer_options(const Configuration& configuration);
store::StorageOptions storage_options(const Configuration& configuration);
MeetingOptions meeting_options(const Configuration& configuration);
GuessLimits guess_limits(const Configuration& configuration);
EventBusLimits event_limits(const Configuration& configuration);
PluginOptions plugin_options(const Configuration& configuration);
// plugins.path, or beside the program where it is empty: lib/viadux/plugins of the build or of the prefix.
std::string plugin_folder(const Configuration& configuration);

} // namespace viadux
