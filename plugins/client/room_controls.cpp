#include "room_controls.hpp"

#include "refusal.hpp"
#include "requests.hpp"
#include "rules.hpp"

#include <viadux/documents/dial.hpp>
#include <viadux/documents/steering.hpp>

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
}

RoomControls::Response RoomControls::set(documents::SetRunning wanted) {
  const auto set = co_await state_.host.call<Nothing>("viadux.rooms", "set_running", wanted);
  if (!set) co_return refuse(set.error());
  co_return done();
}

RoomControls::Response RoomControls::lock(Asked asked) {
  documents::SetRunning wanted;
  wanted.room = asked.room;
  wanted.by = asked.me->participant;
  wanted.locked = true;
  return set(std::move(wanted));
}

RoomControls::Response RoomControls::unlock(Asked asked) {
  documents::SetRunning wanted;
  wanted.room = asked.room;
  wanted.by = asked.me->participant;
  wanted.locked = false;
  return set(std::move(wanted));
}

RoomControls::Response RoomControls::steer(Asked asked, std::string_view method) {
  documents::SteerRoom which;
  which.room = asked.room;
  which.by = asked.me->participant;
  const auto steered = co_await state_.host.call<Nothing>("viadux.rooms", method, which);
  if (!steered) co_return refuse(steered.error());
  co_return done();
}

RoomControls::Response RoomControls::mute_guests(Asked asked) {
  return steer(std::move(asked), "mute_guests");
}

RoomControls::Response RoomControls::unmute_guests(Asked asked) {
  return steer(std::move(asked), "unmute_guests");
}

RoomControls::Response RoomControls::set_guests_can_unmute(Asked asked) {
  const auto body = viadux::read_document<SettingRequest>(asked.request.body);
  if (!body) co_return failed(403, "The setting cannot be read");
  documents::SetRunning wanted;
  wanted.room = asked.room;
  wanted.by = asked.me->participant;
  wanted.guests_can_unmute = body->setting;
  co_return co_await set(std::move(wanted));
}

RoomControls::Response RoomControls::disconnect(Asked asked) {
  // A break-out's people come back or leave, as it was made.
  const bool all = asked.target.breakout.empty();
  return steer(std::move(asked), all ? "end" : "close_breakout");
}

// Whoever waits comes in, unless the meeting is locked: then each of them has to be admitted.
RoomControls::Response RoomControls::start_conference(Asked asked) {
  return steer(std::move(asked), "start");
}

RoomControls::Response RoomControls::clear_all_hands(Asked asked) {
  return steer(std::move(asked), "lower_all_hands");
}

// Through whichever plugin can.
RoomControls::Response RoomControls::dial(Asked asked) {
  const auto body = viadux::read_document<DialRequest>(asked.request.body);
  if (!body || body->destination.empty()) co_return failed(403, "The request cannot be read");
  documents::DialOut wanted;
  wanted.room = asked.room;
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
  const Room* room = state_.find_room(asked.room);
  Json::Array uuids;
  if (room)
    for (const auto& [order, person] : room->people)
      if (person.is.id == called->participant) uuids.emplace_back(person.uuid());
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
  const documents::LayoutAnswer says =
      co_await layout_rules(state_, asked.me, asked.room, documents::LayoutChange::layout, "1:0");
  if (!says.allowed) co_return failed(403, words::policy_refuses);
  if (Room* room = state_.find_room(asked.room)) state_.tell_all(*room, "layout", layout_json(*room));
  co_return done();
}

RoomControls::Response RoomControls::status(Asked asked) {
  const Room* room = state_.find_room(asked.room);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  co_return success(conference_json(*room));
}

RoomControls::Response RoomControls::participants(Asked asked) {
  Room* room = state_.find_room(asked.room);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  Json::Array people;
  const std::string presenter = presenter_of(*room);
  for (const auto& [order, person] : room->people)
    if (sees(*asked.me, person))
      people.push_back(participant_json(*room, presenter, person, state_.members.find(person.uuid()).get()));
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

RoomControls::Response RoomControls::accepted(Asked) {
  co_return done();
}

} // namespace client
