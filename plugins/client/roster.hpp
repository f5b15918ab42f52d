// Rooms as this plugin knows them by events, and how the client API tells them.
#pragma once

#include "member.hpp"

#include <viadux/documents/events.hpp>

namespace client {

struct Person {
  viadux::documents::Participant is;
  std::string uuid;
  bool waiting() const { return is.presence == viadux::documents::Presence::lobby; }
  bool is_host() const { return is.role == viadux::documents::Role::host; }
};

struct Room {
  viadux::documents::Meeting is;
  std::map<std::int64_t, Person> people;                   // by order of joining
  std::string floor;                                       // uuid of who has taken it
  std::string told_presenter;                              // as the clients know it
  std::unordered_map<std::string, std::int64_t> hands;     // uuid -> when it was raised, ms
  std::unordered_map<std::string, std::int64_t> spotlight; // uuid -> since when, ms

  Person* find(viadux::Handle participant);
  Person* find(std::string_view uuid);
};

// The API's name of a participant.
std::string uuid_in_roster(const viadux::documents::Participant& participant);
// Who presents, as far as clients are concerned; empty is nobody.
std::string presenter_of(Room& room);
// May `viewer` see `person` in the roster? Who waits sees itself; who waits is seen by hosts.
bool sees(const Member& viewer, const Person& person);

// Unix seconds, always written with a fraction and without an exponent, as the Android client needs it.
viadux::Json seconds(std::int64_t ms);

// `presenter` is presenter_of(room), found once for a whole roster.
viadux::Json participant_json(const Room& room, const std::string& presenter, const Person& person,
                              const Member* member);
viadux::Json conference_json(const Room& room);
viadux::Json layout_json(Room& room);
viadux::Json stage_json(Room& room);
viadux::Json presenter_json(Room& room);

} // namespace client
