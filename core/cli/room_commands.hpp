// viadux room list, add, set, remove: rooms that are in the store, by the control socket. [control]
#pragma once

#include "core/cli/control_socket.hpp"
#include "core/config/organisations.hpp"
#include "core/meeting/rooms.hpp"

#include <functional>
#include <memory>

namespace viadux {

struct RoomCommandParts {
  Rooms& rooms;
  store::RoomRepository& store;
  std::function<std::shared_ptr<const Organisations>()> organisations; // as they are now
};

// room.list {organisation}; room.add and room.set {organisation, alias, settings, expires_ms};
// room.remove {organisation, alias}. `settings` has the fields of a [[room]] of an organisation's file; `set`
// changes those that are given. An empty organisation is the default one, for `list` all. Rooms that a file
// defines are not changed here, since the file would win at the next reload. `parts` live as long as the
// socket.
void register_room_commands(ControlSocket& socket, const RoomCommandParts& parts);

} // namespace viadux
