// What goes into the event streams, and to whom.
#include "state.hpp"

namespace client {

using viadux::Json;

void State::tell_all(viadux::Handle room, std::string_view name, const Json& data) {
  const std::string text = format_event(name, data);
  members.each_in(room, [&](Member& member) {
    if (!member.waiting) member.tell(text);
  });
}

void State::tell_person(Room& room, const Person& person, const Person* before) {
  const MemberRef self = members.find(person.uuid);
  const Json object = participant_json(room, presenter_of(room), person, self.get());
  const std::string create = format_event("participant_create", object);
  const std::string update = format_event("participant_update", object);
  members.each_in(room.is.id, [&](Member& viewer) {
    const bool saw = before && sees(viewer, *before);
    if (sees(viewer, person)) {
      viewer.tell(saw ? update : create);
    } else if (saw) {
      Json who;
      who.set("uuid", person.uuid);
      viewer.tell(format_event("participant_delete", who));
    }
  });
}

void State::tell_gone(Room& room, const Person& person) {
  Json who;
  who.set("uuid", person.uuid);
  const std::string text = format_event("participant_delete", who);
  members.each_in(room.is.id, [&](Member& viewer) {
    if (viewer.uuid != person.uuid && sees(viewer, person)) viewer.tell(text);
  });
}

void State::tell_presenter(Room& room) {
  const std::string now = presenter_of(room);
  if (now == room.told_presenter) return;
  const std::string before = std::exchange(room.told_presenter, now);
  for (const std::string& uuid : {before, now})
    if (const Person* person = room.find(uuid)) tell_person(room, *person, person);
  // Who presents must not be told so: it would take that for somebody else's and stop.
  const std::string text = now.empty() ? format_event("presentation_stop", Json(Json::Object{}))
                                       : format_event("presentation_start", presenter_json(room));
  const std::string& except = now.empty() ? before : now;
  members.each_in(room.is.id, [&](Member& viewer) {
    if (!viewer.waiting && viewer.uuid != except) viewer.tell(text);
  });
}

void State::tell_everything(Member& member) {
  Room* room = room_of(member);
  std::string text = format_event("participant_sync_begin", Json());
  const std::string presenter = room ? presenter_of(*room) : std::string();
  if (room) {
    for (const auto& [order, person] : room->people)
      if (sees(member, person))
        text += format_event("participant_create",
                             participant_json(*room, presenter, person, members.find(person.uuid).get()));
  }
  text += format_event("participant_sync_end", Json());
  if (room) {
    text += format_event("conference_update", conference_json(*room));
    if (!member.waiting) {
      text += format_event("layout", layout_json(*room));
      text += format_event("stage", stage_json(*room));
      if (!presenter.empty() && presenter != member.uuid)
        text += format_event("presentation_start", presenter_json(*room));
    }
  }
  member.tell(text);
  member.write_missed(now_us());
}

void State::tell_farewell(Member& member, std::string_view words) {
  Json reason;
  reason.set("reason", words);
  member.tell_once(format_event("disconnect", reason), now_us());
  if (member.feed.open()) member.feed.end();
}

} // namespace client
