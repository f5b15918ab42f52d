// The functions behind viadux_host. Each checks what a plugin may have got wrong before anything is touched:
// a null pointer, the wrong thread, somebody else's handle. None lets an exception out into a plugin.
#include "core/log/log.hpp"
#include "core/plugin/instance.hpp"
#include "core/plugin/services.hpp"

#include <viadux/text.hpp>

namespace viadux {
namespace {

struct PluginTimer {
  viadux_timer_fn fn;
  void* arg;
  TimerId id = 0;
};

// True on the control thread; else the misuse is counted and logged.
bool on_control(PluginInstance& plugin, const char* function) {
  if (plugin.services().loop.on_control_thread()) return true;
  plugin.fault(PluginFault::misuse, function);
  return false;
}

viadux_call host_call(viadux_context* context, viadux_text interface, viadux_text method,
                      viadux_text document, int64_t deadline_us, viadux_done done, void* arg) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "call")) { // `done` must come all the same, where it belongs
    constexpr viadux_call no_such_call = ~viadux_call{0};
    plugin.services().soon([&plugin, done, arg] {
      plugin.enter("done", [&] {
        if (done)
          done(arg, no_such_call, VIADUX_BAD_ARGUMENT,
               to_text(R"({"reason":"wrong_thread","message":"call() belongs to the control thread"})"));
      });
    });
    return no_such_call;
  }
  return plugin.services().dispatcher.call(plugin, to_view(interface), to_view(method), to_view(document),
                                           deadline_us, done, arg);
}

viadux_status host_cancel(viadux_context* context, viadux_call call) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "cancel")) return VIADUX_BAD_ARGUMENT;
  return plugin.services().dispatcher.cancel(plugin, call);
}

viadux_status host_answer(viadux_context* context, viadux_request request, viadux_status status,
                          viadux_text document) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "answer")) return VIADUX_BAD_ARGUMENT;
  return plugin.services().dispatcher.answer(plugin, request, status, to_view(document));
}

viadux_status host_post(viadux_context* context, viadux_post_fn fn, void* arg) {
  if (!fn) return VIADUX_BAD_ARGUMENT;
  return context->instance->post(fn, arg);
}

viadux_handle host_timer(viadux_context* context, int64_t delay_us, viadux_timer_fn fn, void* arg) {
  PluginInstance& plugin = *context->instance;
  PluginServices& services = plugin.services();
  if (!on_control(plugin, "timer") || !fn || plugin.closing()) {
    return 0;
  }
  auto timer = std::make_shared<PluginTimer>(PluginTimer{fn, arg});
  const viadux_handle handle =
      services.handles.open(plugin, HandleKind::timer, timer, [&plugin, &services, timer](ClosedBy by) {
        services.loop.cancel(timer->id);
        if (by != ClosedBy::stop) return;
        plugin.enter("timer", [&timer] { timer->fn(timer->arg, VIADUX_CANCELLED); });
      });
  if (handle == 0) return 0;
  timer->id = services.loop.after(delay_us > 0 ? delay_us : 0, [&plugin, &services, timer, handle] {
    if (!services.handles.forget(handle)) return;
    plugin.enter("timer", [&timer] { timer->fn(timer->arg, VIADUX_OK); });
  });
  return handle;
}

viadux_status host_close(viadux_context* context, viadux_handle handle) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "close")) return VIADUX_BAD_ARGUMENT;
  if (plugin.services().handles.close(plugin, handle)) return VIADUX_OK;
  plugin.fault(PluginFault::stale_handle, "close");
  return VIADUX_GONE;
}

int64_t host_now_us(viadux_context* context) {
  return context->instance->services().loop.clock().now_us();
}
int64_t host_wall_ms(viadux_context* context) {
  return context->instance->services().loop.clock().wall_ms();
}

void host_log(viadux_context* context, viadux_log_level level, viadux_text event, viadux_text fields) {
  context->instance->log(level, to_view(event), to_view(fields));
}

viadux_series host_series(viadux_context* context, uint32_t metric, const viadux_text* values,
                          uint32_t count) {
  constexpr std::uint32_t labels_max = 4;
  std::string_view views[labels_max];
  if (count > labels_max || (count > 0 && !values)) return 0;
  for (std::uint32_t i = 0; i < count; ++i)
    views[i] = to_view(values[i]);
  return context->instance->series().find(metric, {views, count});
}

void host_update(viadux_context* context, viadux_series series, double value) {
  context->instance->series().update(series, value);
}

const void* host_get_interface(viadux_context* context, viadux_text name) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "get_interface")) return nullptr;
  const HostInterface* interface = plugin.services().interfaces.find_own(to_view(name));
  return interface ? interface->table() : nullptr;
}

} // namespace

void fill_host_table(viadux_host& table, viadux_context& context) {
  table.struct_size = sizeof table;
  table.abi_major = VIADUX_ABI_MAJOR;
  table.abi_minor = VIADUX_ABI_MINOR;
  table.context = &context;
  table.call = &host_call;
  table.cancel = &host_cancel;
  table.answer = &host_answer;
  table.post = &host_post;
  table.timer = &host_timer;
  table.close = &host_close;
  table.now_us = &host_now_us;
  table.wall_ms = &host_wall_ms;
  table.log = &host_log;
  table.series = &host_series;
  table.update = &host_update;
  table.get_interface = &host_get_interface;
}

} // namespace viadux
