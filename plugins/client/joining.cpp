#include "joining.hpp"

#include "refusal.hpp"
#include "requests.hpp"
#include "rules.hpp"
#include "uuid.hpp"

#include <viadux/documents/steering.hpp>

namespace client {

namespace documents = viadux::documents;
using viadux::HttpRequest;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Task;

namespace {

constexpr std::int64_t ticket_ms = 60'000;
constexpr std::int64_t invitation_ms = 3'600'000;
constexpr std::size_t longest_name = 128; // the core's own limit

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// At a character's border, so that the rest is still UTF-8.
std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U)
    --most;
  text.resize(most);
  return text;
}

documents::Dialled dialled(const std::string& address, const std::string& http_host) {
  documents::Dialled to;
  to.address = address;
  to.http_host = http_host;
  return to;
}

} // namespace

Json version_json() {
  Json version;
  version.set("version_id", "38"); // Android compares it as text, and refuses less than "29"
  version.set("pseudo_version", "38.0.0");
  return version;
}

std::string Joining::token_of(const HttpRequest& request) {
  if (const auto header = request.header("token"); !header.empty()) return std::string(header);
  return request.parameter("token").value_or("");
}

Task<HttpResponse> Joining::request_token(HttpRequest request) {
  const double rate = state_.settings.joins_per_second;
  if (!joins_.take(request.peer, state_.now_us(), rate, rate * 10)) co_return failed(503, words::too_often);
  if (draining_) co_return failed(503, words::maintenance);
  if (state_.tokens.ring().empty()) co_return failed(503, "Out of resource"); // nothing to seal with
  const auto body = viadux::read_document<TokenRequest>(request.body);
  if (!body) co_return failed(403, "The request cannot be read");

  Claims claims;
  claims.uuid = random_uuid();
  claims.address = lower(request.capture("alias"));
  claims.http_host = request.host;
  claims.display_name = body->display_name.empty() ? "Guest" : cut(body->display_name, longest_name);
  claims.call_tag = cut(body->call_tag, longest_name);
  claims.knows_breakouts = body->knows_breakouts();
  claims.wants_direct = body->direct_media;
  documents::Admit admit;
  admit.to = dialled(claims.address, claims.http_host);
  std::string pin(request.header("pin").substr(0, 64));
  bool as_guest = false;
  std::string breakout;
  bool returns = false; // from direct media, or to it
  bool routed = false;
  const std::string given = body->token.empty() ? token_of(request) : body->token;
  if (!given.empty()) {
    const auto ticket = state_.tokens.open(given, TokenKind::ticket, state_.now_ms());
    if (!ticket || ticket->address != claims.address || tickets_.erase(ticket->uuid) == 0)
      co_return failed(403, words::invalid_token);
    // It carries the PIN that the transferring host gave, and is worth no more than that.
    if (pin.empty()) pin = ticket->pin.empty() ? "none" : ticket->pin;
    as_guest = ticket->role == documents::Role::guest;
    if (ticket->vouched) admit.proven_role = ticket->role;
    if (ticket->vouched) admit.authenticated = ticket->authenticated;
    returns = ticket->vouched && ticket->breakout.empty();
    routed = returns && !ticket->direct;
    admit.returning = returns;
    breakout = ticket->breakout;
  }
  admit.ask_for_pin = pin.empty();
  if (pin != "none") admit.pin = pin;
  admit.source_address = request.peer;
  admit.display_name = claims.display_name;
  admit.correlation_id = claims.uuid;
  admit.uuid = claims.uuid;
  admit.call_tag = claims.call_tag;
  admit.control_only = true; // its token says how long it stays
  const auto in = co_await state_.host.call<documents::Admitted>("viadux.rooms", "admit", admit);
  if (!in && in.error().reason == "pin_required") co_return co_await ask_for_pin(admit.to);
  if (!in) co_return refuse_join(in.error());
  claims.joined_ms = state_.now_ms();
  const MemberRef member = add(*in, claims, request.peer);
  if (!breakout.empty()) co_await move_in(*member, breakout);
  const Room* room = state_.room_of(*member);
  if (as_guest && room && room->people.size() > 1) co_await make_guest(*member);
  member->direct_asked = member->wants_direct && !member->waiting && !routed;
  const auto rules = co_await media_rules(state_, member);
  member->direct_asked = false;
  if (on_joined) on_joined(*member, rules.answer, routed);
  if (Room* now = state_.room_of(*member); now && state_.on_changed) state_.on_changed(*now);
  co_return welcome(*member, rules);
}

Task<void> Joining::move_in(Member& member, std::string breakout) {
  const Room* room = state_.find_breakout(member, breakout);
  if (room == nullptr) co_return; // it has been closed: the main room is where its people are
  documents::Move move;
  move.participant = member.participant;
  move.room = room->is.id;
  (void)co_await state_.host.call<viadux::Nothing>("viadux.rooms", "move", move);
}

