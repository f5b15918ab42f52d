// The C functions of "viadux.media": they check what a plugin hands in, and go on in MediaPorts.
#include "core/plugin/instance.hpp"
#include "core/plugin/media_interface.hpp"
#include "core/plugin/media_ports.hpp"
#include "core/plugin/port_inbox.hpp"

#include <algorithm>
#include <cstring>

namespace viadux {
namespace {

MediaPorts& of(PluginInstance& plugin) {
  return static_cast<MediaInterface&>(*plugin.services().interfaces.find_own(VIADUX_MEDIA)).ports();
}

bool on_control(PluginInstance& plugin, const char* function) {
  if (plugin.services().loop.on_control_thread()) return true;
  plugin.fault(PluginFault::misuse, function);
  return false;
}

viadux_status counted(PluginInstance& plugin, viadux_status status) {
  // No fault: tracks and participants end by themselves.
  if (status == VIADUX_GONE) ++plugin.counters().stale_handles;
  return status;
}

viadux_status media_open(viadux_context* context, viadux_port_fn wake, void* arg, viadux_handle* port) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "media open") || !port) return VIADUX_BAD_ARGUMENT;
  if (plugin.closing()) return VIADUX_CANCELLED;
  return of(plugin).open(plugin, wake, arg, port);
}

viadux_status media_tap(viadux_context* context, viadux_handle port, viadux_handle track,
                        viadux_track_format* format) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "media tap") || !format || format->struct_size < sizeof format->struct_size)
    return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).tap(plugin, port, track, *format));
}

viadux_status media_untap(viadux_context* context, viadux_handle port, viadux_handle track) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "media untap")) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).untap(plugin, port, track));
}

viadux_status media_source(viadux_context* context, viadux_handle port, viadux_handle participant,
                           const viadux_track_format* format, viadux_handle* track) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "media source") || !format || !track ||
      format->struct_size < sizeof format->struct_size)
    return VIADUX_BAD_ARGUMENT;
  viadux_track_format wanted{};
  std::memcpy(&wanted, format, std::min<std::size_t>(format->struct_size, sizeof wanted));
  const bool known = wanted.codec >= VIADUX_OPUS && wanted.codec <= VIADUX_H264 &&
                     wanted.content <= VIADUX_SLIDES && wanted.packetization_mode <= 1;
  if (!known) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).source(plugin, port, participant, wanted, track));
}

viadux_status media_withdraw(viadux_context* context, viadux_handle port, viadux_handle track) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin, "media withdraw")) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).withdraw(plugin, port, track));
}

viadux_status media_read(viadux_context* context, viadux_handle port, const viadux_batch** batch) {
  PluginInstance& plugin = *context->instance;
  if (!batch) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).read(plugin, port, batch));
}

void media_retain(viadux_context* /*context*/, const viadux_batch* batch) {
  if (batch) PortInbox::retain(batch);
}
void media_release(viadux_context* /*context*/, const viadux_batch* batch) {
  if (batch) PortInbox::release(batch);
}

viadux_status media_request_key_frame(viadux_context* context, viadux_handle port, viadux_handle track,
                                      uint32_t encoding) {
  PluginInstance& plugin = *context->instance;
  if (encoding > 2) return VIADUX_BAD_ARGUMENT;
  return counted(plugin,
                 of(plugin).request_key_frame(plugin, port, track, static_cast<std::uint8_t>(encoding)));
}

viadux_status media_write(viadux_context* context, viadux_handle port, viadux_table packets) {
  PluginInstance& plugin = *context->instance;
  return counted(plugin, of(plugin).write(plugin, port, packets));
}

} // namespace

MediaPorts::MediaPorts(PluginServices& services, Rooms& rooms, OpenPort open_port)
    : services_(services), rooms_(rooms), open_port_(std::move(open_port)) {
  table_.struct_size = sizeof table_;
  table_.open = &media_open;
  table_.tap = &media_tap;
  table_.untap = &media_untap;
  table_.source = &media_source;
  table_.withdraw = &media_withdraw;
  table_.read = &media_read;
  table_.retain = &media_retain;
  table_.release = &media_release;
  table_.request_key_frame = &media_request_key_frame;
  table_.write = &media_write;
}

} // namespace viadux
