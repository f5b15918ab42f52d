#include "core/plugin/media_ports.hpp"

#include "core/plugin/instance.hpp"
#include "core/plugin/port_inbox.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <set>
#include <thread>
#include <vector>

namespace viadux {
namespace {

constexpr std::size_t payload_max = 1200;
constexpr std::size_t ports_per_plugin = 64; // each has rings of its own with every worker
constexpr std::size_t sources_per_port = 256;
constexpr std::int64_t oldest_us = 1'000'000; // that a packet written may be

// The plugin's function, called by workers, which take no locks: the end waits for the last call instead.
class Wake {
 public:
  Wake(viadux_port_fn fn, void* arg) : fn_(fn), arg_(arg) {}
  void call() { // [any thread]
    inside_.fetch_add(1);
    if (!ended_.load()) fn_(arg_);
    inside_.fetch_sub(1);
  }
  void end() { // [control] nothing is called after it; a call under way does not block, by contract
    ended_.store(true);
    while (inside_.load() != 0)
      std::this_thread::yield();
  }

 private:
  const viadux_port_fn fn_;
  void* const arg_;
  std::atomic<bool> ended_{false};
  std::atomic<int> inside_{0};
};

void write_format(const router::TrackConfig& config, viadux_track_format& format) {
  viadux_track_format full{};
  full.struct_size = format.struct_size;
  full.codec = static_cast<viadux_codec>(config.codec); // the same numbers
  full.clock_hz = rtp::clock_hz(config.codec);
  full.content = VIADUX_MAIN;
  full.encodings = config.encodings;
  full.packetization_mode = config.packetization_mode;
  std::memcpy(&format, &full, std::min<std::size_t>(format.struct_size, sizeof full));
}

} // namespace

static_assert(VIADUX_OPUS == static_cast<int>(rtp::Codec::opus) &&
              VIADUX_H264 == static_cast<int>(rtp::Codec::h264));

struct MediaPorts::Port {
  PluginInstance* plugin = nullptr;
  viadux_handle handle = 0;
  std::shared_ptr<Wake> wake;
  std::map<TrackId, ParticipantId> sources; // [control] and whose they are
  // What the port's thread uses. [control] takes it to add or end something, never for longer.
  std::mutex mutex;
  std::unique_ptr<TrackPort> tracks; // null: closed
  PortInbox inbox;
  std::set<TrackId> given;
};

MediaPorts::~MediaPorts() {
  for (const auto& [handle, port] : ports_)
    close(*port);
}

viadux_status MediaPorts::open(PluginInstance& plugin, viadux_port_fn wake, void* arg, viadux_handle* out) {
  const auto of_plugin =
      std::ranges::count_if(ports_, [&plugin](const auto& entry) { return entry.second->plugin == &plugin; });
  if (static_cast<std::size_t>(of_plugin) >= ports_per_plugin) return VIADUX_BUSY;
  auto port = std::make_shared<Port>();
  port->plugin = &plugin;
  if (wake) port->wake = std::make_shared<Wake>(wake, arg);
  auto opened = open_port_(wake ? std::function<void()>([ring = port->wake] { ring->call(); }) : nullptr);
  if (!opened) return static_cast<viadux_status>(opened.error().code);
  port->tracks = std::move(opened).value();
  port->handle =
      services_.handles.open(plugin, HandleKind::port, port, [this, weak = std::weak_ptr(port)](ClosedBy) {
        const auto closed = weak.lock();
        if (!closed) return;
        close(*closed);
        const std::lock_guard lock(mutex_);
        ports_.erase(closed->handle);
      });
  if (port->handle == 0) {
    close(*port);
    return VIADUX_BUSY;
  }
  *out = port->handle;
  const std::lock_guard lock(mutex_);
  ports_.emplace(port->handle, std::move(port));
  return VIADUX_OK;
}

void MediaPorts::close(Port& port) {
  for (const auto& [track, participant] : port.sources)
    rooms_.withdraw_track(track);
  port.sources.clear();
  if (port.wake) port.wake->end();
  const std::lock_guard lock(port.mutex);
  port.tracks.reset();
}

std::shared_ptr<MediaPorts::Port> MediaPorts::find(const PluginInstance& plugin, viadux_handle handle) {
  const std::lock_guard lock(mutex_);
  const auto found = ports_.find(handle);
  return found == ports_.end() || found->second->plugin != &plugin ? nullptr : found->second;
}

viadux_status MediaPorts::tap(const PluginInstance& plugin, viadux_handle handle, TrackId track,
                              viadux_track_format& format) {
  const auto port = find(plugin, handle);
  if (!port) return VIADUX_GONE;
  const std::lock_guard lock(port->mutex);
  const auto taken = port->tracks->take(track);
  if (!taken) return static_cast<viadux_status>(taken.error().code);
  port->inbox.add(track, *taken);
  write_format(*taken, format);
  return VIADUX_OK;
}

viadux_status MediaPorts::untap(const PluginInstance& plugin, viadux_handle handle, TrackId track) {
  const auto port = find(plugin, handle);
  if (!port) return VIADUX_GONE;
  const std::lock_guard lock(port->mutex);
  port->tracks->leave(track);
  port->inbox.remove(track);
  return VIADUX_OK;
}

viadux_status MediaPorts::source(const PluginInstance& plugin, viadux_handle handle,
                                 ParticipantId participant, const viadux_track_format& format,
                                 TrackId* track) {
  const auto port = find(plugin, handle);
  const Participant* sender = rooms_.participant(participant);
  if (!port || !sender || sender->protocol != plugin.id()) return VIADUX_GONE;
  withdraw_orphans(plugin, *port);
  if (port->sources.size() >= sources_per_port) return VIADUX_BUSY;
  router::TrackConfig config;
  config.codec = static_cast<rtp::Codec>(format.codec);
  config.packetization_mode = static_cast<std::uint8_t>(format.packetization_mode);
  config.encodings = 1;
  {
    const std::lock_guard lock(port->mutex);
    const auto given = port->tracks->give(config);
    if (!given) return static_cast<viadux_status>(given.error().code);
    *track = *given;
    port->given.insert(*track);
  }
  TrackInfo info;
  info.id = *track;
  info.kind = rtp::is_video(config.codec) ? MediaKind::video : MediaKind::audio;
  info.content = format.content == VIADUX_SLIDES ? MediaContent::slides : MediaContent::main;
  info.codec = config.codec; // who can read it gets it as it is
  info.packetization_mode = config.packetization_mode;
  port->sources[*track] = participant;
  const auto published = rooms_.publish_track(participant, info);
  if (published) return VIADUX_OK;
  withdraw(plugin, handle, *track);
  return static_cast<viadux_status>(published.error().code);
}

// What participants that have left were sources of, where the plugin did not say so.
void MediaPorts::withdraw_orphans(const PluginInstance& plugin, const Port& port) {
  std::vector<TrackId> orphans;
  for (const auto& [track, participant] : port.sources)
    if (!rooms_.participant(participant)) orphans.push_back(track);
  for (const TrackId track : orphans)
    withdraw(plugin, port.handle, track);
}

viadux_status MediaPorts::withdraw(const PluginInstance& plugin, viadux_handle handle, TrackId track) {
  const auto port = find(plugin, handle);
  if (!port || port->sources.erase(track) == 0) return VIADUX_GONE;
  rooms_.withdraw_track(track);
  const std::lock_guard lock(port->mutex);
  port->tracks->withdraw(track);
  port->given.erase(track);
  return VIADUX_OK;
}

viadux_status MediaPorts::read(const PluginInstance& plugin, viadux_handle handle,
                               const viadux_batch** batch) {
  *batch = nullptr;
  const auto port = find(plugin, handle);
  if (!port) return VIADUX_GONE;
  const std::lock_guard lock(port->mutex);
  if (!port->tracks) return VIADUX_GONE;
  if (port->inbox.full()) return VIADUX_BUSY; // the rings hold what comes, as long as they can
  if (port->inbox.empty()) {
    port->tracks->poll(port->inbox, VIADUX_BATCH_LIMIT);
    for (const auto& [track, encoding] : port->inbox.key_frames_due(services_.loop.clock().now_us()))
      port->tracks->request_key_frame(track, encoding);
  }
  *batch = port->inbox.take();
  return VIADUX_OK;
}

viadux_status MediaPorts::request_key_frame(const PluginInstance& plugin, viadux_handle handle, TrackId track,
                                            std::uint8_t encoding) {
  const auto port = find(plugin, handle);
  if (!port) return VIADUX_GONE;
  const std::lock_guard lock(port->mutex);
  if (!port->tracks) return VIADUX_GONE;
  port->tracks->request_key_frame(track, encoding);
  return VIADUX_OK;
}

viadux_status MediaPorts::write(const PluginInstance& plugin, viadux_handle handle,
                                const viadux_table& table) {
  const auto port = find(plugin, handle);
  if (!port) return VIADUX_GONE;
  if (table.count > VIADUX_BATCH_LIMIT || (table.count > 0 && !table.items)) return VIADUX_BAD_ARGUMENT;
  std::array<viadux_item, VIADUX_BATCH_LIMIT> items{}; // an older plugin's are shorter
  for (std::uint32_t i = 0; i < table.count; ++i) {
    std::memcpy(&items[i], static_cast<const char*>(table.items) + std::size_t{i} * table.item_size,
                std::min<std::size_t>(table.item_size, sizeof items[i]));
  }
  const std::lock_guard lock(port->mutex);
  if (!port->tracks) return VIADUX_GONE;
  for (std::uint32_t i = 0; i < table.count; ++i) {
    const viadux_text& payload = items[i].payload;
    if (!port->given.contains(items[i].track) || payload.size == 0 || payload.size > payload_max ||
        !payload.data)
      return VIADUX_BAD_ARGUMENT;
  }
  const std::uint64_t dropped = port->tracks->dropped();
  const std::int64_t now_us = services_.loop.clock().now_us();
  for (std::uint32_t i = 0; i < table.count; ++i) {
    const viadux_item& item = items[i];
    PortPacket packet;
    packet.sequence = item.sequence;
    packet.timestamp = item.timestamp;
    packet.media_us = std::clamp(item.media_us, now_us - oldest_us, now_us); // receivers count on it
    packet.marker = (item.flags & VIADUX_MARKER) != 0;
    packet.minus_dbov = (item.flags & VIADUX_HAS_LEVEL) != 0 ? item.minus_dbov : 127;
    packet.payload = {reinterpret_cast<const std::uint8_t*>(item.payload.data), item.payload.size};
    (void)port->tracks->send(item.track, packet); // false also where nobody wants it
  }
  port->tracks->flush();
  return port->tracks->dropped() == dropped ? VIADUX_OK : VIADUX_BUSY;
}

} // namespace viadux