// Transferred as a guest into a room where the PIN, or the lack of PINs, would make it a host.
Task<void> Joining::make_guest(Member& member) {
  if (member.role == documents::Role::guest) co_return;
  documents::SetParticipant wanted;
  wanted.participant = member.participant;
  wanted.role = documents::Role::guest;
  (void)co_await state_.host.call<viadux::Nothing>("viadux.rooms", "set_participant", wanted);
}

// Only asked once the core has said that the room is there, open, and has a PIN.
Task<HttpResponse> Joining::ask_for_pin(documents::Dialled to) {
  documents::RoomRef which;
  which.to = std::move(to);
  const auto room = co_await state_.host.call<documents::Room>("viadux.rooms", "find", which);
  const bool free = room && !room->has_guest_pin && room->guests_without_pin;
  Json ask;
  ask.set("pin", "required");
  ask.set("guest_pin", free ? "none" : "required");
  ask.set("version", version_json());
  co_return answer(403, "success", std::move(ask));
}

MemberRef Joining::add(const documents::Admitted& in, const Claims& claims, std::string source) {
  auto member = std::make_shared<Member>();
  member->uuid = claims.uuid;
  member->participant = in.participant;
  member->room = in.room;
  member->address = claims.address;
  member->http_host = claims.http_host;
  member->display_name = claims.display_name;
  member->call_tag = claims.call_tag;
  member->role = in.role;
  member->authenticated = in.authenticated;
  member->source_address = std::move(source);
  member->waiting = in.presence == documents::Presence::lobby;
  member->knows_breakouts = claims.knows_breakouts;
  member->wants_direct = claims.wants_direct;
  member->direct = claims.direct;
  member->direct_role = claims.role;
  const Room* room = state_.find_room(in.room);
  member->home = room ? room->home() : in.room;
  member->joined_ms = claims.joined_ms;
  member->expires_ms = state_.now_ms() + state_.settings.token_lifetime.us / 1000;
  state_.members.add(member);
  state_.metrics.participants.set(static_cast<double>(state_.members.size()));
  return member;
}

std::string Joining::issue(Member& member) {
  Claims claims;
  claims.uuid = member.uuid;
  claims.address = member.address;
  claims.http_host = member.http_host;
  claims.display_name = member.display_name;
  claims.role = member.role;
  claims.authenticated = member.authenticated;
  claims.waiting = member.waiting;
  claims.joined_ms = member.joined_ms;
  claims.issued_ms = state_.now_ms();
  claims.expires_ms = claims.issued_ms + state_.settings.token_lifetime.us / 1000;
  claims.call_tag = member.call_tag;
  claims.knows_breakouts = member.knows_breakouts;
  claims.wants_direct = member.wants_direct;
  claims.direct = member.direct;
  member.expires_ms = claims.expires_ms;
  return state_.tokens.issue(claims);
}

HttpResponse Joining::welcome(Member& member, const documents::MediaRules& rules) {
  const Room* room = state_.room_of(member);
  Json result;
  result.set("token", issue(member));
  result.set("expires", std::to_string(state_.settings.token_lifetime.us / 1'000'000));
  result.set("participant_uuid", member.uuid);
  result.set("display_name", member.display_name);
  result.set("role", member.role == documents::Role::host ? "HOST" : "GUEST");
  result.set("version", version_json());
  result.set("conference_name", room ? room->is.name : member.address);
  result.set("current_service_type", member.waiting ? "waiting_room" : "conference");
  result.set("service_type", "conference");
  result.set("chat_enabled", room ? room->is.chat : true);
  result.set("call_type", "video");
  result.set("direct_media", member.direct);
  // Not without: a data channel is for direct media alone, and an empty `stun` makes the web client fail.
  if (member.direct) result.set("pex_datachannel_id", std::int64_t{3});
  if (member.direct && !state_.settings.stun.empty()) result.set("stun", stun_json());
  result.set("turn", turn_json(rules.ice_servers));
  if (rules.answer.relay_only) result.set("use_relay_candidates_only", true);
  // As the client counts: what comes in is what we send. Not without, as 0 would be none at all.
  if (rules.answer.max_send_bps) result.set("bandwidth_in", *rules.answer.max_send_bps / 1000);
  if (rules.answer.max_receive_bps) result.set("bandwidth_out", *rules.answer.max_receive_bps / 1000);
  result.set("vp9_enabled", false);
  result.set("allow_1080p", false);
  result.set("guests_can_present", room ? room->is.guests_can_present : true);
  result.set("fecc_enabled", true);
  result.set("rtmp_enabled", false);
  result.set("rtsp_enabled", false);
  result.set("analytics_enabled", false);
  result.set("trickle_ice_enabled", true);
  result.set("breakout_rooms", true);
  result.set("many_slots", true);
  result.set("call_tag", member.call_tag);
  return success(std::move(result));
}

