#include "watching.hpp"

#include "refusal.hpp"

#include <set>
#include <viadux/documents/room.hpp>

namespace client {

namespace documents = viadux::documents;

viadux::Result<void> Watching::start() {
  const auto subscribed = events_.subscribe("", [this](std::string_view event) { on_event(event); });
  if (!subscribed) return subscribed.error();
  state_.host.spawn(resync()); // rooms that ran before this plugin did
  return {};
}

void Watching::on_event(std::string_view text) {
  const auto event = viadux::read_document<documents::Event>(text);
  if (!event) return;
  if (event->type == "resync") return state_.host.spawn(resync());
  if (event->type == "meeting_ended") return on_meeting_ended(event->room);
  if (event->type == "message") {
    documents::Message message;
    if (viadux::from_json(event->data, message)) on_message(event->room, message);
    return;
  }
  if (event->type == "slots_changed") {
    documents::SlotsChanged changed;
    Room* room = state_.find_room(event->room);
    if (room && viadux::from_json(event->data, changed))
      for (const documents::SessionSlots& slots : changed.sessions)
        state_.tell_slots(*room, slots);
    return;
  }
  if (event->type.starts_with("meeting_")) {
    documents::Meeting meeting;
    if (viadux::from_json(event->data, meeting)) on_meeting(meeting);
    return;
  }
  documents::Participant participant;
  if (!viadux::from_json(event->data, participant)) return;
  if (event->type == "participant_left") return on_left(participant);
  if (event->type == "participant_joined" || event->type == "participant_changed")
    on_participant(participant);
}

void Watching::on_meeting(const documents::Meeting& meeting) {
  const bool is_new = !state_.rooms.contains(meeting.id.value);
  Room& room = state_.rooms[meeting.id.value];
  const documents::Meeting before = std::exchange(room.is, meeting);
  if (is_new) {
    if (room.is_breakout()) state_.tell_breakout_begin(room);
    return;
  }
  if (before.locked != meeting.locked || before.guests_muted != meeting.guests_muted ||
      before.guests_can_unmute != meeting.guests_can_unmute ||
      before.guests_can_present != meeting.guests_can_present || before.ends_ms != meeting.ends_ms ||
      before.text != meeting.text)
    state_.tell_all(room, "conference_update", conference_json(room));
  if (before.speaker != meeting.speaker) state_.tell_all(room, "stage", stage_json(room));
  if (before.speaker != meeting.speaker || before.layout != meeting.layout)
    state_.tell_all(room, "layout", layout_json(room));
  // The core has taken the floor back, or a participant of another protocol has it.
  if (const Person* holder = room.find(room.floor); holder && before.presenter == holder->is.id) {
    const Person* now = room.find(meeting.presenter);
    if (!now || now->is.protocol != "client") room.floor.clear();
  }
  state_.tell_presenter(room);
  if (state_.on_changed) state_.on_changed(room);
}

void Watching::on_meeting_ended(viadux::Handle handle) {
  Room* room = state_.find_room(handle);
  if (room == nullptr) return;
  if (room->is_breakout()) state_.tell_breakout_end(*room);
  state_.rooms.erase(handle.value);
}

// Never to the sender: clients show their own words themselves.
void Watching::on_message(viadux::Handle handle, const documents::Message& message) {
  Room* room = state_.find_room(handle);
  if (room == nullptr) return;
  const bool direct = message.to.value != 0;
  viadux::Json event;
  event.set("origin", message.from_name);
  event.set("uuid", message.from_uuid);
  event.set("type", message.type);
  event.set("payload", message.payload);
  event.set("direct", direct);
  if (!direct) return state_.tell_all_once(*room, "message_received", event, message.from_uuid);
  if (const MemberRef to = state_.members.of(message.to))
    to->tell_once(format_event("message_received", event), state_.now_us());
}

void Watching::update_member(const documents::Participant& participant) {
  const MemberRef member = state_.members.of(participant.id);
  if (!member) return;
  const bool let_in = member->waiting && participant.presence == documents::Presence::meeting;
  const bool role_changed = member->role != participant.role;
  const viadux::Handle base = member->base();
  state_.place(*member, participant);
  const bool elsewhere = member->base() != base;
  // Its token says what it is: a new one, and the roster as it may be seen from now on.
  if (role_changed && participant.role == documents::Role::guest && state_.on_demoted)
    state_.on_demoted(*member);
  if (role_changed) member->tell(format_event("refresh_token", viadux::Json()));
  // What was presented there is not seen from here.
  if (elsewhere) member->tell(format_event("presentation_stop", viadux::Json(viadux::Json::Object{})));
  if (let_in || role_changed || elsewhere) state_.tell_everything(*member);
  // Its client goes on sending: it presents here now.
  if (std::exchange(member->presented, false) && state_.on_presents_again) state_.on_presents_again(member);
}

void Watching::on_participant(const documents::Participant& participant) {
  Room& room = state_.rooms[participant.room.value];
  room.is.id = participant.room;
  const auto found = room.people.find(participant.order);
  const bool is_new = found == room.people.end();
  const Person before = is_new ? Person() : found->second;
  const bool was_started =
      std::ranges::any_of(room.people, [](const auto& e) { return !e.second.waiting(); });
  Person& person = room.people[participant.order];
  person.is = participant;
  // Who waited is told of itself first, and then of all the others.
  state_.tell_person(room, person, is_new ? nullptr : &before);
  update_member(participant);
  if (!was_started && !person.waiting()) state_.tell_all(room, "conference_update", conference_json(room));
  if (state_.on_changed) state_.on_changed(room);
}

void Watching::on_left(const documents::Participant& participant) {
  const bool moved = participant.reason == "moved"; // it joins the other room next
  Room* room = state_.find_room(participant.room);
  if (room) {
    const auto found = room->people.find(participant.order);
    if (found != room->people.end()) {
      const Person person = found->second;
      room->people.erase(found);
      const bool presented = room->floor == person.uuid();
      if (presented) room->floor.clear();
      if (const MemberRef mover = state_.members.of(participant.id); mover && moved)
        mover->presented = presented;
      state_.tell_gone(*room, person, moved);
      state_.tell_presenter(*room);
    }
  }
  const MemberRef member = state_.members.of(participant.id);
  if (member && state_.on_away) state_.on_away(*member);
  if (room && state_.on_changed) state_.on_changed(*room);
  if (!member || moved) return;
  // A server that restarts takes its participants back: nothing that would end the meeting for them.
  if (participant.reason == "server_stopping") {
    state_.members.let_go(*member, state_.now_us());
    return member->feed.cut();
  }
  put_out(*member, words_of_leaving(participant.reason.value_or("")));
}

void Watching::put_out(Member& member, std::string_view words) {
  state_.members.let_go(member, state_.now_us());
  if (state_.on_out) state_.on_out(member);
  state_.tell_farewell(member, words);
}

// Events were lost: read what there is, and let every stream begin anew. Who came meanwhile has its own
// events.
viadux::Task<void> Watching::resync() {
  const std::vector<MemberRef> before = state_.members.all();
  const viadux::Nothing all;
  const auto running = co_await state_.host.call<documents::RunningList>("viadux.rooms", "list", all);
  if (!running) co_return;
  std::set<std::uint64_t> there, unread;
  for (const viadux::Handle room : running->rooms)
    there.insert(room.value);
  // Now, not after the reading: a meeting that begins meanwhile is not in that list.
  std::erase_if(state_.rooms, [&](const auto& entry) { return !there.contains(entry.first); });
  for (const viadux::Handle room : running->rooms)
    if (!co_await read_room(room)) unread.insert(room.value);
  std::unordered_map<std::uint64_t, const Person*> found;
  for (const auto& [handle, room] : state_.rooms)
    for (const auto& [order, person] : room.people)
      found[person.is.id.value] = &person;
  for (const MemberRef& member : before) {
    if (member->gone) continue;
    const auto place = found.find(member->participant.value);
    if (place != found.end()) {
      state_.place(*member, place->second->is); // it may have been moved
      state_.tell_everything(*member);
      state_.host.spawn(state_.read_slots(member));
    } else if (!unread.contains(member->room.value)) {
      put_out(*member, words_of_leaving(""));
    }
  }
}

viadux::Task<bool> Watching::read_room(viadux::Handle handle) {
  documents::SnapshotRef which;
  which.room = handle;
  for (bool more = true; more;) {
    const auto snapshot = co_await state_.host.call<documents::Snapshot>("viadux.events", "snapshot", which);
    if (!snapshot) {
      const bool ended = snapshot.error().code == viadux::ErrorCode::gone;
      if (ended) state_.rooms.erase(handle.value);
      co_return ended;
    }
    Room& room = state_.rooms[handle.value];
    if (which.after == 0) room.people.clear();
    const std::int64_t last = read_page(snapshot->state, room);
    more = snapshot->more && last > which.after;
    which.after = last;
  }
  co_return true;
}

// The order of the last of its people.
std::int64_t Watching::read_page(const viadux::Json& state, Room& room) {
  if (const viadux::Json* meeting = state.find("meeting")) (void)viadux::from_json(*meeting, room.is);
  std::int64_t last = 0;
  const viadux::Json* people = state.find("participants");
  if (people == nullptr || !people->array()) return last;
  for (const viadux::Json& entry : *people->array()) {
    documents::Participant participant;
    if (!viadux::from_json(entry, participant)) continue;
    last = participant.order;
    room.people[last] = Person{participant};
  }
  return last;
}

} // namespace client
