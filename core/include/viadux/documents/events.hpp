// viadux/documents/events.hpp - interface "viadux.events": what has happened.
//
// Types, with their data:
//   participant_joined, participant_changed, participant_left: Participant. One in the lobby has joined with
//       the presence `lobby`: it knocks, or waits for a host. One that is moved leaves one room (reason
//       `moved`, moved_to) and joins the other, with the same id and uuid.
//   meeting_started, meeting_changed, meeting_ended: Meeting
//   meeting_ending_soon: Meeting; its ends_ms is at most five minutes away. Told once for each ends_ms.
//   message: Message. One with `to` is for that participant's eyes alone.
//   slots_changed: SlotsChanged <viadux/documents/media.hpp>; for sessions opened with tell_slots
//   digits: Digits. Keys of a telephone that somebody has pressed.
//   resync: events were lost, take a snapshot
#pragma once

#include <viadux/documents/breakout.hpp>

namespace viadux::documents {

struct Event {
  std::int64_t id = 0;
  std::string type;
  Handle room;
  std::int64_t wall_ms = 0;
  Json data;

  static constexpr auto fields() {
    return field_table(field("id", &Event::id, "Grows over all rooms."),
                       field("type", &Event::type, "What happened."),
                       field("room", &Event::room, "The running room; absent is the node itself."),
                       field("wall_ms", &Event::wall_ms, "Milliseconds since 1970-01-01 UTC."),
                       field("data", &Event::data, "The whole object as it is now."));
  }
};

// A running room, as events and snapshots tell it.
struct Meeting {
  Handle id;
  std::string room_id;
  std::string organisation;
  std::string alias;
  std::string name;
  bool locked = false;
  bool started = false;
  bool has_host = false;
  bool has_host_pin = false;
  bool guests_muted = false;
  bool guests_can_unmute = true;
  bool guests_can_present = true;
  std::string layout;
  std::string text;
  bool chat = true;
  bool one_way = false;
  Handle speaker;
  Handle presenter;
  std::vector<Handle> spotlight;
  std::int64_t participants = 0;
  std::int64_t started_ms = 0;
  std::int64_t starts_ms = 0;
  std::int64_t ends_ms = 0;
  Handle parent;
  std::vector<Handle> breakouts;
  std::optional<Breakout> breakout;

  static constexpr auto fields() {
    return field_table(
        field("id", &Meeting::id, "The running room's handle."),
        field("room_id", &Meeting::room_id, "Of the stored room."),
        field("organisation", &Meeting::organisation, "Code of the one it belongs to."),
        field("alias", &Meeting::alias, "The local part of its address; a break-out has its parent's."),
        field("name", &Meeting::name, "What people read."),
        field("locked", &Meeting::locked, "Nobody new comes in."),
        field("started", &Meeting::started, "A host has been there, or none is waited for."),
        field("has_host", &Meeting::has_host, "A host is there now."),
        field("has_host_pin", &Meeting::has_host_pin, "Hosts prove it by a PIN; else everybody is a host."),
        field("guests_muted", &Meeting::guests_muted, "Guests are muted, also those who come."),
        field("guests_can_unmute", &Meeting::guests_can_unmute, "A muted guest may unmute itself."),
        field("guests_can_present", &Meeting::guests_can_present, "Guests may take the floor."),
        field("layout", &Meeting::layout, "Of composed pictures, for who has not chosen another."),
        field("text", &Meeting::text, "A line over composed pictures. May be personal.").sparse(),
        field("chat", &Meeting::chat, "Messages may be sent."),
        field("one_way", &Meeting::one_way, "Hosts see guests without sound; guests get nothing."),
        field("speaker", &Meeting::speaker, "Who speaks."),
        field("presenter", &Meeting::presenter, "Who has the floor; else whose slides are shown."),
        field("spotlight", &Meeting::spotlight, "Shown first, in order."),
        field("participants", &Meeting::participants, "How many are in it, the lobby included."),
        field("started_ms", &Meeting::started_ms, "When it began. Since 1970-01-01 UTC, like all _ms."),
        field("starts_ms", &Meeting::starts_ms, "When it was booked to begin; 0 is not booked."),
        field("ends_ms", &Meeting::ends_ms, "When it will end by itself; 0 is never."),
        field("parent", &Meeting::parent, "Of a break-out: the running room it belongs to."),
        field("breakouts", &Meeting::breakouts, "Its break-outs.").limit(256),
        field("breakout", &Meeting::breakout, "Of a break-out: what it was made with."));
  }
};

// viadux.events snapshot (SnapshotRef -> Snapshot). gone: the room does not run any more. A large room comes
// in pages: while `more` is true, ask again after the last participant's order. Events between two pages are
// told like all others.
struct SnapshotRef {
  Handle room;
  std::int64_t after = 0;
  static constexpr auto fields() {
    return field_table(field("room", &SnapshotRef::room, "Which.").required(),
                       field("after", &SnapshotRef::after, "The last participant's order; 0 begins."));
  }
};
struct Snapshot {
  std::int64_t id = 0;
  Json state;
  bool more = false;
  static constexpr auto fields() {
    return field_table(
        field("id", &Snapshot::id, "Events up to and with this one are in it."),
        field("state", &Snapshot::state, "{\"meeting\": Meeting, \"participants\": [Participant]}."),
        field("more", &Snapshot::more, "There are more participants."));
  }
};

} // namespace viadux::documents
