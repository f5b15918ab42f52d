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

// viadux.rooms organisation (RoomRef -> OrganisationInfo): which one answers an address, whether or not there
// is such a room. bad_argument/address_malformed, not_found/organisation_unknown.
// viadux.rooms organisation_named (OrganisationRef -> OrganisationInfo): by its code.
struct OrganisationRef {
  std::string code;
  static constexpr auto fields() {
    return field_table(field("code", &OrganisationRef::code, "Which.").required().limit(64));
  }
};
struct OrganisationInfo {
  std::string code;
  std::string name;
  std::vector<std::string> folders;
  static constexpr auto fields() {
    return field_table(
        field("code", &OrganisationInfo::code, "Its own."),
        field("name", &OrganisationInfo::name, "For people."),
        field("folders", &OrganisationInfo::folders,
              "Where its files lie (theme/ and others), its own first, then those of the ones above it."));
  }
};

// What becomes of a meeting whose last host has left: it goes on; it ends after host_leaves_s; its guests go
// back to the lobby.
enum class HostLeaves : std::uint8_t { stay, end, lobby };

// viadux.rooms create -> Room. refused/alias_taken, busy/rooms_full, bad_argument. docs/meetings.md says what
// each setting does.
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
  std::int64_t starts_ms = 0;
  std::int64_t opens_before_s = 0;
  std::int64_t expires_ms = 0;
  std::int64_t warn_s = 300;
  bool one_way = false;
  bool mute_guests = false;
  bool guests_can_unmute = true;
  bool guests_can_present = true;
  bool chat = true;
  std::int64_t lock_at = 0;
  std::int64_t lobby_s = 0;
  std::int64_t empty_s = 0;
  HostLeaves host_leaves = HostLeaves::stay;
  std::int64_t host_leaves_s = 60;

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
        field("opens_ms", &CreateRoom::opens_ms, "Nobody finds it before. Since 1970-01-01 UTC; 0 is now."),
        field("starts_ms", &CreateRoom::starts_ms, "When it is booked to begin; 0 is not booked."),
        field("opens_before_s", &CreateRoom::opens_before_s,
              "With starts_ms and no opens_ms: it opens so long before it starts.")
            .range(0, 86'400),
        field("expires_ms", &CreateRoom::expires_ms, "It ends, and nobody finds it after; 0 is never."),
        field("warn_s", &CreateRoom::warn_s, "meeting_ending_soon comes so long before.").range(0, 86'400),
        field("one_way", &CreateRoom::one_way, "Hosts see guests without sound; guests get nothing."),
        field("mute_guests", &CreateRoom::mute_guests, "Guests are muted when they come in."),
        field("guests_can_unmute", &CreateRoom::guests_can_unmute, "Themselves, after that."),
        field("guests_can_present", &CreateRoom::guests_can_present, "Guests may take the floor."),
        field("chat", &CreateRoom::chat, "Messages may be sent."),
        field("lock_at", &CreateRoom::lock_at, "Locks when so many are in; 0 is never.").range(0, 100'000),
        field("lobby_s", &CreateRoom::lobby_s, "How long one waits in the lobby; 0 is the server's.")
            .range(0, 86'400),
        field("empty_s", &CreateRoom::empty_s, "How long it outlives the last one; 0 is the server's.")
            .range(0, 86'400),
        field("host_leaves", &CreateRoom::host_leaves, "What becomes of it without its hosts."),
        field("host_leaves_s", &CreateRoom::host_leaves_s, "With `end`: after so long.").range(1, 86'400));
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

// A running room, named: viadux.events snapshot (-> Snapshot).
struct RunningRef {
  Handle room;
  static constexpr auto fields() {
    return field_table(field("room", &RunningRef::room, "Which.").required());
  }
};

// viadux.rooms set_running -> Nothing. What is absent stays as it is.
struct SetRunning {
  Handle room;
  Handle by;
  std::optional<bool> locked;
  std::optional<std::vector<Handle>> spotlight;
  std::optional<bool> guests_can_unmute;
  std::optional<bool> guests_can_present;
  std::optional<std::string> layout;
  std::optional<std::string> text;

  static constexpr auto fields() {
    return field_table(
        field("room", &SetRunning::room, "Which.").required(), field("by", &SetRunning::by, "Who asks."),
        field("locked", &SetRunning::locked, "Nobody new comes in."),
        field("spotlight", &SetRunning::spotlight, "Participants shown first, in order."),
        field("guests_can_unmute", &SetRunning::guests_can_unmute, "A muted guest may unmute itself."),
        field("guests_can_present", &SetRunning::guests_can_present, "Guests may take the floor."),
        field("layout", &SetRunning::layout, "Of composed pictures, as in viadux.media open.").limit(16),
        field("text", &SetRunning::text, "A line over composed pictures; empty takes it away.").limit(256));
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

template <>
struct viadux::EnumNames<viadux::documents::HostLeaves> {
  static constexpr std::array<std::string_view, 3> names{"stay", "end", "lobby"};
};
