#include "calls.hpp"

#include "refusal.hpp"
#include "requests.hpp"
#include "rules.hpp"
#include "sdp.hpp"

#include <viadux/documents/media.hpp>
#include <viadux/documents/steering.hpp>

namespace client {

namespace documents = viadux::documents;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Task;

namespace {

constexpr std::size_t most_calls = 64;

CallKind kind_of(std::string_view present) {
  if (present == "send") return CallKind::send;
  return present == "receive" ? CallKind::receive : CallKind::main;
}

} // namespace

void Calls::add_to(Actions& actions) {
  actions.add("POST", Scope::participant, "calls", Rule::self, *this, &Calls::calls);
  actions.add("POST", Scope::call, "new_candidate", Rule::self, *this, &Calls::candidate);
  actions.add("POST", Scope::call, "ack", Rule::self, *this, &Calls::ack);
  actions.add("POST", Scope::call, "update", Rule::self, *this, &Calls::update);
  actions.add("POST", Scope::call, "disconnect", Rule::self, *this, &Calls::disconnect);
  actions.add("POST", Scope::call, "statistics", Rule::self, *this, &Calls::statistics);
  actions.add("POST", Scope::participant, "statistics", Rule::self, *this, &Calls::statistics);
  actions.add("GET", Scope::participant, "statistics", Rule::self_or_host, *this, &Calls::figures);
  actions.add("POST", Scope::participant, "take_floor", Rule::self, *this, &Calls::take_floor);
  actions.add("POST", Scope::participant, "release_floor", Rule::self, *this, &Calls::release_floor);
}

Calls::Response Calls::calls(Asked asked) {
  const auto body = viadux::read_document<CallRequest>(asked.request.body);
  if (!body) co_return failed(400, "The request cannot be read: " + body.error().message);
  if (!body->call_type.empty() && body->call_type != "WEBRTC")
    co_return failed(400, "Only WebRTC calls are taken here");
  if (asked.me->direct) co_return co_await direct_.calls(asked.me, *body);
  if (const auto there = co_await go_to(asked); !there) co_return refuse(there.error());
  CallOffer offer{body->sdp, kind_of(body->present), body->many_slots};
  const bool presents = offer.kind == CallKind::send;
  const std::string call = random_call(offer.kind);
  if (presents)
    if (const auto taken = co_await take(asked.me); !taken) co_return refuse(taken.error());
  const auto sdp = co_await open(asked.me, call, std::move(offer));
  if (!sdp && presents) co_await release(asked.me);
  if (!sdp) co_return refuse(sdp.error());
  Json result;
  result.set("call_uuid", call);
  result.set("sdp", *sdp);
  result.set("turn", turn_json((co_await media_rules(state_, asked.me)).ice_servers));
  co_return success(std::move(result));
}

// A host goes from room to room by calling there.
Task<viadux::Result<void>> Calls::go_to(Asked asked) {
  if (asked.me->room == asked.room || !asked.me->oversees()) co_return viadux::Result<void>();
  documents::Move move;
  move.participant = move.by = asked.me->participant;
  move.room = asked.room;
  const auto moved = co_await state_.host.call<viadux::Nothing>("viadux.rooms", "move", move);
  if (!moved) co_return moved.error();
  co_return viadux::Result<void>();
}

Task<viadux::Result<std::string>> Calls::open(MemberRef me, std::string call, CallOffer offer) {
  if (me->calls.size() >= most_calls && !me->calls.contains(call)) co_await forget_ended(me);
  if (me->calls.size() >= most_calls && !me->calls.contains(call))
    co_return viadux::make_error(viadux::ErrorCode::busy, "sessions_full", "Out of resource");
  documents::OpenSession open;
  open.participant = me->participant;
  const bool second = offer.kind != CallKind::main;
  open.offer = second ? as_slides(offer.sdp) : std::move(offer.sdp);
  // These clients have one line for each kind, and reconnect for ever when no video comes.
  if (offer.many_slots) {
    // With one line for sound it hears everybody by that.
    if (lines_of(open.offer, "m=audio ") == 1) open.audio = documents::AudioMode::automatic;
    open.tell_slots = true;
  } else if (!second) {
    open.audio = documents::AudioMode::automatic;
    open.video = documents::VideoMode::automatic;
    open.stills = true;
  }
  const auto rules = co_await media_rules(state_, me);
  viadux::apply(rules.answer, open);
  const auto answer = co_await state_.host.call<documents::SessionAnswer>("viadux.media", "open", open);
  if (!answer) co_return answer.error();
  if (me->gone)
    co_return viadux::make_error(viadux::ErrorCode::gone, "participant_gone", "Call disconnected");
  MediaCall& entry = me->calls[call];
  const viadux::Handle before = entry.session;
  entry.session = answer->session;
  entry.kind = offer.kind;
  entry.many_slots = offer.many_slots;
  entry.has_video = !second && has_video(open.offer);
  if (before) co_await close(before);
  co_return answer->answer;
}

// The server is not an ICE agent that checks: it only has to know whose candidates these are.
Calls::Response Calls::candidate(Asked asked) {
  const auto body = viadux::read_document<CandidateRequest>(asked.request.body);
  if (body && asked.me->direct) direct_.candidate(*asked.me, *body);
  const auto call = asked.me->calls.find(asked.target.call);
  if (!body || call == asked.me->calls.end()) co_return nothing();
  documents::AddCandidates add;
  add.session = call->second.session;
  add.fragment = fragment_of(body->candidate, body->mid, body->ufrag, body->pwd);
  // One of a generation that has passed is no failure of the call.
  if (!add.fragment.empty())
    (void)co_await state_.host.call<viadux::Nothing>("viadux.media", "candidates", add);
  co_return nothing();
}

// Media has begun by itself, as soon as DTLS was up.
Calls::Response Calls::ack(Asked asked) {
  const auto body = viadux::read_document<AckRequest>(asked.request.body);
  if (body && asked.me->direct) direct_.ack(*asked.me, *body);
  co_return done();
}

Calls::Response Calls::update(Asked asked) {
  const auto body = viadux::read_document<CallRequest>(asked.request.body);
  if (!body) co_return failed(403, "The request cannot be read: " + body.error().message);
  if (asked.me->direct) co_return co_await direct_.update(asked.me, *body, asked.target.call);
  const auto call = asked.me->calls.find(asked.target.call);
  if (call != asked.me->calls.end()) {
    documents::UpdateSession update;
    update.session = call->second.session;
    update.offer = call->second.kind == CallKind::main ? body->sdp : as_slides(body->sdp);
    const auto answer = co_await state_.host.call<documents::SessionAnswer>("viadux.media", "update", update);
    if (answer && call->second.many_slots) state_.host.spawn(state_.read_slots(asked.me));
    if (answer) co_return success(Json(answer->answer));
    if (answer.error().code != viadux::ErrorCode::gone) co_return refuse(answer.error());
  }
  // A call of the server's life before, or one whose connection has ended.
  if (!is_uuid(asked.target.call)) co_return failed(403, "Call disconnected");
  const auto sdp = co_await reopen(asked.me, asked.target.call, *body);
  if (!sdp) co_return refuse(sdp.error());
  co_return success(Json(*sdp));
}

Task<viadux::Result<std::string>> Calls::reopen(MemberRef me, std::string call, CallRequest request) {
  CallOffer offer{std::move(request.sdp), kind_of_call(call), request.many_slots};
  const bool presents = offer.kind == CallKind::send;
  if (presents) {
    const Room* room = state_.room_of(*me);
    if (room && !room->floor.empty() && room->floor != me->uuid)
      co_return viadux::make_error(viadux::ErrorCode::refused, "floor_taken",
                                   "Presentation taken by another participant");
    if (const auto taken = co_await take(me); !taken) co_return taken.error();
  }
  auto answer = co_await open(me, std::move(call), std::move(offer));
  if (!answer && presents) co_await release(me);
  co_return answer;
}

Calls::Response Calls::disconnect(Asked asked) {
  if (asked.me->direct_call == asked.target.call) direct_.disconnect(*asked.me);
  const auto found = asked.me->calls.find(asked.target.call);
  if (found == asked.me->calls.end()) co_return nothing();
  const MediaCall call = found->second;
  asked.me->calls.erase(found);
  if (call.kind == CallKind::send) co_await release(asked.me);
  co_await close(call.session);
  co_return nothing();
}

Task<void> Calls::close(viadux::Handle session) {
  documents::SessionRef which;
  which.session = session;
  (void)co_await state_.host.call<viadux::Nothing>("viadux.media", "close", which); // gone is what we want
}

Task<void> Calls::forget_ended(MemberRef me) {
  for (const auto& [call, entry] : std::map(me->calls)) {
    documents::SessionRef which;
    which.session = entry.session;
    const auto runs =
        co_await state_.host.call<documents::SessionStatistics>("viadux.media", "statistics", which);
    const auto same = me->calls.find(call); // as it was before the question?
    if (!runs && runs.error().code == viadux::ErrorCode::gone && same != me->calls.end() &&
        same->second.session == entry.session)
      me->calls.erase(same);
  }
}

// What clients send of theirs is not used: the server has its own figures.
Calls::Response Calls::statistics(Asked) {
  co_return nothing();
}

// And tells them: of each of the participant's calls.
Calls::Response Calls::figures(Asked asked) {
  Json figures(Json::Object{});
  const MemberRef who = state_.members.find(asked.who);
  const auto calls = who ? who->calls : std::map<std::string, MediaCall>();
  for (const auto& [call, entry] : calls) {
    documents::SessionRef which;
    which.session = entry.session;
    const auto found =
        co_await state_.host.call<documents::SessionStatistics>("viadux.media", "statistics", which);
    if (found) figures.set(call, viadux::to_json(*found));
  }
  co_return success(std::move(figures));
}

Calls::Response Calls::take_floor(Asked asked) {
  const auto taken = co_await take(asked.me);
  if (!taken) co_return refuse(taken.error());
  co_return nothing();
}

Calls::Response Calls::release_floor(Asked asked) {
  co_await release(asked.me);
  co_return nothing();
}

Task<viadux::Result<void>> Calls::take(MemberRef me) {
  documents::ParticipantRef who;
  who.participant = who.by = me->participant;
  const auto taken = co_await state_.host.call<viadux::Nothing>("viadux.rooms", "take_floor", who);
  if (!taken) co_return taken.error();
  Room* room = state_.room_of(*me);
  if (room == nullptr || me->gone) co_return viadux::Result<void>();
  const std::string before = std::exchange(room->floor, me->uuid);
  if (before != me->uuid)
    if (const MemberRef loser = state_.members.find(before)) end_second_calls(*loser);
  state_.tell_presenter(*room);
  co_return viadux::Result<void>();
}

void Calls::present_again(MemberRef me) {
  Room* room = state_.room_of(*me);
  if (room == nullptr || !presenter_of(*room).empty()) return end_second_calls(*me);
  state_.host.spawn(take_if_it_may(std::move(me)));
}

Task<void> Calls::take_if_it_may(MemberRef me) {
  if (const auto taken = co_await take(me); !taken) end_second_calls(*me);
}

// Whoever had the floor is told by presentation_start, and stops by itself; a second call is ended for it.
void Calls::end_second_calls(Member& loser) {
  for (auto call = loser.calls.begin(); call != loser.calls.end();) {
    if (call->second.kind != CallKind::send) {
      ++call;
      continue;
    }
    Json what;
    what.set("call_uuid", call->first);
    what.set("reason", "Presentation taken by another participant");
    loser.tell(format_event("call_disconnected", what));
    state_.host.spawn(close(call->second.session));
    call = loser.calls.erase(call);
  }
}

Task<void> Calls::release(MemberRef me) {
  if (Room* room = state_.room_of(*me); room && room->floor == me->uuid) {
    room->floor.clear();
    state_.tell_presenter(*room);
  }
  documents::ParticipantRef who;
  who.participant = who.by = me->participant;
  (void)co_await state_.host.call<viadux::Nothing>("viadux.rooms", "release_floor", who); // gone: it has none
}

} // namespace client
