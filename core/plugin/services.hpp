// What all plugins of a host share. [control], but for what the parts say of themselves.
#pragma once

#include "core/control/loop.hpp"
#include "core/plugin/dispatcher.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/plugin/options.hpp"
#include "core/plugin/owned_handles.hpp"

namespace viadux {

class PluginServices {
 public:
  PluginServices(ControlLoop& control_loop, PluginOptions plugin_options)
      : loop(control_loop), options(std::move(plugin_options)), handles(options.handle_limit),
        dispatcher(*this) {}
  ~PluginServices() { *alive = false; }
  PluginServices(const PluginServices&) = delete;
  PluginServices& operator=(const PluginServices&) = delete;

  // Runs it on a later turn of the loop, also when the queue is full just now.
  void soon(std::function<void()> task) {
    if (loop.post(task)) return;
    loop.after(1000, std::move(task));
  }

  ControlLoop& loop;
  const PluginOptions options;
  Interfaces interfaces;
  PolicyHooks hooks = core_hooks(); // and those that plugins declare
  OwnedHandles handles;
  CallDispatcher dispatcher;
  std::function<void(PluginInstance&)> on_fault; // named anew where people look
  const std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  const PluginInstance* inside = nullptr; // whose callback runs: it must never be entered twice
};

} // namespace viadux
