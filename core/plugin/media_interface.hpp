// "viadux.media": media sessions of participants. It goes by way of the meeting, which enforces what a
// participant may send and receive. [control]
#pragma once

#include "core/meeting/rooms.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/plugin/owned_ids.hpp"

#include <viadux/documents/media.hpp>

namespace viadux {

class MediaInterface final : public HostInterface {
 public:
  explicit MediaInterface(Rooms& rooms);
  void plugin_stopped(const PluginInstance& plugin) override; // its sessions close

 private:
  void open(PluginInstance& caller, const documents::OpenSession& asked,
            const MethodDone<documents::SessionAnswer>& done);
  // A session of another plugin is as good as gone.
  Result<void> check_owner(PluginInstance& caller, Handle session) const;
  bool has_ended(SessionId session) const;

  Rooms& rooms_;
  std::unordered_map<SessionId, ParticipantId> holders_;
  OwnedIds opened_;
};

} // namespace viadux
