// Which room and which person a request means.
#include "state.hpp"

namespace client {

void State::place(Member& member, const viadux::documents::Participant& participant) {
  member.role = participant.role;
  member.waiting = participant.presence == viadux::documents::Presence::lobby;
  member.room = participant.room;
  const Room* room = find_room(participant.room);
  member.home = room ? room->home() : participant.room;
}

std::vector<Room*> State::breakouts_of(viadux::Handle home) {
  std::vector<Room*> found;
  for (auto& [handle, room] : rooms)
    if (room.is_breakout() && room.is.parent == home) found.push_back(&room);
  return found;
}

Room* State::find_breakout(const Member& member, std::string_view uuid) {
  for (Room* room : breakouts_of(member.home))
    if (room->breakout_uuid() == uuid) return room;
  return nullptr;
}

Person* State::find_person(const Member& member, viadux::Handle where, std::string_view uuid) {
  Room* room = find_room(where);
  if (Person* person = room ? room->find(uuid) : nullptr) return person;
  const bool is_host = member.role == viadux::documents::Role::host && !member.waiting;
  if (!is_host && member.uuid != uuid) return nullptr;
  Room* home = find_room(member.home);
  if (Person* person = home ? home->find(uuid) : nullptr) return person;
  for (Room* breakout : breakouts_of(member.home))
    if (Person* person = breakout->find(uuid)) return person;
  return nullptr;
}

} // namespace client
