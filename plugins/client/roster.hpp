// Rooms as this plugin knows them by events, and how the client API tells them.
#pragma once

#include "member.hpp"

#include <viadux/documents/events.hpp>

namespace client {

struct Person {
  viadux::documents::Participant is;
  const std::string& uuid() const { return is.uuid; }
  bool waiting() const { return is.presence == viadux::documents::Presence::lobby; }
  bool is_host() const { return is.role == viadux::documents::Role::host; }
};

struct Room {
  viadux::documents::Meeting is;
  std::map<std::int64_t, Person> people; // by order of joining
  std::string floor;                     // uuid of who has taken it
  std::string told_presenter;            // as the clients know it
  bool direct = false;                   // its two send to each other
  std::int64_t two_since_us = 0;         // they could, but do not; 0: they could not
  std::int64_t not_before_us = 0;        // are they brought back to it
  std::int64_t help_ms = 0;              // of a break-out: when it asked for a host; 0 is not

  bool is_breakout() const { return is.parent.value != 0; }
  viadux::Handle home() const { return is_breakout() ? is.parent : is.id; }
  // The API's name of a break-out: the same for as long as it runs.
  std::string breakout_uuid() const;

  Person* find(viadux::Handle participant);
  Person* find(std::string_view uuid);
};

// Who presents, as far as clients are concerned; empty is nobody.
std::string presenter_of(Room& room);
// May `viewer` see `person` in the roster? Who waits sees itself; who waits is seen by hosts.
bool sees(const Member& viewer, const Person& person);

// Unix seconds, always written with a fraction and without an exponent, as the Android client needs it.
viadux::Json seconds(std::int64_t ms);

// `presenter` is presenter_of(room), found once for a whole roster.
viadux::Json participant_json(const Room& room, const std::string& presenter, const Person& person,
                              const Member* member);
// A host as it sees itself in a room of its meeting that it is not in now: without media.
viadux::Json shadow_json(const Room& room, const Person& person, const Member& member);
viadux::Json conference_json(const Room& room);
viadux::Json layout_json(Room& room);
viadux::Json stage_json(Room& room);
viadux::Json presenter_json(Room& room);

} // namespace client
