// viadux/documents/room.hpp - interface "viadux.rooms": rooms as they are stored and as they run.
#pragma once

#include <viadux/documents/participant.hpp>

namespace viadux::documents {

// viadux.rooms find -> Room; remove -> Nothing. not_found/room_unknown.
struct RoomRef {
  Dialled to;
  static constexpr auto fields() {
    return field_table(field("to", &RoomRef::to, "The room's address.").required());
  }
};

// viadux.rooms create -> Room. refused/alias_taken, busy/rooms_full, bad_argument.
struct CreateRoom {
  Dialled to;
  std::string name;
  std::optional<std::string> host_pin;
  std::optional<std::string> guest_pin;
  bool guests_without_pin = true;
  bool guests_allowed = true;
  bool wait_for_host = false;
  bool lobby_when_locked = true;
  std::int64_t participants_max = 0;
  std::int64_t opens_ms = 0;
  std::int64_t expires_ms = 0;

  static constexpr auto fields() {
    return field_table(
        field("to", &CreateRoom::to, "The address it shall have.").required(),
        field("name", &CreateRoom::name, "What people read; empty shows the alias.").limit(128),
        field("host_pin", &CreateRoom::host_pin, "4 to 20 digits.").limit(20),
        field("guest_pin", &CreateRoom::guest_pin, "4 to 20 digits; needs a host PIN.").limit(20),
        field("guests_without_pin", &CreateRoom::guests_without_pin, "Who gives no PIN is a guest."),
        field("guests_allowed", &CreateRoom::guests_allowed, "Guests may come in at all."),
        field("wait_for_host", &CreateRoom::wait_for_host, "Guests wait until a host is there."),
        field("lobby_when_locked", &CreateRoom::lobby_when_locked, "A locked room lets people knock."),
        field("participants_max", &CreateRoom::participants_max, "0 is the organisation's.")
            .range(0, 100'000),
        field("opens_ms", &CreateRoom::opens_ms, "Since 1970-01-01 UTC; 0 is now."),
        field("expires_ms", &CreateRoom::expires_ms, "Since 1970-01-01 UTC; 0 is never."));
  }
};

struct Room {
  std::string room_id;
  std::string organisation;
  std::string alias;
  std::string name;
  Handle running;
  std::int64_t participants = 0;
  bool has_host_pin = false;
  bool has_guest_pin = false;
  bool guests_without_pin = true;

  static constexpr auto fields() {
    return field_table(field("room_id", &Room::room_id, "Of the stored room."),
                       field("organisation", &Room::organisation, "Code of the one it belongs to."),
                       field("alias", &Room::alias, "The local part of its address."),
                       field("name", &Room::name, "What people read."),
                       field("running", &Room::running, "The running room, while somebody is in it."),
                       field("participants", &Room::participants, "How many are in it."),
                       field("has_host_pin", &Room::has_host_pin, "A host PIN is set."),
                       field("has_guest_pin", &Room::has_guest_pin, "A guest PIN is set."),
                       field("guests_without_pin", &Room::guests_without_pin,
                             "Who gives no PIN comes in as a guest, where there is no guest PIN."));
  }
};

// A running room, named: viadux.rooms end (-> Nothing); viadux.events snapshot (-> Snapshot).
struct RunningRef {
  Handle room;
  static constexpr auto fields() {
    return field_table(field("room", &RunningRef::room, "Which.").required());
  }
};

// viadux.rooms set_running -> Nothing. What is absent stays as it is.
struct SetRunning {
  Handle room;
  std::optional<bool> locked;
  std::optional<std::vector<Handle>> spotlight;

  static constexpr auto fields() {
    return field_table(field("room", &SetRunning::room, "Which.").required(),
                       field("locked", &SetRunning::locked, "Nobody new comes in."),
                       field("spotlight", &SetRunning::spotlight, "Participants shown first, in order."));
  }
};

// viadux.rooms list (Nothing -> RunningList): all that run on this node.
struct RunningList {
  std::vector<Handle> rooms;
  static constexpr auto fields() {
    return field_table(field("rooms", &RunningList::rooms, "In no order.").limit(4096));
  }
};

} // namespace viadux::documents
