// A meeting's media: sessions, and the director's decisions carried out.
#include "core/meeting/meeting.hpp"

#include "core/log/log.hpp"
#include "core/meeting/documents.hpp"

#include <algorithm>

namespace viadux {

Result<SessionAnswer> Meeting::attach(Participant& participant, const SessionOffer& offer) {
  if (participant.sessions.size() >= sessions_per_participant) return refusal(Reason::sessions_full);
  SessionRequest request;
  request.offer = offer.offer;
  request.profile = offer.profile;
  request.whole_offer = offer.whole_offer;
  request.rights = effective_rights(participant);
  request.may_come = lasting_rights(participant);
  request.video_codec = room_.settings.video_codec;
  request.other_codecs = context_.mixer != nullptr;
  request.room = id_;
  request.max_send_bps = offer.max_send_bps;
  request.max_receive_bps = offer.max_receive_bps;
  request.encryption = offer.encryption;
  request.codecs = offer.codecs;
  request.dscp_audio = offer.dscp_audio;
  request.dscp_video = offer.dscp_video;
  Result<SessionAnswer> answer =
      offer.lines.empty() ? context_.media.open(request) : context_.media.offer(request, offer.lines);
  if (!answer) return answer;

  ParticipantSession session;
  session.id = answer->session;
  session.except = offer.except;
  session.auto_audio = offer.auto_audio;
  session.auto_video = offer.auto_video;
  session.layout = offer.layout;
  session.stills = offer.stills;
  session.tell_slots = offer.tell_slots;
  session.tracks = answer->tracks;
  session.slots = answer->slots;
  for (const TrackInfo& track : session.tracks)
    context_.tracks[track.id] = id_;
  context_.sessions[session.id] = participant.id;
  director_.set_session(participant.id, session);
  participant.sessions.push_back(std::move(session));
  participant.lonely_since_us = 0;
  tell("participant_changed", participant);
  direct_soon();
  return answer;
}

Result<SessionAnswer> Meeting::update(Participant& participant, SessionId id, const std::string& offer) {
  return renegotiate(participant, id, [&] { return context_.media.update(id, offer); });
}

Result<SessionAnswer> Meeting::accept(Participant& participant, SessionId id, const std::string& answer) {
  return renegotiate(participant, id, [&] { return context_.media.accept(id, answer); });
}

Result<SessionAnswer> Meeting::renegotiate(Participant& participant, SessionId id,
                                           const std::function<Result<SessionAnswer>()>& negotiate) {
  const auto session = std::ranges::find(participant.sessions, id, &ParticipantSession::id);
  if (session == participant.sessions.end()) return refusal(Reason::session_gone);
  Result<SessionAnswer> answer = negotiate();
  if (!answer) return answer;
  for (const TrackInfo& track : session->tracks) {
    context_.tracks.erase(track.id);
    if (!std::ranges::count(answer->tracks, track.id, &TrackInfo::id)) context_.active.erase(track.id);
  }
  session->tracks = answer->tracks;
  session->slots = answer->slots;
  for (const TrackInfo& track : session->tracks)
    context_.tracks[track.id] = id_;
  director_.set_session(participant.id, *session);
  direct_soon();
  return answer;
}

void Meeting::detach(Participant& participant, SessionId id, bool ended_by_itself) {
  drop_session(participant, id, ended_by_itself);
  tell("participant_changed", participant);
}

void Meeting::drop_session(Participant& participant, SessionId id, bool ended_by_itself) {
  const auto session = std::ranges::find(participant.sessions, id, &ParticipantSession::id);
  if (session == participant.sessions.end()) return;
  for (const TrackInfo& track : session->tracks) {
    context_.tracks.erase(track.id);
    context_.active.erase(track.id);
  }
  context_.sessions.erase(id);
  director_.remove_session(id);
  const bool has_connection = !session->is_source;
  participant.sessions.erase(session);
  if (participant.sessions.empty()) participant.lonely_since_us = context_.loop.clock().now_us();
  // One that media has ended already answers `gone`, which is what we want.
  if (!ended_by_itself && has_connection) static_cast<void>(context_.media.close(id));
  direct_soon();
}

Result<void> Meeting::publish(Participant& participant, const TrackInfo& track) {
  if (participant.sessions.size() >= sessions_per_participant) return refusal(Reason::sessions_full);
  constexpr SessionId source_bit = SessionId{1} << 63; // none of the engine's
  ParticipantSession session;
  session.id = source_bit | track.id;
  session.is_source = session.connected = true;
  session.tracks = {track};
  context_.tracks[track.id] = id_;
  context_.active.insert(track.id);
  context_.sessions[session.id] = participant.id;
  director_.set_session(participant.id, session);
  static_cast<void>(director_.set_active(track.id, true));
  participant.sessions.push_back(std::move(session));
  participant.lonely_since_us = 0;
  tell("participant_changed", participant);
  direct_soon();
  return {};
}

void Meeting::withdraw(TrackId track) {
  for (const ParticipantId member : members_) {
    Participant* participant = context_.participants.find(member);
    if (!participant) continue;
    for (const ParticipantSession& session : participant->sessions) {
      if (session.is_source && session.tracks.front().id == track)
        return detach(*participant, session.id, true);
    }
  }
}

void Meeting::connected(Participant& participant, SessionId id) {
  const auto session = std::ranges::find(participant.sessions, id, &ParticipantSession::id);
  if (session != participant.sessions.end()) session->connected = true;
}

void Meeting::track_active(TrackId track, bool active) {
  if (active)
    context_.active.insert(track);
  else
    context_.active.erase(track);
  if (director_.set_active(track, active)) direct_soon();
}

void Meeting::levels(std::span<const AudioLevel> levels) {
  if (director_.add_levels(levels, context_.loop.clock().now_us())) direct_soon();
}

// Many things at once (a session leaves with all its tracks) make one decision.
void Meeting::direct_soon() {
  if (direct_posted_) return;
  direct_posted_ = context_.loop.post([this, alive = alive_] {
    if (!*alive) return;
    direct_posted_ = false;
    direct();
  });
}

// One event for all, as a room where everybody looks at somebody else now would fill the queues with theirs.
void Meeting::tell_slots(std::span<const SlotChange> changes) {
  constexpr std::size_t most_sessions = 64;
  documents::SlotsChanged told;
  const auto publish = [&] {
    if (!told.sessions.empty())
      context_.events.publish(id_, "slots_changed", EventDocument(write_document(told)));
    told.sessions.clear();
  };
  for (std::size_t i = 0; i < changes.size();) { // changes come session by session
    const SessionId id = changes[i].session;
    const auto holder = context_.sessions.find(id);
    const Participant* participant =
        holder == context_.sessions.end() ? nullptr : context_.participants.find(holder->second);
    const ParticipantSession* session = participant ? participant->session(id) : nullptr;
    bool seen = false; // something that is seen, not heard
    for (; i < changes.size() && changes[i].session == id; ++i)
      seen = seen || (session && std::ranges::any_of(session->slots, [&](const SlotInfo& slot) {
                        return slot.index == changes[i].slot && slot.kind == MediaKind::video;
                      }));
    if (!seen || !session->tell_slots) continue;
    told.sessions.push_back(slots_of(*participant, *session));
    if (told.sessions.size() == most_sessions) publish();
  }
  publish();
}

documents::SessionSlots Meeting::slots_of(const Participant& participant,
                                          const ParticipantSession& session) const {
  documents::SessionSlots out;
  out.session = viadux::Handle{session.id};
  out.participant = viadux::Handle{participant.id};
  for (const SlotInfo& slot : session.slots) {
    if (slot.kind != MediaKind::video) continue;
    documents::FilledSlot filled;
    filled.mid = slot.mid;
    filled.content = slot.content == MediaContent::slides ? documents::MediaContent::slides
                                                          : documents::MediaContent::main;
    filled.participant = viadux::Handle{director_.owner_of(director_.filled_with(session.id, slot.index))};
    out.slots.push_back(std::move(filled));
  }
  return out;
}

bool Meeting::is_recorded() const {
  return std::ranges::any_of(members_, [this](ParticipantId id) {
    const Participant* participant = context_.participants.find(id);
    return participant != nullptr && participant->presence == Presence::meeting && participant->records();
  });
}

MixScene Meeting::scene() const {
  MixScene scene = director_.scene();
  scene.text = text_;
  scene.recorded = is_recorded();
  for (MixPicture& picture : scene.people) {
    const Participant* participant = context_.participants.find(picture.owner);
    if (participant == nullptr) continue;
    picture.name = participant->display_name;
    picture.muted = participant->audio_muted || participant->client_audio_muted;
    picture.hand = participant->hand_raised_ms != 0;
  }
  return scene;
}

// Somebody has a composed picture for a while yet, though one other only is left.
void Meeting::look_again() {
  const std::int64_t due_us = director_.look_again_us();
  if (due_us == 0 || due_us == look_again_us_) return;
  look_again_us_ = due_us;
  const std::int64_t wait_us = std::max<std::int64_t>(due_us - context_.loop.clock().now_us(), 0);
  context_.loop.after(wait_us, [this, alive = alive_, due_us] {
    if (!*alive || look_again_us_ != due_us) return;
    look_again_us_ = 0;
    direct_soon();
  });
}

void Meeting::direct() {
  const std::uint64_t switches = director_.switches();
  const std::vector<SlotChange> changes = director_.decide(context_.loop.clock().now_us());
  for (const SlotChange& change : changes)
    if (!context_.media.fill_slot(change.session, change.slot, change.fill)) ++context_.fills_refused;
  context_.switches += director_.switches() - switches;
  look_again();
  tell_slots(changes);
  if (context_.mixer != nullptr) {
    context_.mixer->set_voices(id_, director_.voices());
    context_.mixer->set_scene(id_, scene());
  }
  if (told_speaker_ == director_.speaker() && told_presenter_ == presenter()) return;
  told_speaker_ = director_.speaker();
  note_presenter();
  tell_room("meeting_changed");
}

} // namespace viadux
