#include "core/meeting/meeting.hpp"

#include "core/log/log.hpp"
#include "core/meeting/documents.hpp"

#include <algorithm>

namespace viadux {

Meeting::Meeting(RoomId handle, MeetingContext& context, Room room)
    : id_(handle), context_(context), room_(std::move(room)), started_ms_(context.loop.clock().wall_ms()) {
  if (MixControl* mixer = context_.mixer)
    director_.use_mixer(
        {[this, mixer](ParticipantId without, rtp::Codec codec) { return mixer->mix(id_, without, codec); },
         [mixer](StillText text, rtp::Codec codec) { return mixer->still(text, codec); }});
  tell_room("meeting_started");
}

Meeting::~Meeting() {
  *alive_ = false;
  if (context_.mixer != nullptr) context_.mixer->close_room(id_);
}

bool Meeting::has_host() const {
  return std::ranges::any_of(members_, [this](ParticipantId id) {
    const Participant* participant = context_.participants.find(id);
    return participant && participant->role == Role::host && participant->presence == Presence::meeting;
  });
}

// ---- coming and going

bool Meeting::must_wait(const Participant& participant) const {
  if (participant.passed_lock) return false;
  if (locked_) return true;
  return room_.settings.wait_for_host && participant.role != Role::host && !has_host();
}

Result<Presence> Meeting::enter(Participant& participant) {
  const bool waits = must_wait(participant);
  if (waits && locked_ && !room_.settings.lobby_when_locked) return refusal(Reason::room_locked);
  const std::int64_t now_us = context_.loop.clock().now_us();
  participant.room = id_;
  participant.presence = waits ? Presence::lobby : Presence::meeting;
  participant.lobby_since_us = now_us;
  participant.lonely_since_us = now_us;
  members_.push_back(participant.id);
  director_.set_participant(participant.id, participant.order, effective_rights(participant));
  tell("participant_joined", participant);
  if (!waits && participant.role == Role::host) admit_waiting();
  return participant.presence;
}

void Meeting::leave(Participant& participant, Reason reason) {
  while (!participant.sessions.empty())
    drop_session(participant, participant.sessions.back().id, false);
  director_.remove_participant(participant.id);
  std::erase(members_, participant.id);
  std::erase(spotlight_, participant.id);
  context_.events.publish(id_, "participant_left", EventDocument([copy = participant, reason] {
                            return participant_left_document(copy, reason);
                          }));
  direct_soon();
}

void Meeting::set_locked(bool locked) {
  if (locked == locked_) return;
  locked_ = locked;
  tell_room("meeting_changed");
  if (!locked) admit_waiting();
}

// Lets in everybody who waited for something that has come: a host, or the end of the lock.
void Meeting::admit_waiting() {
  const std::vector<ParticipantId> members = members_;
  for (const ParticipantId id : members) {
    Participant* participant = context_.participants.find(id);
    if (participant && participant->presence == Presence::lobby && !must_wait(*participant)) {
      participant->presence = Presence::meeting;
      apply_rights(*participant);
      tell("participant_changed", *participant);
    }
  }
}

Result<void> Meeting::let_in(Participant& participant) {
  if (participant.presence != Presence::lobby) return refusal(Reason::not_in_lobby);
  participant.presence = Presence::meeting;
  participant.passed_lock = true;
  apply_rights(participant);
  tell("participant_changed", participant);
  return {};
}

// ---- rights

void Meeting::set_role(Participant& participant, Role role) {
  if (participant.role == role) return;
  participant.role = role;
  // Made a host in the lobby, it is meant to be inside.
  if (role == Role::host && participant.presence == Presence::lobby) {
    participant.presence = Presence::meeting;
    participant.passed_lock = true;
  }
  apply_rights(participant);
  tell("participant_changed", participant);
  if (role == Role::host) admit_waiting();
}

void Meeting::set_muted(Participant& participant, std::optional<bool> audio, std::optional<bool> video) {
  const bool to_audio = audio.value_or(participant.audio_muted);
  const bool to_video = video.value_or(participant.video_muted);
  if (to_audio == participant.audio_muted && to_video == participant.video_muted) return;
  participant.audio_muted = to_audio;
  participant.video_muted = to_video;
  apply_rights(participant);
  tell("participant_changed", participant);
}

void Meeting::set_rights(Participant& participant, const MediaRights& rights) {
  if (same(participant.rights, rights)) return;
  participant.rights = rights;
  apply_rights(participant);
  tell("participant_changed", participant);
}

void Meeting::set_spotlight(std::vector<ParticipantId> spotlight) {
  std::erase_if(spotlight, [this](ParticipantId id) { return !std::ranges::count(members_, id); });
  if (spotlight == spotlight_) return;
  spotlight_ = spotlight;
  director_.set_spotlight(std::move(spotlight));
  tell_room("meeting_changed");
  direct_soon();
}

MediaRights Meeting::lasting_rights(const Participant& participant) const {
  const RoomSettings& settings = room_.settings;
  return both(participant.rights,
              participant.role == Role::host ? settings.host_rights : settings.guest_rights);
}

MediaRights Meeting::effective_rights(const Participant& participant) const {
  if (participant.presence == Presence::lobby) return {false, false, false, false, false, false};
  MediaRights rights = lasting_rights(participant);
  if (participant.audio_muted) rights.send_audio = false;
  if (participant.video_muted) rights.send_video = false;
  return rights;
}

void Meeting::apply_rights(Participant& participant) {
  const MediaRights rights = effective_rights(participant);
  director_.set_participant(participant.id, participant.order, rights);
  for (const ParticipantSession& session : participant.sessions)
    if (session.is_source) {
      // Nothing comes from outside: the director alone decides whether it is shown.
    } else if (const auto set = context_.media.set_rights(session.id, rights); !set)
      log_warning("meeting", "media rights not taken",
                  {{"session", handle_text(session.id)}, {"reason", set.error().reason}});
  direct_soon();
}

// ---- sessions

Result<SessionAnswer> Meeting::attach(Participant& participant, const SessionOffer& offer) {
  if (participant.sessions.size() >= sessions_per_participant) return refusal(Reason::sessions_full);
  SessionRequest request;
  request.offer = offer.offer;
  request.profile = offer.profile;
  request.whole_offer = offer.whole_offer;
  request.rights = effective_rights(participant);
  request.may_come = lasting_rights(participant);
  request.video_codec = room_.settings.video_codec;
  request.room = id_;
  request.max_send_bps = offer.max_send_bps;
  request.max_receive_bps = offer.max_receive_bps;
  Result<SessionAnswer> answer = context_.media.open(request);
  if (!answer) return answer;

  ParticipantSession session;
  session.id = answer->session;
  session.except = offer.except;
  session.auto_audio = offer.auto_audio;
  session.stills = offer.stills;
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
  const auto session = std::ranges::find(participant.sessions, id, &ParticipantSession::id);
  if (session == participant.sessions.end()) return refusal(Reason::session_gone);
  Result<SessionAnswer> answer = context_.media.update(id, offer);
  if (!answer) return answer;
  for (const TrackInfo& track : session->tracks)
    context_.tracks.erase(track.id);
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
  for (const TrackInfo& track : session->tracks)
    context_.tracks.erase(track.id);
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
  if (director_.set_active(track, active)) direct_soon();
}

void Meeting::levels(std::span<const AudioLevel> levels) {
  if (director_.add_levels(levels, context_.loop.clock().now_us())) direct_soon();
}

std::optional<Reason> Meeting::overdue(const Participant& participant) const {
  const std::int64_t now_us = context_.loop.clock().now_us();
  const MeetingOptions& options = context_.options;
  if (participant.presence == Presence::lobby && now_us - participant.lobby_since_us >= options.lobby_us)
    return Reason::lobby_timeout;
  if (participant.sessions.empty() && !participant.control_only &&
      now_us - participant.lonely_since_us >= options.no_media_us)
    return Reason::no_media;
  return std::nullopt;
}

// ---- telling and directing

void Meeting::tell(const char* type, const Participant& participant) {
  // A copy of the state as it is now: the document may be written later, or never.
  context_.events.publish(id_, type,
                          EventDocument([copy = participant] { return participant_document(copy); }));
}

void Meeting::tell_room(const char* type) {
  context_.events.publish(id_, type, EventDocument(meeting_document(*this)));
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

void Meeting::direct() {
  const std::uint64_t switches = director_.switches();
  for (const SlotChange& change : director_.decide(context_.loop.clock().now_us()))
    if (!context_.media.fill_slot(change.session, change.slot, change.fill)) ++context_.fills_refused;
  context_.switches += director_.switches() - switches;
  if (context_.mixer != nullptr) context_.mixer->set_voices(id_, director_.voices());
  if (told_speaker_ == director_.speaker() && told_presenter_ == director_.presenter()) return;
  told_speaker_ = director_.speaker();
  told_presenter_ = director_.presenter();
  tell_room("meeting_changed");
}

} // namespace viadux
