// viadux/documents/events.hpp - interface "viadux.events": what has happened.
//
// Types: participant_joined, participant_changed, participant_left (data: Participant), meeting_started,
// meeting_changed, meeting_ended (data: Meeting), resync (events were lost: take a snapshot).
#pragma once

#include <viadux/documents/room.hpp>

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
  Handle speaker;
  Handle presenter;
  std::vector<Handle> spotlight;
  std::int64_t participants = 0;
  std::int64_t started_ms = 0;

  static constexpr auto fields() {
    return field_table(field("id", &Meeting::id, "The running room's handle."),
                       field("room_id", &Meeting::room_id, "Of the stored room."),
                       field("organisation", &Meeting::organisation, "Code of the one it belongs to."),
                       field("alias", &Meeting::alias, "The local part of its address."),
                       field("name", &Meeting::name, "What people read."),
                       field("locked", &Meeting::locked, "Nobody new comes in."),
                       field("speaker", &Meeting::speaker, "Who speaks."),
                       field("presenter", &Meeting::presenter, "Who presents."),
                       field("spotlight", &Meeting::spotlight, "Shown first, in order."),
                       field("participants", &Meeting::participants, "How many are in it."),
                       field("started_ms", &Meeting::started_ms, "Milliseconds since 1970-01-01 UTC."));
  }
};

// viadux.events snapshot (RunningRef -> Snapshot). gone: the room does not run any more.
struct Snapshot {
  std::int64_t id = 0;
  Json state;
  static constexpr auto fields() {
    return field_table(
        field("id", &Snapshot::id, "Events up to and with this one are in it."),
        field("state", &Snapshot::state, "{\"meeting\": Meeting, \"participants\": [Participant]}."));
  }
};

} // namespace viadux::documents
