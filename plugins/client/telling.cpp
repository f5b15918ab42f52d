// What goes into the event streams, and to whom.
#include "notice.hpp"
#include "state.hpp"

namespace client {

using viadux::Json;

namespace {

// All that are let in and for whom the room is on their stream.
template <class Visit>
void each_viewer(Members& members, const Room& room, Visit visit) {
  members.each([&](Member& viewer) {
    if (const View view = view_of(viewer, room); view != View::none) visit(viewer, view);
  });
}

Json named(const std::string& uuid) {
  Json who;
  who.set("uuid", uuid);
  return who;
}

Json breakout_json(const Room& room, const Member& member) {
  Json which;
  which.set("breakout_uuid", room.breakout_uuid());
  which.set("participant_uuid", member.uuid); // one name in all rooms
  return which;
}

} // namespace

void State::tell_all(Room& room, std::string_view name, const Json& data) {
  Notice notice(room, name, data);
  each_viewer(members, room, [&](Member& member, View view) {
    if (!member.waiting) member.tell(*notice.as(view));
  });
}

void State::tell_all_once(Room& room, std::string_view name, const Json& data, std::string_view except) {
  Notice notice(room, name, data);
  const std::int64_t now = now_us();
  each_viewer(members, room, [&](Member& member, View view) {
    if (!member.waiting && member.uuid != except) member.tell_once(notice.as(view), now);
  });
}

void State::tell_person(Room& room, const Person& person, const Person* before) {
  const MemberRef self = members.find(person.uuid());
  const Json object = participant_json(room, presenter_of(room), person, self.get());
  Notice create(room, "participant_create", object), update(room, "participant_update", object);
  Notice gone(room, "participant_delete", named(person.uuid()));
  each_viewer(members, room, [&](Member& viewer, View view) {
    // Who looks into all rooms is in each of them for itself already.
    const bool shadow = &viewer == self.get() && viewer.oversees();
    const bool saw = shadow || (before && sees(viewer, *before));
    if (sees(viewer, person))
      viewer.tell(*(saw ? update : create).as(view));
    else if (saw)
      viewer.tell(*gone.as(view));
  });
}

void State::tell_gone(Room& room, const Person& person, bool moved) {
  Notice gone(room, "participant_delete", named(person.uuid()));
  each_viewer(members, room, [&](Member& viewer, View view) {
    if (viewer.uuid != person.uuid()) {
      if (sees(viewer, person)) viewer.tell(*gone.as(view));
    } else if (moved && viewer.oversees()) {
      viewer.tell(*Notice(room, "participant_update", shadow_json(room, person, viewer)).as(view));
    }
  });
}

void State::tell_presenter(Room& room) {
  const std::string now = presenter_of(room);
  if (now == room.told_presenter) return;
  const std::string before = std::exchange(room.told_presenter, now);
  for (const std::string& uuid : {before, now})
    if (const Person* person = room.find(uuid)) tell_person(room, *person, person);
  // Who presents must not be told so: it would take that for somebody else's and stop.
  Notice notice = now.empty() ? Notice(room, "presentation_stop", Json(Json::Object{}))
                              : Notice(room, "presentation_start", presenter_json(room));
  const std::string& except = now.empty() ? before : now;
  each_viewer(members, room, [&](Member& viewer, View view) {
    if (!viewer.waiting && viewer.uuid != except) viewer.tell(*notice.as(view));
  });
}

// ---- break-outs, told to those who look into them

void State::tell_breakout_begin(Room& room) {
  each_viewer(members, room, [&](Member& viewer, View view) {
    if (view == View::wrapped && viewer.breakouts.insert(room.breakout_uuid()).second)
      viewer.tell(format_event("breakout_begin", breakout_json(room, viewer)) + whole_room(room, viewer));
  });
}

void State::tell_breakout_end(Room& room) {
  each_viewer(members, room, [&](Member& viewer, View) {
    if (viewer.breakouts.erase(room.breakout_uuid()) > 0)
      viewer.tell(format_event("breakout_end", breakout_json(room, viewer)));
  });
}

void State::tell_breakout_unknown(Member& member, const std::string& uuid) {
  Json which;
  which.set("breakout_uuid", uuid);
  which.set("participant_uuid", member.uuid);
  member.breakouts.erase(uuid);
  member.tell(format_event("breakout_end", which));
}

// ---- all there is

std::string State::whole_room(Room& room, const Member& member) {
  const View view = view_of(member, room);
  std::string text;
  const auto add = [&](std::string_view name, Json data) {
    text += *Notice(room, name, std::move(data)).as(view);
  };
  const std::string presenter = presenter_of(room);
  add("participant_sync_begin", Json());
  for (const auto& [order, person] : room.people)
    if (sees(member, person))
      add("participant_create", participant_json(room, presenter, person, members.find(person.uuid()).get()));
  if (const Person* self = find_person(member, room.is.id, member.uuid);
      self && member.oversees() && self->is.room != room.is.id)
    add("participant_create", shadow_json(room, *self, member));
  add("participant_sync_end", Json());
  add("conference_update", conference_json(room));
  if (member.waiting) return text;
  if (view == View::plain) {
    add("layout", layout_json(room));
    add("stage", stage_json(room));
  }
  if (!presenter.empty() && presenter != member.uuid) add("presentation_start", presenter_json(room));
  return text;
}

void State::tell_everything(Member& member) {
  std::string text;
  const std::vector<Room*> breakouts = member.oversees() ? breakouts_of(member.home) : std::vector<Room*>();
  std::set<std::string> now;
  for (const Room* room : breakouts)
    now.insert(room->breakout_uuid());
  for (const std::string& uuid : member.breakouts) {
    if (now.contains(uuid)) continue;
    Json which;
    which.set("breakout_uuid", uuid);
    which.set("participant_uuid", member.uuid);
    text += format_event("breakout_end", which);
  }
  member.breakouts = std::move(now);
  if (Room* room = find_room(member.base()))
    text += whole_room(*room, member);
  else
    text += format_event("participant_sync_begin", Json()) + format_event("participant_sync_end", Json());
  for (Room* room : breakouts)
    text += format_event("breakout_begin", breakout_json(*room, member)) + whole_room(*room, member);
  if (!member.waiting) text += member.slots;
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
