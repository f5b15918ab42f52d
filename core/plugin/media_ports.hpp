// Taps and sources of plugins: the table of "viadux.media", over session/track_port.hpp. What is [control] in
// <viadux/media.h> is so here; the rest comes from a plugin's own thread, one at a time for a port.
#pragma once

#include "core/meeting/rooms.hpp"
#include "core/plugin/services.hpp"
#include "core/session/track_port.hpp"

#include <map>
#include <mutex>
#include <viadux/media.h>

namespace viadux {

class MediaPorts {
 public:
  using OpenPort = std::function<Result<std::unique_ptr<TrackPort>>(std::function<void()> wake)>;

  // All outlive it.
  MediaPorts(PluginServices& services, Rooms& rooms, OpenPort open_port);
  ~MediaPorts();
  MediaPorts(const MediaPorts&) = delete;
  MediaPorts& operator=(const MediaPorts&) = delete;

  const viadux_media& table() const { return table_; }

  // [control]
  viadux_status open(PluginInstance& plugin, viadux_port_fn wake, void* arg, viadux_handle* out);
  viadux_status tap(const PluginInstance& plugin, viadux_handle port, TrackId track,
                    viadux_track_format& format);
  viadux_status untap(const PluginInstance& plugin, viadux_handle port, TrackId track);
  viadux_status source(const PluginInstance& plugin, viadux_handle port, ParticipantId participant,
                       const viadux_track_format& format, TrackId* track);
  viadux_status withdraw(const PluginInstance& plugin, viadux_handle port, TrackId track);

  // [any], the port's thread
  viadux_status read(const PluginInstance& plugin, viadux_handle port, const viadux_batch** batch);
  viadux_status request_key_frame(const PluginInstance& plugin, viadux_handle port, TrackId track,
                                  std::uint8_t encoding);
  viadux_status write(const PluginInstance& plugin, viadux_handle port, const viadux_table& packets);

 private:
  struct Port;
  std::shared_ptr<Port> find(const PluginInstance& plugin, viadux_handle handle);
  void close(Port& port);
  void withdraw_orphans(const PluginInstance& plugin, const Port& port);

  PluginServices& services_;
  Rooms& rooms_;
  OpenPort open_port_;
  viadux_media table_{};
  std::mutex mutex_; // guards ports_, which foreign threads read
  std::unordered_map<viadux_handle, std::shared_ptr<Port>> ports_;
};

} // namespace viadux
