#include "core/meeting/meeting.hpp"

#include "core/log/log.hpp"
#include "core/meeting/documents.hpp"

#include <algorithm>

namespace viadux {

Meeting::Meeting(RoomId handle, MeetingContext& context, Room room, std::optional<BreakoutTraits> breakout)
    : id_(handle), context_(context), room_(std::move(room)), breakout_(std::move(breakout)),
      started_ms_(context.loop.clock().wall_ms()), ends_ms_(room_.on_demand ? 0 : room_.expires_ms),
      deserted_since_us_(context.loop.clock().now_us()), guests_muted_(room_.settings.mute_guests),
      guests_can_unmute_(room_.settings.guests_can_unmute),
      guests_can_present_(room_.settings.guests_can_present), layout_(room_.settings.layout) {
  director_.set_layout(layout_);
  if (MixControl* mixer = context_.mixer) {
    mixer->open_room(id_, room_.organisation);
    director_.use_mixer(
        {[this, mixer](ParticipantId without, const std::string& channel, rtp::Codec codec) {
           return mixer->mix(id_, without, channel, codec);
         },
         [this, mixer](StillText text, rtp::Codec codec) { return mixer->still(id_, text, codec); },
         [this, mixer](const MixView& view, rtp::Codec codec) { return mixer->view(id_, view, codec); },
         [this, mixer](TrackId track, rtp::Codec codec) { return mixer->transcoded(id_, track, codec); }});
  }
  tell_room("meeting_started");
}

Meeting::~Meeting() {
  *alive_ = false;
  if (context_.mixer != nullptr) context_.mixer->close_room(id_);
}

// A recorder with a host's PIN is nobody to wait for.
bool Meeting::has_host() const {
  return std::ranges::any_of(members_, [this](ParticipantId id) {
    const Participant* participant = context_.participants.find(id);
    return participant && participant->role == Role::host && participant->presence == Presence::meeting &&
           participant->kind != ParticipantKind::service;
  });
}

bool Meeting::waits_for_host() const {
  return room_.settings.wait_for_host || room_.settings.host_leaves == HostLeaves::lobby;
}

bool Meeting::started() const {
  return !waits_for_host() || had_host_ || started_by_hand_;
}

// ---- coming and going

bool Meeting::must_wait(const Participant& participant) const {
  if (participant.must_be_let_in) return true;
  if (participant.passed_lock) return false;
  if (locked_) return true;
  return waits_for_host() && participant.role != Role::host && !started_by_hand_ && !has_host() &&
         !(context_.host_in_breakouts && context_.host_in_breakouts(id_));
}

Result<Presence> Meeting::enter(Participant& participant) {
  if (locked_ && members_.empty() && room_.pins.host.empty()) set_locked(false); // as in count_in
  const bool waits = must_wait(participant);
  if (waits && locked_ && !room_.settings.lobby_when_locked) return refusal(Reason::room_locked);
  const std::int64_t now_us = context_.loop.clock().now_us();
  participant.room = id_;
  participant.presence = waits ? Presence::lobby : Presence::meeting;
  participant.lobby_since_us = now_us;
  participant.lonely_since_us = now_us;
  if (guests_muted_ && participant.role == Role::guest && participant.kind != ParticipantKind::service)
    participant.audio_muted = participant.audio_muted_by_host = true;
  fit_channels(participant);
  members_.push_back(participant.id);
  apply_rights(participant);
  tell("participant_joined", participant);
  if (!waits && participant.role == Role::host) admit_waiting();
  count_in();
  return participant.presence;
}

// What follows from who is inside now.
void Meeting::count_in() {
  had_host_ = had_host_ || has_host();
  std::size_t inside = 0;
  std::size_t persons = 0;
  for (const ParticipantId id : members_) {
    const Participant* participant = context_.participants.find(id);
    if (!participant || participant->kind == ParticipantKind::service) continue;
    ++persons;
    if (participant->presence == Presence::meeting) ++inside;
  }
  had_person_ = had_person_ || persons > 0;
  if (persons > 0)
    deserted_since_us_ = 0;
  else if (deserted_since_us_ == 0)
    deserted_since_us_ = context_.loop.clock().now_us();
  if (room_.settings.lock_at != 0 && !auto_locked_ && inside >= room_.settings.lock_at) {
    auto_locked_ = true;
    set_locked(true);
  }
  // Without a host PIN nobody could come who opens it again.
  if (locked_ && inside == 0 && !members_.empty() && room_.pins.host.empty()) set_locked(false);
}

// What a participant has of this room goes.
void Meeting::forget(Participant& participant) {
  director_.remove_participant(participant.id);
  std::erase(members_, participant.id);
  if (std::erase(spotlight_, participant.id)) {
    director_.set_spotlight(spotlight_);
    number_spotlight();
  }
  if (floor_ == participant.id) {
    floor_ = 0;
    apply_rights_to_all();
  }
}

void Meeting::leave(Participant& participant, Reason reason) {
  const bool presented = told_presenter_ == participant.id;
  while (!participant.sessions.empty())
    drop_session(participant, participant.sessions.back().id, false);
  forget(participant);
  context_.events.publish(id_, "participant_left", EventDocument([copy = participant, reason] {
                            return participant_left_document(copy, reason, 0);
                          }));
  if (presented) {
    told_presenter_ = 0; // nothing more is told of it here
    note_presenter();
    tell_room("meeting_changed");
  }
  count_in();
  direct_soon();
}

void Meeting::move(Participant& participant, Meeting& to) {
  const bool presented = told_presenter_ == participant.id;
  // What it was shown here is not for it any longer; the other room's director knows nothing of it.
  for (const ParticipantSession& session : participant.sessions) {
    for (const SlotInfo& slot : session.slots)
      if (director_.filled_with(session.id, slot.index))
        static_cast<void>(context_.media.fill_slot(session.id, slot.index, {}));
    for (const TrackInfo& track : session.tracks)
      context_.tracks[track.id] = to.id_;
  }
  std::vector<TrackId> active;
  for (const ParticipantSession& session : participant.sessions)
    for (const TrackInfo& track : session.tracks)
      if (context_.active.contains(track.id)) active.push_back(track.id);
  forget(participant);
  context_.events.publish(id_, "participant_left", EventDocument([copy = participant, there = to.id_] {
                            return participant_left_document(copy, Reason::moved, there);
                          }));
  if (presented) {
    told_presenter_ = 0; // nothing more is told of it here
    note_presenter();
    tell_room("meeting_changed");
  }

  participant.room = to.id_;
  participant.presence = Presence::meeting;
  participant.passed_lock = true;
  participant.hand_raised_ms = 0;
  participant.spotlight = 0;
  participant.spotlight_ms = 0;
  participant.presenting = false;
  to.fit_channels(participant);
  to.members_.push_back(participant.id);
  to.apply_rights(participant);
  for (const ParticipantSession& session : participant.sessions)
    to.director_.set_session(participant.id, session);
  for (const TrackId track : active)
    to.director_.set_active(track, true);
  to.tell("participant_joined", participant);
  if (participant.role == Role::host) to.admit_waiting();
  to.count_in();
  to.direct_soon();
  count_in();
  direct_soon();
}

void Meeting::set_locked(bool locked) {
  if (locked == locked_) return;
  locked_ = locked;
  tell_room("meeting_changed");
  if (!locked) admit_waiting();
}

void Meeting::start() {
  const bool was = started();
  started_by_hand_ = true;
  if (!was) tell_room("meeting_changed");
  admit_waiting();
}

void Meeting::go_inside(Participant& participant) {
  participant.presence = Presence::meeting;
  apply_rights(participant);
  tell("participant_changed", participant);
}

// Lets in everybody who waited for something that has come: a host, or the end of the lock.
void Meeting::admit_waiting() {
  const bool was = had_host_;
  had_host_ = had_host_ || has_host();
  if (!was && had_host_ && waits_for_host()) tell_room("meeting_changed"); // it has started
  const std::vector<ParticipantId> members = members_;
  for (const ParticipantId id : members) {
    Participant* participant = context_.participants.find(id);
    if (participant && participant->presence == Presence::lobby && !must_wait(*participant))
      go_inside(*participant);
  }
  count_in();
}

Result<void> Meeting::let_in(Participant& participant) {
  if (participant.presence != Presence::lobby) return refusal(Reason::not_in_lobby);
  participant.passed_lock = true;
  participant.must_be_let_in = false;
  go_inside(participant);
  count_in();
  return {};
}

// ---- rights

MediaRights Meeting::lasting_rights(const Participant& participant) const {
  return both(participant.rights, rights_of_role(room_.settings, participant.role == Role::host));
}

MediaRights Meeting::effective_rights(const Participant& participant) const {
  if (participant.presence == Presence::lobby) return {false, false, false, false, false, false};
  MediaRights rights = lasting_rights(participant);
  if (participant.role != Role::host && !guests_can_present_) rights.send_presentation = false;
  if (floor_ != 0 && floor_ != participant.id) rights.send_presentation = false;
  if (participant.audio_muted) rights.send_audio = false;
  if (participant.video_muted) rights.send_video = false;
  if (participant.presentation_denied) rights.receive_presentation = false;
  return rights;
}

void Meeting::apply_rights(Participant& participant) {
  const MediaRights rights = effective_rights(participant);
  participant.may_present =
      participant.presence == Presence::meeting && participant.rights.send_presentation &&
      rights_of_role(room_.settings, participant.role == Role::host).send_presentation &&
      (participant.role == Role::host || guests_can_present_);
  director_.set_participant(participant.id, participant.order, rights);
  director_.set_presentation_in_picture(participant.id, participant.presentation_in_picture);
  director_.set_channels(participant.id, participant.speaks_in, participant.hears);
  const bool changed = !same(participant.granted, rights);
  participant.granted = rights;
  direct_soon();
  if (!changed) return;
  for (const ParticipantSession& session : participant.sessions)
    if (session.is_source) {
      // Nothing comes from outside: the director alone decides whether it is shown.
    } else if (const auto set = context_.media.set_rights(session.id, rights); !set)
      log_warning("meeting", "media rights not taken",
                  {{"session", handle_text(session.id)}, {"reason", set.error().reason}});
}

void Meeting::apply_rights_to_all() {
  for (const ParticipantId id : members_)
    if (Participant* participant = context_.participants.find(id)) apply_rights(*participant);
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

} // namespace viadux
