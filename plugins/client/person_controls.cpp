#include "person_controls.hpp"

#include "refusal.hpp"
#include "requests.hpp"
#include "rules.hpp"

#include <viadux/documents/steering.hpp>

namespace client {

namespace documents = viadux::documents;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Nothing;

void PersonControls::add_to(Actions& actions) {
  const auto add = [&](std::string_view name, Rule rule, Response (PersonControls::*handler)(Asked)) {
    actions.add("POST", Scope::participant, name, rule, *this, handler);
  };
  add("mute", Rule::self_or_host, &PersonControls::mute);
  add("unmute", Rule::self_or_host, &PersonControls::unmute);
  add("video_muted", Rule::self_or_host, &PersonControls::video_mute);
  add("video_unmuted", Rule::self_or_host, &PersonControls::video_unmute);
  add("client_mute", Rule::self, &PersonControls::client_mute);
  add("client_unmute", Rule::self, &PersonControls::client_unmute);
  add("buzz", Rule::self_or_host, &PersonControls::raise_hand);
  add("clearbuzz", Rule::self_or_host, &PersonControls::lower_hand);
  add("spotlighton", Rule::host, &PersonControls::spotlight_on);
  add("spotlightoff", Rule::host, &PersonControls::spotlight_off);
  add("unlock", Rule::host, &PersonControls::let_in);
  add("disconnect", Rule::self_or_host, &PersonControls::disconnect);
  add("role", Rule::host, &PersonControls::role);
  add("transfer", Rule::host, &PersonControls::transfer);
  add("overlaytext", Rule::self_or_host, &PersonControls::overlay_text);
  add("allowrxpresentation", Rule::host, &PersonControls::allow_presentation);
  add("denyrxpresentation", Rule::host, &PersonControls::deny_presentation);
  add("pres_in_mix", Rule::self_or_host, &PersonControls::presentation_in_mix);
  add("channels", Rule::self_or_host, &PersonControls::channels);
  add("preferred_aspect_ratio", Rule::self, &PersonControls::accepted);
  add("notify_not_afk", Rule::self, &PersonControls::accepted);
  add("show_live_captions", Rule::self, &PersonControls::captions);
  add("hide_live_captions", Rule::self, &PersonControls::captions);
  add("dtmf", Rule::self_or_host, &PersonControls::dtmf);
  add("fecc", Rule::anyone, &PersonControls::camera);
  actions.add("POST", Scope::call, "dtmf", Rule::self, *this, &PersonControls::dtmf);
  actions.add("POST", Scope::call, "fecc", Rule::self, *this, &PersonControls::camera);
}

Person* PersonControls::person(const Asked& asked) {
  return state_.find_person(*asked.me, asked.room, asked.who);
}

PersonControls::Response PersonControls::set(documents::SetParticipant wanted) {
  const auto set = co_await state_.host.call<Nothing>("viadux.rooms", "set_participant", wanted);
  if (!set) co_return refuse(set.error());
  co_return done();
}

PersonControls::Response PersonControls::set_audio(Asked asked, bool muted) {
  const Person* who = person(asked);
  if (who == nullptr) co_return failed(403, "This participant has left");
  documents::SetParticipant wanted;
  wanted.participant = who->is.id;
  wanted.by = asked.me->participant; // the core knows who may undo whose mute
  wanted.audio_muted = muted;
  co_return co_await set(std::move(wanted));
}

PersonControls::Response PersonControls::mute(Asked asked) {
  return set_audio(std::move(asked), true);
}
PersonControls::Response PersonControls::unmute(Asked asked) {
  return set_audio(std::move(asked), false);
}

PersonControls::Response PersonControls::set_video(Asked asked, bool muted) {
  const Person* who = person(asked);
  if (who == nullptr) co_return failed(403, "This participant has left");
  documents::SetParticipant wanted;
  wanted.participant = who->is.id;
  wanted.by = asked.me->participant;
  wanted.video_muted = muted;
  if (const MemberRef member = state_.members.find(asked.who))
    member->video_muted_by_host = muted && asked.who != asked.me->uuid;
  co_return co_await set(std::move(wanted));
}

PersonControls::Response PersonControls::video_mute(Asked asked) {
  return set_video(std::move(asked), true);
}
PersonControls::Response PersonControls::video_unmute(Asked asked) {
  return set_video(std::move(asked), false);
}

// The client has muted itself: shown to the others, and nothing more.
PersonControls::Response PersonControls::set_client_muted(Asked asked, bool muted) {
  documents::ClientState state;
  state.participant = asked.me->participant;
  state.audio_muted = muted;
  const auto set = co_await state_.host.call<Nothing>("viadux.rooms", "set_client_state", state);
  if (!set) co_return refuse(set.error());
  co_return done();
}
PersonControls::Response PersonControls::client_mute(Asked asked) {
  return set_client_muted(std::move(asked), true);
}
PersonControls::Response PersonControls::client_unmute(Asked asked) {
  return set_client_muted(std::move(asked), false);
}

// What the core does to a participant by its handle and who asks.
PersonControls::Response PersonControls::act(Asked asked, std::string_view method) {
  const Person* who = person(asked);
  if (who == nullptr) co_return failed(403, "This participant has left");
  documents::ParticipantRef which;
  which.participant = who->is.id;
  which.by = asked.me->participant;
  const auto acted = co_await state_.host.call<Nothing>("viadux.rooms", method, which);
  if (!acted) co_return refuse(acted.error());
  co_return done();
}
PersonControls::Response PersonControls::raise_hand(Asked asked) {
  return act(std::move(asked), "raise_hand");
}
PersonControls::Response PersonControls::lower_hand(Asked asked) {
  return act(std::move(asked), "lower_hand");
}

PersonControls::Response PersonControls::set_spotlight(Asked asked, bool on) {
  const Person* who = person(asked);
  const Room* room = who ? state_.find_room(who->is.room) : nullptr;
  if (room == nullptr) co_return failed(403, "This participant has left");
  const documents::LayoutAnswer says =
      co_await layout_rules(state_, asked.me, room->is.id, documents::LayoutChange::spotlight, {});
  if (!says.allowed) co_return failed(403, words::policy_refuses);
  who = person(asked); // it may have left, or been moved
  room = who ? state_.find_room(who->is.room) : nullptr;
  if (room == nullptr) co_return failed(403, "This participant has left");
  documents::SetRunning wanted;
  wanted.room = who->is.room;
  wanted.by = asked.me->participant;
  auto spotlight = room->is.spotlight;
  std::erase(spotlight, who->is.id);
  if (on) spotlight.push_back(who->is.id);
  wanted.spotlight = std::move(spotlight);
  const auto set = co_await state_.host.call<Nothing>("viadux.rooms", "set_running", wanted);
  if (!set) co_return refuse(set.error());
  co_return done();
}
PersonControls::Response PersonControls::spotlight_on(Asked asked) {
  return set_spotlight(std::move(asked), true);
}
PersonControls::Response PersonControls::spotlight_off(Asked asked) {
  return set_spotlight(std::move(asked), false);
}

PersonControls::Response PersonControls::let_in(Asked asked) {
  const Person* who = person(asked);
  if (who == nullptr) co_return failed(403, "This participant has left");
  documents::ParticipantRef which;
  which.participant = who->is.id;
  which.by = asked.me->participant;
  const auto in = co_await state_.host.call<Nothing>("viadux.rooms", "let_in", which);
  if (!in && in.error().reason != "not_in_lobby") co_return refuse(in.error());
  co_return done();
}

PersonControls::Response PersonControls::disconnect(Asked asked) {
  const Person* who = person(asked);
  if (who == nullptr) co_return done(); // it has left
  documents::ParticipantRef which;
  which.participant = who->is.id;
  which.by = asked.me->participant;
  const auto out = co_await state_.host.call<Nothing>("viadux.rooms", "disconnect", which);
  if (!out && out.error().code != viadux::ErrorCode::gone) co_return refuse(out.error());
  // Not before it is stored: whoever was told that somebody is out may rely on it, also after a crash.
  if (const MemberRef member = state_.members.find(asked.who)) co_await joining_.revoke(*member);
  co_return done();
}

PersonControls::Response PersonControls::role(Asked asked) {
  const auto body = viadux::read_document<RoleRequest>(asked.request.body);
  const Person* who = person(asked);
  if (!body || (body->role != "chair" && body->role != "guest")) co_return failed(403, words::invalid_role);
  if (who == nullptr) co_return failed(403, "This participant has left");
  documents::SetParticipant wanted;
  wanted.participant = who->is.id;
  wanted.by = asked.me->participant;
  wanted.role = body->role == "chair" ? documents::Role::host : documents::Role::guest;
  const bool demotes = wanted.role == documents::Role::guest;
  const HttpResponse answer = co_await set(std::move(wanted));
  // Stored first, as in disconnect().
  const MemberRef member = state_.members.find(asked.who);
  if (demotes && member && answer.status == 200) co_await joining_.demote(*member);
  co_return answer;
}

PersonControls::Response PersonControls::transfer(Asked asked) {
  const auto body = viadux::read_document<TransferRequest>(asked.request.body);
  const MemberRef who = state_.members.find(asked.who);
  if (!body || body->conference_alias.empty()) co_return failed(403, "The transfer cannot be read");
  if (!who || who->gone) co_return failed(403, "This participant cannot be transferred");
  const bool host = body->role == "host" || body->role == "chair" || body->role == "HOST";
  Json refer;
  refer.set("alias", body->conference_alias);
  refer.set("token", joining_.ticket(*who, body->conference_alias,
                                     host ? documents::Role::host : documents::Role::guest, body->pin));
  who->tell_once(format_event("refer", refer), state_.now_us());
  co_return done();
}

PersonControls::Response PersonControls::overlay_text(Asked asked) {
  const auto body = viadux::read_document<TextRequest>(asked.request.body);
  const MemberRef who = state_.members.find(asked.who);
  const Person* entry = person(asked);
  if (!body) co_return failed(403, "The text cannot be read");
  if (!who || entry == nullptr) co_return failed(403, "This participant has no text");
  who->overlay_text = body->text;
  state_.tell_person(*state_.room_of(*who), *entry, entry);
  co_return done();
}

PersonControls::Response PersonControls::set_presentation(Asked asked, std::optional<bool> denied,
                                                          std::optional<bool> in_mix) {
  const Person* who = person(asked);
  if (who == nullptr) co_return failed(403, "This participant has left");
  documents::SetParticipant wanted;
  wanted.participant = who->is.id;
  wanted.by = asked.me->participant;
  wanted.presentation_denied = denied;
  wanted.presentation_in_picture = in_mix;
  co_return co_await set(std::move(wanted));
}
PersonControls::Response PersonControls::allow_presentation(Asked asked) {
  return set_presentation(std::move(asked), false, {});
}
PersonControls::Response PersonControls::deny_presentation(Asked asked) {
  return set_presentation(std::move(asked), true, {});
}
PersonControls::Response PersonControls::presentation_in_mix(Asked asked) {
  const auto body = viadux::read_document<StateRequest>(asked.request.body);
  if (!body) co_return failed(403, "The state cannot be read");
  co_return co_await set_presentation(std::move(asked), {}, body->state);
}

// Sound channels (docs/client.md): the core knows who may choose what.
PersonControls::Response PersonControls::channels(Asked asked) {
  const auto body = viadux::read_document<ChannelsRequest>(asked.request.body);
  if (!body) co_return failed(403, "The channels cannot be read");
  const Person* who = person(asked);
  if (who == nullptr) co_return failed(403, "This participant has left");
  documents::SetParticipant wanted;
  wanted.participant = who->is.id;
  wanted.by = asked.me->participant;
  wanted.speaks_in = body->speaks_in;
  wanted.hears = body->hears;
  co_return co_await set(std::move(wanted));
}

// A camera is moved by its owner's client: handed on as an event, as it came.
PersonControls::Response PersonControls::camera(Asked asked) {
  if (asked.me->waiting) co_return failed(403, "You have not been let in yet");
  auto body = Json::parse(asked.request.body);
  if (!body || !body->object() || !body->find("action") || asked.request.body.size() > 4096)
    co_return failed(403, "The camera command cannot be read");
  Json command;
  for (const std::string_view name : {"action", "movement", "timeout"})
    if (const Json* member = body->find(name)) command.set(name, *member);
  const std::string text = format_event("fecc", command);
  if (asked.target.call.empty() && asked.who != asked.me->uuid) {
    const MemberRef to = state_.members.find(asked.who);
    if (!to || to->gone) co_return failed(403, "This participant has no camera that can be moved");
    to->tell(text);
    co_return done();
  }
  // Of a call: the other one, where there are two.
  std::vector<Member*> others;
  state_.members.each([&](Member& member) {
    if (member.room == asked.me->room && member.uuid != asked.me->uuid && !member.waiting)
      others.push_back(&member);
  });
  if (others.size() != 1) co_return failed(403, "It is not clear whose camera is meant");
  others.front()->tell(text);
  co_return done();
}

// Of a call, or for itself: for whoever listens in the meeting. For another one: its plugin hands them on.
PersonControls::Response PersonControls::dtmf(Asked asked) {
  const auto body = viadux::read_document<DigitsRequest>(asked.request.body);
  if (!body) co_return failed(403, "The digits cannot be read");
  const Person* who = person(asked);
  documents::SendDigits wanted;
  wanted.from = asked.me->participant;
  if (who && who->uuid() != asked.me->uuid) wanted.to = who->is.id;
  wanted.digits = body->digits;
  const auto sent = co_await state_.host.call<Nothing>("viadux.rooms", "send_digits", wanted);
  if (!sent) co_return failed(403, sent.error().message);
  co_return done();
}

PersonControls::Response PersonControls::accepted(Asked) {
  co_return done();
}

PersonControls::Response PersonControls::captions(Asked) {
  co_return failed(403, "This server makes no captions");
}

} // namespace client
