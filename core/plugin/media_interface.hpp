// "viadux.media": media sessions of participants. It goes by way of the meeting, which enforces what a
// participant may send and receive. [control]
#pragma once

#include "core/meeting/rooms.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/plugin/media_ports.hpp"
#include "core/plugin/owned_ids.hpp"

#include <viadux/documents/media.hpp>

namespace viadux {

class MediaInterface final : public HostInterface {
 public:
  // Counters of a session as the engine writes them: JSON, with handles as numbers.
  using Statistics = std::function<void(SessionId session, std::function<void(Result<std::string>)> done)>;

  struct Parts {
    PluginServices& services;
    Rooms& rooms;
    Statistics statistics;
    MediaPorts::OpenPort open_port;
  };

  explicit MediaInterface(Parts parts);
  const void* table() const override { return &ports_.table(); }
  MediaPorts& ports() { return ports_; }
  void plugin_stopped(const PluginInstance& plugin) override; // its sessions close

 private:
  void open(PluginInstance& caller, const documents::OpenSession& asked,
            const MethodDone<documents::SessionAnswer>& done);
  // A session of another plugin is as good as gone.
  Result<void> check_owner(PluginInstance& caller, Handle session) const;
  bool has_ended(SessionId session) const;
  Result<documents::RoomTracks> tracks(RoomId room) const;
  Result<documents::SessionSlots> slots(SessionId session) const;

  Rooms& rooms_;
  const Statistics statistics_;
  std::unordered_map<SessionId, ParticipantId> holders_;
  OwnedIds opened_;
  MediaPorts ports_;
};

} // namespace viadux
