#include "direct.hpp"

#include "uuid.hpp"

#include <viadux/policy.hpp>

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
constexpr int escalation_shown_s = 5;

// May do all that the other one may: the server enforces nothing between the two.
bool is_free(const Person& person) {
  return !person.waiting() && person.is.kind != documents::ParticipantKind::service &&
         person.is.may_present && !person.is.audio_muted_by_host;
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
    if (member->direct_asked) return true;
    return member->direct && member->direct_role == person.is.role &&
           !(person.is.video_muted && member->video_muted_by_host);
  });
}

Task<void> Direct::grant(MemberRef member) {
  const Room* room = state_.room_of(*member);
  if (!member->wants_direct || member->waiting || room == nullptr) co_return;
  member->direct_asked = true;
  DirectQuestion question;
  question.room = room->is.alias;
  question.guest = member->role == documents::Role::guest;
  const auto decided = co_await viadux::ask_policy<DirectAnswer>(state_.host, std::string(direct_hook),
                                                                 room->is.organisation, question);
  member->direct_asked = false;
  const bool allowed = decided && decided->answer.allowed.value_or(state_.settings.direct_media);
  Room* now = state_.room_of(*member);
  if (!allowed || member->gone || now == nullptr) co_return;
  member->direct = true;
  member->direct_role = member->role;
  if (!may_hold(*now)) member->direct = false; // nobody has been told yet
}

void Direct::check(Room& room) {
  std::vector<MemberRef> direct;
  for (const auto& [order, person] : room.people)
    if (const MemberRef member = state_.members.find(person.uuid());
        member && member->direct && !member->gone)
      direct.push_back(member);
  const bool was = std::exchange(room.direct, !direct.empty() && may_hold(room));
  if (room.direct || direct.empty()) return;
  for (const MemberRef& member : direct)
    escalate(*member);
  if (was) state_.tell_all(room, "conference_update", conference_json(room));
}

void Direct::escalate(Member& member) {
  member.direct = false;
  set_call(member, {});
  if (const auto exchange = std::exchange(member.exchange, nullptr)) exchange->settle({});
  Json screen;
  screen.set("screen_key", "direct_media_escalate");
  screen.set("display_duration", escalation_shown_s);
  member.tell(format_event("splash_screen", screen));
  Json refer;
  refer.set("alias", member.address);
  refer.set("token", joining_.return_ticket(member));
  refer.set("target", "transcoded");
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
