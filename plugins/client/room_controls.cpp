#include "room_controls.hpp"

#include "refusal.hpp"
#include "requests.hpp"

#include <viadux/documents/dial.hpp>

namespace client {

namespace documents = viadux::documents;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Nothing;

void RoomControls::add_to(Actions& actions) {
  const auto add = [&](std::string_view method, std::string_view name, Rule rule,
                       Response (RoomControls::*handler)(Asked)) {
    actions.add(method, Scope::room, name, rule, *this, handler);
  };
  add("POST", "lock", Rule::host, &RoomControls::lock);
  add("POST", "unlock", Rule::host, &RoomControls::unlock);
  add("POST", "muteguests", Rule::host, &RoomControls::mute_guests);
  add("POST", "unmuteguests", Rule::host, &RoomControls::unmute_guests);
  add("POST", "set_guests_can_unmute", Rule::host, &RoomControls::set_guests_can_unmute);
  add("POST", "disconnect", Rule::host, &RoomControls::disconnect);
  add("POST", "start_conference", Rule::host, &RoomControls::start_conference);
  add("POST", "clearallbuzz", Rule::host, &RoomControls::clear_all_hands);
  add("POST", "dial", Rule::host, &RoomControls::dial);
  add("POST", "transform_layout", Rule::host, &RoomControls::transform_layout);
  add("POST", "silent_video_detection", Rule::host, &RoomControls::accepted);
  add("GET", "conference_status", Rule::waiting_too, &RoomControls::status);
  add("GET", "participants", Rule::waiting_too, &RoomControls::participants);
  add("GET", "available_layouts", Rule::anyone, &RoomControls::layouts);
  add("GET", "layout_svgs", Rule::anyone, &RoomControls::layout_pictures);
  add("GET", "theme", Rule::waiting_too, &RoomControls::theme);
}

RoomControls::Response RoomControls::set(documents::SetRunning wanted) {
  const auto set = co_await state_.host.call<Nothing>("viadux.rooms", "set_running", wanted);
  if (!set) co_return refuse(set.error());
  co_return done();
}

RoomControls::Response RoomControls::lock(Asked asked) {
  documents::SetRunning wanted;
  wanted.room = asked.me->room;
  wanted.locked = true;
  return set(std::move(wanted));
}

RoomControls::Response RoomControls::unlock(Asked asked) {
  documents::SetRunning wanted;
  wanted.room = asked.me->room;
  wanted.locked = false;
  return set(std::move(wanted));
}

RoomControls::Response RoomControls::mute_all(MemberRef me, bool muted) {
  Room* room = state_.room_of(*me);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  room->guests_muted = muted;
  std::vector<viadux::Handle> guests;
  for (const auto& [order, person] : room->people)
    if (!person.is_host()) guests.push_back(person.is.id);
  state_.tell_all(me->room, "conference_update", conference_json(*room));
  for (const viadux::Handle guest : guests) {
    documents::SetParticipant wanted;
    wanted.participant = guest;
    wanted.audio_muted = muted;
    (void)co_await state_.host.call<Nothing>("viadux.rooms", "set_participant", wanted); // gone: it has left
  }
  co_return done();
}

RoomControls::Response RoomControls::mute_guests(Asked asked) {
  return mute_all(asked.me, true);
}

RoomControls::Response RoomControls::unmute_guests(Asked asked) {
  return mute_all(asked.me, false);
}

RoomControls::Response RoomControls::set_guests_can_unmute(Asked asked) {
  const auto body = viadux::read_document<SettingRequest>(asked.request.body);
  Room* room = state_.room_of(*asked.me);
  if (!body || room == nullptr) co_return failed(403, "The setting cannot be read");
  room->guests_can_unmute = body->setting;
  state_.tell_all(asked.me->room, "conference_update", conference_json(*room));
  co_return done();
}

RoomControls::Response RoomControls::disconnect(Asked asked) {
  documents::RunningRef which;
  which.room = asked.me->room;
  const auto ended = co_await state_.host.call<Nothing>("viadux.rooms", "end", which);
  if (!ended) co_return refuse(ended.error());
  co_return done();
}

// Whoever waits comes in, unless the meeting is locked: then each of them has to be admitted.
RoomControls::Response RoomControls::start_conference(Asked asked) {
  const Room* room = state_.room_of(*asked.me);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  std::vector<viadux::Handle> waiting;
  for (const auto& [order, person] : room->people)
    if (person.waiting() && !room->is.locked) waiting.push_back(person.is.id);
  for (const viadux::Handle participant : waiting) {
    documents::ParticipantRef who;
    who.participant = participant;
    (void)co_await state_.host.call<Nothing>("viadux.rooms", "let_in", who); // let in or gone meanwhile
  }
  co_return done();
}

RoomControls::Response RoomControls::clear_all_hands(Asked asked) {
  Room* room = state_.room_of(*asked.me);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  const auto raised = std::exchange(room->hands, {});
  for (const auto& [order, person] : room->people)
    if (raised.contains(person.uuid)) state_.tell_person(*room, person, &person);
  co_return done();
}

// Through whichever plugin can.
RoomControls::Response RoomControls::dial(Asked asked) {
  const auto body = viadux::read_document<DialRequest>(asked.request.body);
  if (!body || body->destination.empty()) co_return failed(403, "The request cannot be read");
  documents::DialOut wanted;
  wanted.room = asked.me->room;
  wanted.by = asked.me->participant;
  wanted.destination = body->destination;
  wanted.protocol = body->protocol == "auto" ? "" : body->protocol;
  wanted.role =
      body->role == "HOST" || body->role == "chair" ? documents::Role::host : documents::Role::guest;
  wanted.display_name = body->remote_display_name;
  wanted.source_display_name = body->source_display_name;
  wanted.dtmf_sequence = body->dtmf_sequence;
  const auto called = co_await state_.host.call<documents::Dialling>("viadux.dial", "dial", wanted);
  if (!called && called.error().reason == "interface_unknown")
    co_return failed(403, "This server has no way to call out");
  if (!called) co_return refuse(called.error());
  const Room* room = state_.room_of(*asked.me);
  Json::Array uuids;
  if (room)
    for (const auto& [order, person] : room->people)
      if (person.is.id == called->participant) uuids.emplace_back(person.uuid);
  co_return success(std::move(uuids));
}

RoomControls::Response RoomControls::transform_layout(Asked asked) {
  const auto body = Json::parse(asked.request.body);
  const Json* transforms = body ? body->find("transforms") : nullptr;
  if (transforms == nullptr || !transforms->object())
    co_return failed(400, "transform_layout needs an object \"transforms\"");
  for (const std::string_view name : {"layout", "host_layout", "guest_layout"}) {
    const Json* layout = transforms->find(name);
    if (layout && (!layout->text() || *layout->text() != "1:0"))
      co_return failed(400, "This server shows one picture at a time: the layout is 1:0");
  }
  if (Room* room = state_.room_of(*asked.me)) state_.tell_all(asked.me->room, "layout", layout_json(*room));
  co_return done();
}

RoomControls::Response RoomControls::status(Asked asked) {
  const Room* room = state_.room_of(*asked.me);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  co_return success(conference_json(*room));
}

RoomControls::Response RoomControls::participants(Asked asked) {
  Room* room = state_.room_of(*asked.me);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  Json::Array people;
  for (const auto& [order, person] : room->people)
    if (sees(*asked.me, person))
      people.push_back(participant_json(*room, person, state_.members.find(person.uuid).get()));
  co_return success(std::move(people));
}

RoomControls::Response RoomControls::layouts(Asked) {
  co_return success(Json::Array{Json("1:0")});
}

RoomControls::Response RoomControls::layout_pictures(Asked) {
  Json pictures;
  pictures.set("1:0",
               R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9">)"
               R"(<rect x="0.5" y="0.5" width="15" height="8" fill="none" stroke="currentColor"/></svg>)");
  co_return success(std::move(pictures));
}

RoomControls::Response RoomControls::theme(Asked asked) {
  if (asked.target.rest.empty()) co_return HttpResponse::empty(204); // the client's own look
  co_return failed(404, "There is no such picture");
}

RoomControls::Response RoomControls::accepted(Asked) {
  co_return done();
}

} // namespace client