Task<HttpResponse> Joining::refresh_token(HttpRequest request) {
  const MemberRef member = co_await authenticate(request);
  // Never 403 here: the web client would ask again without a pause.
  if (!member || member->gone) co_return failed(401, words::invalid_token);
  const double rate = state_.settings.requests_per_second;
  if (!member->bucket.take(state_.now_us(), rate, rate * 5)) co_return failed(503, words::too_often);
  Json result;
  result.set("token", issue(*member));
  result.set("expires", std::to_string(state_.settings.token_lifetime.us / 1'000'000));
  result.set("role", member->role == documents::Role::host ? "HOST" : "GUEST");
  co_return success(std::move(result));
}

// Also with a token that is dead already: whoever leaves has left.
Task<HttpResponse> Joining::release_token(HttpRequest request) {
  const auto claims = state_.tokens.open(token_of(request), TokenKind::session, state_.now_ms());
  if (!claims || claims->address != lower(request.capture("alias"))) co_return done();
  if (is_revoked(claims->uuid)) co_return done(); // it is in the store already
  const MemberRef member = state_.members.find(claims->uuid);
  if (!member) {
    const double rate = state_.settings.joins_per_second;
    if (!joins_.take(request.peer, state_.now_us(), rate, rate * 10)) co_return failed(503, words::too_often);
    revoked_[claims->uuid] = claims->expires_ms;
    co_await store_revocation(claims->uuid, claims->expires_ms);
    co_return done();
  }
  co_await revoke(*member);
  if (!member->gone) co_await leave(member->participant);
  member->feed.cut();
  state_.members.remove(*member);
  state_.metrics.participants.set(static_cast<double>(state_.members.size()));
  co_return done();
}

Task<void> Joining::leave(viadux::Handle participant) {
  documents::ParticipantRef who;
  who.participant = participant;
  (void)co_await state_.host.call<viadux::Nothing>("viadux.rooms", "leave", who); // gone: it has left already
}

Task<MemberRef> Joining::authenticate(HttpRequest request) {
  auto claims = state_.tokens.open(token_of(request), TokenKind::session, state_.now_ms());
  if (!claims || claims->address != lower(request.capture("alias"))) co_return nullptr;
  if (MemberRef member = state_.members.find(claims->uuid)) co_return member;
  co_return co_await revive(std::move(*claims), request.peer);
}

// A participant of this server's life before.
Task<MemberRef> Joining::revive(Claims claims, std::string source) {
  constexpr std::int64_t look_again_us = 20'000;
  const std::string uuid = claims.uuid;
  // Several requests of one client come at once; the first one brings it in.
  while (reviving_.contains(uuid))
    if (!co_await state_.host.sleep(look_again_us)) co_return nullptr;
  if (MemberRef member = state_.members.find(uuid)) co_return member;
  if (draining_ || is_revoked(uuid)) co_return nullptr;
  reviving_[uuid] = 1;
  MemberRef member = co_await take_back(std::move(claims), std::move(source));
  reviving_.erase(uuid);
  co_return member;
}

Task<MemberRef> Joining::take_back(Claims claims, std::string source) {
  constexpr std::int64_t wait_us = 100'000;
  constexpr int most_waits = 50;
  const std::string uuid = claims.uuid;
  // All of a hospital come back at once, from one address: they wait for each other rather than be refused.
  const double rate = state_.settings.joins_per_second;
  for (int waits = 0; !joins_.take(source, state_.now_us(), rate, rate * 10); ++waits)
    if (waits == most_waits || !co_await state_.host.sleep(wait_us)) co_return nullptr;
  const auto revoked = co_await stored("revoked/" + uuid);
  if (revoked) revoked_[uuid] = claims.expires_ms;
  if (revoked || revoked.error().code != viadux::ErrorCode::not_found) co_return nullptr;
  if (claims.role == documents::Role::host) {
    const auto demoted = co_await stored("demoted/" + uuid);
    if (!demoted && demoted.error().code != viadux::ErrorCode::not_found) co_return nullptr;
    const std::int64_t* since_ms = demoted ? demoted->value.integer() : nullptr;
    // A host again since then has a newer token.
    if (demoted && (!since_ms || claims.issued_ms <= *since_ms)) claims.role = documents::Role::guest;
  }
  documents::Admit admit;
  admit.to = dialled(claims.address, claims.http_host);
  admit.source_address = source;
  admit.display_name = claims.display_name;
  admit.authenticated = claims.authenticated;
  admit.correlation_id = uuid;
  admit.uuid = uuid;
  admit.call_tag = claims.call_tag;
  admit.control_only = true;
  // Who knocked has not been let in as a host.
  if (!(claims.waiting && claims.role == documents::Role::host)) admit.proven_role = claims.role;
  const auto in = co_await state_.host.call<documents::Admitted>("viadux.rooms", "admit", admit);
  if (!in) co_return nullptr;
  if (is_revoked(uuid)) { // released meanwhile
    co_await leave(in->participant);
    co_return nullptr;
  }
  MemberRef member = add(*in, claims, std::move(source));
  member->expires_ms = claims.expires_ms;
  take_back_direct(*member);
  state_.metrics.revived.add();
  co_return member;
}

