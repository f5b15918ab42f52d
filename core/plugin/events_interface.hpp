// "viadux.events": the bus for plugins. [control]
#pragma once

#include "core/events/bus.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/plugin/services.hpp"

#include <viadux/events.h>

namespace viadux {

class EventsInterface final : public HostInterface {
 public:
  // Both outlive it.
  EventsInterface(EventBus& bus, PluginServices& services);
  ~EventsInterface() override { *alive_ = false; }

  const void* table() const override { return &table_; }
  viadux_status subscribe(PluginInstance& plugin, std::string_view room, viadux_event_fn fn, void* arg,
                          viadux_handle* out);

 private:
  void hand_over(PluginInstance& plugin, viadux_handle handle, SubscriptionId subscription,
                 viadux_event_fn fn, void* arg);

  EventBus& bus_;
  PluginServices& services_;
  viadux_events table_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace viadux
