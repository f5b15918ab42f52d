#include "direct.hpp"

#include "uuid.hpp"

namespace client {

namespace documents = viadux::documents;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Task;

namespace {

// Longer than a client needs to answer, shorter than it would wait for us.
constexpr std::int64_t answer_us = 15'000'000;
// A client has to know that its first offer was put aside before the other one's comes.
constexpr std::int64_t settle_us = 300'000;
constexpr int change_shown_s = 5;
// So long the two must have been able to before they are brought back to it, at most so often, and so long
// they have for it.
constexpr std::int64_t quiet_us = 10'000'000;
constexpr std::int64_t seldom_us = 120'000'000;
constexpr std::int64_t return_us = 15'000'000;

// May do all that the other one may, and on the floor: the server enforces nothing between the two, nor does
// it mix.
bool is_free(const Person& person) {
  return !person.waiting() && person.is.kind != documents::ParticipantKind::service &&
         person.is.may_present && !person.is.audio_muted_by_host && person.is.speaks_in.empty() &&
         person.is.hears.empty();
}

Json sdp_json(const std::string& sdp) {
  Json out;
  out.set("sdp", sdp);
  return out;
}

} // namespace

// ---- who may

// One that comes is in the room before this plugin knows it as its own: it is judged once it does.
bool Direct::may_hold(const Room& room) const {
  if (room.is_breakout() || room.is.one_way || room.people.size() > 2) return false;
  return std::ranges::all_of(room.people, [&](const auto& entry) {
    const Person& person = entry.second;
    if (!is_free(person)) return false;
    const MemberRef member = state_.members.find(person.uuid());
    if (!member) return person.is.protocol == "client";
    if (member->direct_asked || member->returns_until_us > state_.now_us()) return true;
    return member->direct && member->direct_role == person.is.role &&
           !(person.is.video_muted && member->video_muted_by_host);
  });
}

void Direct::grant(Member& member, const documents::MediaAnswer& policy, bool routed) {
  const Room* room = state_.room_of(member);
  const bool allowed = policy.direct_media ? *policy.direct_media == documents::DirectMedia::best_effort
                                           : state_.settings.direct_media;
  member.can_direct = member.wants_direct && allowed;
  if (!member.can_direct || routed || member.waiting || member.gone || room == nullptr) return;
  member.direct = true;
  member.direct_role = member.role;
  if (!may_hold(*room)) member.direct = false; // nobody has been told yet
}

void Direct::check(Room& room) {
  std::vector<MemberRef> direct;
  for (const auto& [order, person] : room.people)
    if (const MemberRef member = state_.members.find(person.uuid());
        member && member->direct && !member->gone)
      direct.push_back(member);
  const bool was = std::exchange(room.direct, !direct.empty() && may_hold(room));
  if (direct.empty()) consider_return(room);
  if (room.direct || direct.empty()) return;
  for (const MemberRef& member : direct)
    escalate(*member);
  if (was) state_.tell_all(room, "conference_update", conference_json(room));
}

bool Direct::may_return(const Room& room) const {
  if (room.is_breakout() || room.is.one_way || room.people.size() != 2) return false;
  return std::ranges::all_of(room.people, [&](const auto& entry) {
    const Person& person = entry.second;
    const MemberRef member = state_.members.find(person.uuid());
    return member && !member->gone && member->can_direct && !member->direct && !member->direct_asked &&
           !member->calls.empty() && is_free(person) &&
           !(person.is.video_muted && member->video_muted_by_host);
  });
}

void Direct::consider_return(Room& room) {
  if (!may_return(room)) {
    room.two_since_us = 0;
  } else if (room.two_since_us == 0) {
    room.two_since_us = state_.now_us();
    state_.host.spawn(bring_back(room.is.id, room.two_since_us));
  }
}

Task<void> Direct::bring_back(viadux::Handle where, std::int64_t since_us) {
  const Room* there = state_.find_room(where);
  const std::int64_t at_us = std::max(since_us + quiet_us, there ? there->not_before_us : 0);
  if (!co_await state_.host.sleep(at_us - state_.now_us())) co_return;
  Room* room = state_.find_room(where);
  if (room == nullptr || room->two_since_us != since_us || !may_return(*room)) co_return;
  room->two_since_us = 0;
  room->not_before_us = state_.now_us() + seldom_us;
  for (const auto& [order, person] : room->people) {
    const MemberRef member = state_.members.find(person.uuid());
    member->returns_until_us = state_.now_us() + return_us;
    refer(*member, "direct_media_deescalate", true);
  }
  // Who comes back alone is not left waiting.
  if (!co_await state_.host.sleep(return_us)) co_return;
  if (Room* now = state_.find_room(where)) check(*now);
}

void Direct::escalate(Member& member) {
  member.direct = false;
  set_call(member, {});
  if (const auto exchange = std::exchange(member.exchange, nullptr)) exchange->settle({});
  refer(member, "direct_media_escalate", false);
}

// Its client leaves, and comes anew.
void Direct::refer(Member& member, std::string_view screen_key, bool direct) {
  Json screen;
  screen.set("screen_key", screen_key);
  screen.set("display_duration", change_shown_s);
  member.tell(format_event("splash_screen", screen));
  Json refer;
  refer.set("alias", member.address);
  refer.set("token", joining_.return_ticket(member, direct));
  refer.set("target", direct ? "direct" : "transcoded");
  member.tell_once(format_event("refer", refer), state_.now_us());
}

void Direct::set_call(Member& member, std::string call) {
  const bool changed = member.direct_call.empty() != call.empty();
  member.direct_call = std::move(call);
  Room* room = state_.room_of(member);
  const Person* person = room ? room->find(member.uuid) : nullptr;
  if (changed && person) state_.tell_person(*room, *person, person);
}

MemberRef Direct::peer_of(const Member& me) const {
  const Room* room = state_.room_of(me);
  if (room == nullptr) return nullptr;
  for (const auto& [order, person] : room->people) {
    if (person.uuid() == me.uuid) continue;
    const MemberRef peer = state_.members.find(person.uuid());
    if (peer && peer->direct && !peer->gone && !peer->direct_call.empty()) return peer;
  }
  return nullptr;
}

// ---- offers and answers

Direct::Response Direct::calls(MemberRef me, CallRequest request) {
  disconnect(*me);
  set_call(*me, random_uuid());
  me->direct_since_us = state_.now_us();
  Json result;
  result.set("call_uuid", me->direct_call);
  std::string answer;
  if (const MemberRef peer = peer_of(*me)) {
    const std::int64_t early_us = peer->direct_since_us + settle_us - state_.now_us();
    if (early_us > 0) (void)co_await state_.host.sleep(early_us);
    answer = co_await relay(me, peer, "new_offer", std::move(request.sdp));
  }
  result.set("sdp", answer);
  // The first comer starts over, and waits to be called.
  if (answer.empty()) result.set("offer_ignored", true);
  co_return success(std::move(result));
}

Direct::Response Direct::update(MemberRef me, CallRequest request, std::string call) {
  if (me->direct_call.empty()) co_return failed(403, "Call disconnected");
  Json result;
  result.set("call_uuid", call);
  std::string answer;
  if (const MemberRef peer = peer_of(*me))
    answer = co_await relay(me, peer, "update_sdp", std::move(request.sdp));
  result.set("sdp", answer);
  co_return success(std::move(result));
}

Task<std::string> Direct::relay(MemberRef me, MemberRef to, std::string_view event, std::string sdp) {
  if (to->exchange) to->exchange->settle({}); // the older offer will not be answered any more
  const auto exchange = std::make_shared<Exchange>();
  to->exchange = exchange;
  to->tell(format_event(event, sdp_json(sdp)));
  state_.host.spawn(give_up(exchange));
  std::string answer = co_await *exchange;
  if (to->exchange == exchange) to->exchange = nullptr;
  if (!answer.empty()) me->linked = to->linked = true;
  co_return answer;
}

Task<void> Direct::give_up(std::shared_ptr<Exchange> exchange) {
  (void)co_await state_.host.sleep(answer_us); // cut short when the plugin stops
  exchange->settle({});
}

void Direct::ack(Member& me, const AckRequest& request) {
  if (!me.exchange || (request.sdp.empty() && !request.offer_ignored)) return; // of an answer that it got
  const auto exchange = std::exchange(me.exchange, nullptr);
  exchange->settle(request.offer_ignored ? std::string() : request.sdp);
}

// Those of a connection that was put aside are nobody's.
void Direct::candidate(Member& me, const CandidateRequest& request) {
  const MemberRef peer = peer_of(me);
  if (!peer || !me.linked) return;
  Json candidate;
  candidate.set("candidate", request.candidate);
  candidate.set("mid", request.mid);
  candidate.set("ufrag", request.ufrag);
  if (!request.pwd.empty()) candidate.set("pwd", request.pwd);
  peer->tell(format_event("new_candidate", candidate));
}

void Direct::disconnect(Member& me) {
  if (const auto exchange = std::exchange(me.exchange, nullptr)) exchange->settle({});
  if (me.direct_call.empty()) return;
  const MemberRef peer = peer_of(me);
  set_call(me, {});
  const bool was_linked = std::exchange(me.linked, false);
  if (!peer || !was_linked) return;
  // It starts over as the first comer; what it had is not called any more.
  set_call(*peer, {});
  peer->linked = false;
  peer->tell(format_event("peer_disconnect", Json()));
}

} // namespace client