// The two went on meanwhile: their media does not come by here.
void Joining::take_back_direct(Member& member) {
  Room* room = state_.room_of(member);
  if (!member.direct || room == nullptr) return;
  member.direct_call = random_uuid(); // whatever it calls its call
  member.linked = true;
  room->direct = true;
  if (state_.on_changed) state_.on_changed(*room);
}

Json Joining::stun_json() const {
  Json::Array servers;
  for (const std::string& url : state_.settings.stun) {
    Json server;
    server.set("url", url);
    servers.push_back(std::move(server));
  }
  return servers;
}

std::string Joining::ticket(const Member& member, const std::string& address, documents::Role role,
                            const std::string& pin) {
  Claims claims;
  claims.address = lower(address);
  claims.http_host = member.http_host;
  claims.display_name = member.display_name;
  claims.role = role;
  claims.pin = pin;
  return issue_ticket(std::move(claims), ticket_ms);
}

std::string Joining::invitation(const Member& host, const std::string& breakout) {
  Claims claims;
  claims.address = host.address;
  claims.http_host = host.http_host;
  claims.role = documents::Role::guest;
  claims.vouched = true;
  claims.breakout = breakout;
  return issue_ticket(std::move(claims), invitation_ms);
}

std::string Joining::return_ticket(const Member& member, bool direct) {
  Claims claims;
  claims.direct = direct;
  claims.address = member.address;
  claims.http_host = member.http_host;
  claims.role = member.role;
  claims.authenticated = member.authenticated;
  claims.vouched = true;
  return issue_ticket(std::move(claims), ticket_ms);
}

std::string Joining::issue_ticket(Claims claims, std::int64_t lifetime_ms) {
  claims.kind = TokenKind::ticket;
  claims.uuid = random_uuid();
  claims.issued_ms = state_.now_ms();
  claims.expires_ms = claims.issued_ms + lifetime_ms;
  tickets_[claims.uuid] = claims.expires_ms;
  return state_.tokens.issue(claims);
}

Task<void> Joining::revoke(const Member& member) {
  revoked_[member.uuid] = member.expires_ms;
  return store_revocation(member.uuid, member.expires_ms);
}

Task<void> Joining::demote(const Member& member) {
  documents::StoreEntry entry;
  entry.key = "demoted/" + member.uuid;
  entry.value = Json(state_.now_ms());
  entry.expires_ms = member.expires_ms;
  return store(std::move(entry));
}

Task<viadux::Result<documents::StoreEntry>> Joining::stored(std::string name) {
  documents::StoreKey key;
  key.key = std::move(name);
  co_return co_await state_.host.call<documents::StoreEntry>("viadux.store", "get", key);
}

Task<void> Joining::store(documents::StoreEntry entry) {
  (void)co_await state_.host.call<viadux::Nothing>("viadux.store", "put", entry);
}

Task<void> Joining::store_revocation(std::string uuid, std::int64_t until_ms) {
  documents::StoreEntry entry;
  entry.key = "revoked/" + uuid;
  entry.value = Json(true);
  entry.expires_ms = until_ms;
  co_await store(std::move(entry));
}

void Joining::tick() {
  const std::int64_t now_ms = state_.now_ms(), now_us = state_.now_us();
  for (const MemberRef& member : state_.members.all()) {
    if (member->gone) {
      if (now_us - member->gone_us > Member::remembered_us) state_.members.remove(*member);
    } else if (member->expires_ms <= now_ms) {
      // Gone right away: the event that it has left may be lost.
      state_.members.let_go(*member, now_us);
      state_.host.spawn(revoke(*member));
      state_.tell_farewell(*member, "Timer expired awaiting token refresh");
      state_.host.spawn(leave(member->participant));
    }
    member->forget_old(now_us);
  }
  const auto passed = [now_ms](const auto& entry) { return entry.second <= now_ms; };
  std::erase_if(revoked_, passed);
  std::erase_if(tickets_, passed);
  const double rate = state_.settings.joins_per_second;
  joins_.forget(now_us, rate, rate * 10);
  state_.metrics.participants.set(static_cast<double>(state_.members.size()));
}

} // namespace client
