// "viadux.store": each plugin's own space of keys and documents. [control]
#pragma once

#include "core/control/clock.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/store/plugin_repository.hpp"

namespace viadux {

class StoreInterface final : public HostInterface {
 public:
  StoreInterface(store::PluginRepository& repository, const Clock& clock); // both outlive it
};

} // namespace viadux
