#include "breakouts.hpp"

#include "refusal.hpp"

#include <cmath>
#include <viadux/documents/steering.hpp>

namespace client {

namespace documents = viadux::documents;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Nothing;

namespace {

constexpr std::string_view main_room = "main"; // as clients name it
constexpr std::string_view no_such_room = "There is no such break-out room";

// The uuids in {"room": ["uuid", ...]}; the core knows where they are.
std::vector<std::string> named_in(const Json& participants) {
  std::vector<std::string> uuids;
  if (!participants.object()) return uuids;
  for (const auto& [room, list] : *participants.object())
    if (list.array())
      for (const Json& uuid : *list.array())
        if (uuid.text()) uuids.push_back(*uuid.text());
  return uuids;
}

} // namespace

void Breakouts::add_to(Actions& actions) {
  const auto add = [&](std::string_view name, Rule rule, Response (Breakouts::*handler)(Asked)) {
    actions.add("POST", Scope::room, name, rule, *this, handler);
  };
  add("breakouts", Rule::host, &Breakouts::breakouts);
  add("participants", Rule::host, &Breakouts::move);
  add("leavebreakout", Rule::anyone, &Breakouts::leave);
  add("breakoutbuzz", Rule::anyone, &Breakouts::ask_for_help);
  add("clearbreakoutbuzz", Rule::anyone, &Breakouts::need_no_help);
  add("request_guest_token", Rule::host, &Breakouts::guest_token);
}

Breakouts::Response Breakouts::breakouts(Asked asked) {
  const std::string verb = asked.target.rest;
  if (verb.empty()) return create(std::move(asked));
  if (verb == "message") return message(std::move(asked));
  if (verb == "empty") return empty(std::move(asked));
  return close_all(std::move(asked)); // read_target knows no fourth
}

Breakouts::Response Breakouts::create(Asked asked) {
  const auto body = viadux::read_document<BreakoutRequest>(asked.request.body);
  if (!body) co_return failed(400, "The request cannot be read: " + body.error().message);
  if (body->name.empty()) co_return failed(400, "A break-out room needs a name");
  if (!(body->duration >= 0 && body->duration <= 86'400)) co_return failed(400, "At most a day");
  documents::CreateBreakout wanted;
  wanted.room = asked.me->home;
  wanted.by = asked.me->participant;
  wanted.name = body->name;
  wanted.duration_s = static_cast<std::int64_t>(std::ceil(body->duration));
  wanted.breakout.description = body->description;
  if (body->end_action == "disconnect") wanted.breakout.end_action = documents::BreakoutEnd::disconnect;
  wanted.breakout.guests_may_leave = body->guests_allowed_to_leave.value_or(true);
  const auto made =
      co_await state_.host.call<documents::BreakoutRef>("viadux.rooms", "create_breakout", wanted);
  if (!made) co_return refuse(made.error());
  // Whoever has left meanwhile is no reason to make no room.
  for (const std::string& uuid : named_in(body->participants))
    (void)co_await send(asked.me, uuid, made->room);
  Json result;
  const Room* room = state_.find_room(made->room);
  if (room == nullptr) co_return failed(403, no_such_room); // closed meanwhile
  result.set("breakout_uuid", room->breakout_uuid());
  co_return success(std::move(result));
}

viadux::Task<viadux::Result<void>> Breakouts::send(MemberRef by, std::string who, viadux::Handle to) {
  const Person* person = state_.find_person(*by, by->home, who);
  const Room* room = state_.find_room(to);
  if (person == nullptr || room == nullptr)
    co_return viadux::make_error(viadux::ErrorCode::gone, "participant_gone", "This participant has left");
  if (person->is.room == to) co_return viadux::Result<void>();
  if (const MemberRef host = state_.members.of(person->is.id); host && host->oversees()) {
    refer(*host, *room, *by);
    co_return viadux::Result<void>();
  }
  documents::Move move;
  move.participant = person->is.id;
  move.by = by->participant;
  move.room = to;
  const auto moved = co_await state_.host.call<Nothing>("viadux.rooms", "move", move);
  if (!moved) co_return moved.error();
  co_return viadux::Result<void>();
}

void Breakouts::refer(Member& host, const Room& to, const Member& by) {
  Json where;
  where.set("breakout_uuid", to.is_breakout() ? to.breakout_uuid() : std::string(main_room));
  where.set("breakout_name", to.is.name);
  where.set("requester_uuid", by.uuid);
  host.tell_once(format_event("breakout_refer", where), state_.now_us());
}

Breakouts::Response Breakouts::move(Asked asked) {
  if (asked.target.rest != "breakout") co_return failed(404, "There is no such request");
  const auto body = viadux::read_document<MoveRequest>(asked.request.body);
  if (!body) co_return failed(403, "The request cannot be read: " + body.error().message);
  const bool home = body->breakout_uuid.empty() || body->breakout_uuid == main_room;
  const Room* breakout = home ? nullptr : state_.find_breakout(*asked.me, body->breakout_uuid);
  if (!home && breakout == nullptr) co_return failed(403, no_such_room);
  const viadux::Handle to = home ? asked.me->home : breakout->is.id;
  for (const std::string& uuid : body->participants)
    if (const auto sent = co_await send(asked.me, uuid, to); !sent) co_return refuse(sent.error());
  co_return done();
}

// They come back; the rooms stay.
Breakouts::Response Breakouts::empty(Asked asked) {
  std::vector<std::string> people;
  for (const Room* room : state_.breakouts_of(asked.me->home))
    for (const auto& [order, person] : room->people)
      people.push_back(person.uuid());
  for (const std::string& uuid : people)
    (void)co_await send(asked.me, uuid, asked.me->home);
  co_return done();
}

Breakouts::Response Breakouts::message(Asked asked) {
  const auto message = viadux::read_document<MessageRequest>(asked.request.body);
  if (!message) co_return failed(400, "The message cannot be read: " + message.error().message);
  documents::SendMessage wanted;
  wanted.from = asked.me->participant;
  wanted.type = message->type;
  wanted.payload = message->payload;
  const auto sent = co_await state_.host.call<Nothing>("viadux.rooms", "message_breakouts", wanted);
  if (!sent) co_return refuse(sent.error());
  co_return done();
}

Breakouts::Response Breakouts::close_all(Asked asked) {
  documents::SteerRoom which;
  which.room = asked.me->home;
  which.by = asked.me->participant;
  const auto closed = co_await state_.host.call<Nothing>("viadux.rooms", "close_breakouts", which);
  if (!closed) co_return refuse(closed.error());
  co_return nothing(); // the only one of them that is null
}

Breakouts::Response Breakouts::leave(Asked asked) {
  documents::ParticipantRef me;
  me.participant = me.by = asked.me->participant;
  const auto left = co_await state_.host.call<Nothing>("viadux.rooms", "leave_breakout", me);
  if (!left) co_return refuse(left.error());
  co_return done();
}

// A break-out asks for a host; hosts see it in its state, and clear it when one comes.
HttpResponse Breakouts::set_help(const Asked& asked, bool wanted) {
  Room* room = state_.find_room(asked.target.breakout.empty() ? asked.me->room : asked.room);
  if (room == nullptr || !room->is_breakout()) return failed(403, no_such_room);
  if ((room->help_ms != 0) != wanted) {
    room->help_ms = wanted ? state_.now_ms() : 0;
    state_.tell_all(*room, "conference_update", conference_json(*room));
  }
  return done();
}
Breakouts::Response Breakouts::ask_for_help(Asked asked) {
  co_return set_help(asked, true);
}
Breakouts::Response Breakouts::need_no_help(Asked asked) {
  co_return set_help(asked, false);
}

// For somebody who is to come into this room alone, as a guest: an invitation by a host of the meeting.
Breakouts::Response Breakouts::guest_token(Asked asked) {
  const Room* room = state_.find_room(asked.room);
  if (asked.target.breakout.empty() || room == nullptr) co_return failed(403, no_such_room);
  co_return success(Json(joining_.invitation(*asked.me, room->breakout_uuid())));
}

} // namespace client
