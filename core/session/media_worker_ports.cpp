// A worker's side of track ports: what goes to and comes from threads that are no media workers.
#include "core/session/media_worker.hpp"
#include "core/session/track_port.hpp"

#include <algorithm>

namespace viadux {
namespace {
constexpr std::size_t drain_at_once = 1024; // packets of one port in one turn
} // namespace

bool MediaWorker::add_port(std::shared_ptr<PortLink> link) {
  return worker_->post([this, link = std::move(link)] { ports_[link->port].link = link; });
}

bool MediaWorker::remove_port(std::uint32_t number) {
  return worker_->post([this, number] {
    const auto found = ports_.find(number);
    if (found == ports_.end()) return;
    while (!found->second.taps.empty())
      stop_tap(found->second, found->second.taps.begin()->first);
    // What is left of what it gave holds on to the link.
    std::vector<TrackId> given;
    for (const auto& [track, entry] : replicas_)
      if (entry.origin == number) given.push_back(track);
    for (const TrackId track : given) {
      end_taps(track);
      replicas_.erase(track);
    }
    ports_.erase(found);
  });
}

bool MediaWorker::take_for_port(const TrackAddress& address, std::uint32_t number) {
  return worker_->post([this, address, number] {
    const auto found = ports_.find(number);
    if (found == ports_.end() || found->second.taps.contains(address.track)) return;
    Port& port = found->second;
    router::Track* track = acquire(address);
    if (track == nullptr) {
      port.ended.push_back(address.track); // gone meanwhile
      return;
    }
    port.taps[address.track] = {address,
                                std::make_unique<router::FanOut>(*track, port.link->to_port.packets)};
  });
}

bool MediaWorker::leave_for_port(TrackId track, std::uint32_t number) {
  return worker_->post([this, track, number] {
    if (const auto found = ports_.find(number); found != ports_.end()) stop_tap(found->second, track);
  });
}

void MediaWorker::stop_tap(Port& port, TrackId track) {
  const auto tap = port.taps.find(track);
  if (tap == port.taps.end()) return;
  counters_.port_drops.add(tap->second.fan_out->dropped());
  const TrackAddress held = tap->second.held;
  port.taps.erase(tap); // before the track that it is on
  release(held);
}

// The track goes away: whoever took it is told behind its last packet.
void MediaWorker::end_taps(TrackId track) {
  for (auto& [number, port] : ports_) {
    if (!port.taps.contains(track)) continue;
    router_.flush(now_us()); // what this turn brought of it
    stop_tap(port, track);
    port.ended.push_back(track);
  }
}

router::Track* MediaWorker::acquire_from_port(const TrackAddress& address) {
  const auto found = ports_.find(address.worker);
  if (found == ports_.end()) return nullptr;
  Port& port = found->second;
  ReplicaEntry& entry = replicas_[address.track];
  if (!entry.replica) {
    entry.origin = address.worker;
    entry.replica = std::make_unique<router::Replica>(address.config, router_, port.link->to_worker.feedback);
    port.wishes.add({.kind = router::TrackFeedback::Kind::wanted, .track = address.track});
  }
  ++entry.uses;
  return &entry.replica->track();
}

void MediaWorker::drain_ports() {
  for (auto& [number, port] : ports_) {
    port.link->to_worker.packets.drain(
        [this](const router::ChannelRecord& record, std::span<const std::uint8_t> payload) {
          if (const auto found = replicas_.find(record.track); found != replicas_.end())
            found->second.replica->receive(record, payload);
        },
        drain_at_once);
    router::TrackFeedback message;
    while (port.link->to_port.feedback.pop(message)) {
      if (const auto found = port.taps.find(message.track); found != port.taps.end())
        found->second.fan_out->apply(message, now_us());
    }
  }
}

void MediaWorker::publish_to_ports() {
  for (auto& [number, port] : ports_) {
    PortLink& link = *port.link;
    port.wishes.say(
        [&](router::TrackFeedback wish) { return link.to_worker.feedback.push(std::move(wish)); });
    std::size_t sent = 0;
    while (
        sent < port.ended.size() &&
        link.to_port.packets.push({.kind = router::ChannelRecord::Kind::end, .track = port.ended[sent]}, {}))
      ++sent;
    port.ended.erase(port.ended.begin(), port.ended.begin() + static_cast<std::ptrdiff_t>(sent));
    const bool packets = link.to_port.packets.publish();
    if (packets || link.to_worker.feedback.waiting()) link.bell->ring();
  }
}

} // namespace viadux
