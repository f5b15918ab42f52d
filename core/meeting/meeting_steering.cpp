// What people do in a meeting: roles, mute, hands, the floor, the spotlight, messages.
#include "core/meeting/documents.hpp"
#include "core/meeting/meeting.hpp"

#include <algorithm>

namespace viadux {

void Meeting::set_role(Participant& participant, Role role) {
  if (participant.role == role) return;
  participant.role = role;
  // Made a host in the lobby, it is meant to be inside.
  if (role == Role::host && participant.presence == Presence::lobby) {
    participant.presence = Presence::meeting;
    participant.passed_lock = true;
  }
  apply_rights(participant);
  if (floor_ == participant.id && !participant.may_present) release_floor(participant);
  tell("participant_changed", participant);
  if (role == Role::host) admit_waiting();
}

Result<void> Meeting::set_muted(Participant& participant, std::optional<bool> audio,
                                std::optional<bool> video, ParticipantId by) {
  const bool itself = by == participant.id;
  const bool to_audio = audio.value_or(participant.audio_muted);
  const bool to_video = video.value_or(participant.video_muted);
  if (itself && participant.role != Role::host && participant.audio_muted && !to_audio &&
      participant.audio_muted_by_host && !guests_can_unmute_)
    return refusal(Reason::muted_by_host);
  bool by_host = participant.audio_muted_by_host;
  if (!to_audio)
    by_host = false;
  else if (audio && !itself)
    by_host = true; // also when it had muted itself: it may not undo the host's
  if (to_audio == participant.audio_muted && to_video == participant.video_muted &&
      by_host == participant.audio_muted_by_host)
    return {};
  participant.audio_muted = to_audio;
  participant.audio_muted_by_host = by_host;
  participant.video_muted = to_video;
  apply_rights(participant);
  tell("participant_changed", participant);
  return {};
}

void Meeting::set_rights(Participant& participant, const MediaRights& rights) {
  if (same(participant.rights, rights)) return;
  participant.rights = rights;
  apply_rights(participant);
  if (floor_ == participant.id && !participant.may_present) release_floor(participant);
  tell("participant_changed", participant);
}

// What it may see of a presentation, and where: of its own rights nothing is lost or won.
void Meeting::set_presentation(Participant& participant, std::optional<bool> denied,
                               std::optional<bool> in_picture) {
  const bool to_denied = denied.value_or(participant.presentation_denied);
  const bool to_in_picture = in_picture.value_or(participant.presentation_in_picture);
  if (to_denied == participant.presentation_denied && to_in_picture == participant.presentation_in_picture)
    return;
  participant.presentation_denied = to_denied;
  participant.presentation_in_picture = to_in_picture;
  apply_rights(participant);
  tell("participant_changed", participant);
}

// ---- channels

// That others speak in or hear.
std::set<std::string> Meeting::channels_without(const Participant& participant) const {
  std::set<std::string> channels;
  for (const ParticipantId id : members_) {
    const Participant* other = context_.participants.find(id);
    if (!other || id == participant.id) continue;
    channels.insert({other->speaks_in, other->hears});
  }
  channels.erase("");
  return channels;
}

Result<void> Meeting::set_channels(Participant& participant, const std::optional<std::string>& speaks_in,
                                   const std::optional<std::string>& hears) {
  const auto malformed = [](const std::optional<std::string>& name) {
    return name && !name->empty() && !channel_ok(*name);
  };
  if (malformed(speaks_in)) return refusal(Reason::channel_malformed, "speaks_in");
  if (malformed(hears)) return refusal(Reason::channel_malformed, "hears");
  const std::string& to_speak = speaks_in ? *speaks_in : participant.speaks_in;
  const std::string& to_hear = hears ? *hears : participant.hears;
  if (to_speak == participant.speaks_in && to_hear == participant.hears) return {};
  std::set<std::string> channels = channels_without(participant);
  channels.insert({to_speak, to_hear});
  channels.erase("");
  if (channels.size() > channels_per_room) return refusal(Reason::channels_full);
  participant.speaks_in = to_speak;
  participant.hears = to_hear;
  apply_rights(participant);
  tell("participant_changed", participant);
  return {};
}

// Who comes in with channels keeps them, also where nobody else is in them yet: an interpreter and who hears
// him are moved one after the other. Where there are as many others as may be, it is on the floor.
void Meeting::fit_channels(Participant& participant) const {
  std::set<std::string> channels = channels_without(participant);
  for (std::string* name : {&participant.speaks_in, &participant.hears}) {
    if (channels.size() >= channels_per_room && !channels.contains(*name)) name->clear();
    if (!name->empty()) channels.insert(*name);
  }
}

void Meeting::set_client_state(Participant& participant, std::optional<bool> audio,
                               std::optional<bool> video) {
  const bool to_audio = audio.value_or(participant.client_audio_muted);
  const bool to_video = video.value_or(participant.client_video_muted);
  if (to_audio == participant.client_audio_muted && to_video == participant.client_video_muted) return;
  participant.client_audio_muted = to_audio;
  participant.client_video_muted = to_video;
  tell("participant_changed", participant);
  direct_soon(); // the sign for it
}

void Meeting::rename(Participant& participant, std::string display_name) {
  if (participant.display_name == display_name) return;
  participant.display_name = std::move(display_name);
  tell("participant_changed", participant);
}

// ---- hands

void Meeting::raise_hand(Participant& participant, bool raised) {
  if (raised == (participant.hand_raised_ms != 0)) return;
  // Two in one millisecond still have an order.
  participant.hand_raised_ms = raised ? std::max(now_ms(), last_hand_ms_ + 1) : 0;
  if (raised) last_hand_ms_ = participant.hand_raised_ms;
  tell("participant_changed", participant);
  direct_soon(); // the sign for it
}

void Meeting::lower_all_hands() {
  for (const ParticipantId id : members_)
    if (Participant* participant = context_.participants.find(id)) raise_hand(*participant, false);
}

// ---- guests

void Meeting::mute_guests(bool muted) {
  if (guests_muted_ != muted) {
    guests_muted_ = muted;
    tell_room("meeting_changed");
  }
  for (const ParticipantId id : members_) {
    Participant* participant = context_.participants.find(id);
    if (!participant || participant->role == Role::host || participant->kind == ParticipantKind::service)
      continue;
    // Who has muted itself stays so.
    if (muted || participant->audio_muted_by_host)
      static_cast<void>(set_muted(*participant, muted, std::nullopt, 0));
  }
}

void Meeting::set_guests_can_unmute(bool allowed) {
  if (guests_can_unmute_ == allowed) return;
  guests_can_unmute_ = allowed;
  tell_room("meeting_changed");
}

void Meeting::set_guests_can_present(bool allowed) {
  if (guests_can_present_ == allowed) return;
  guests_can_present_ = allowed;
  Participant* holder = context_.participants.find(floor_);
  if (holder && holder->role != Role::host && !allowed) release_floor(*holder);
  for (const ParticipantId id : members_) {
    Participant* participant = context_.participants.find(id);
    if (!participant || participant->role == Role::host) continue;
    const bool was = participant->may_present;
    apply_rights(*participant);
    if (was != participant->may_present) tell("participant_changed", *participant);
  }
  tell_room("meeting_changed");
}

void Meeting::set_layout(Layout layout) {
  if (layout_ == layout) return;
  layout_ = layout;
  director_.set_layout(layout);
  tell_room("meeting_changed");
  direct_soon();
}

void Meeting::set_text(std::string text) {
  if (text_ == text) return;
  text_ = std::move(text);
  tell_room("meeting_changed");
  direct_soon();
}

// ---- the floor

Result<void> Meeting::take_floor(Participant& participant) {
  if (participant.presence != Presence::meeting) return refusal(Reason::in_lobby);
  if (!participant.may_present) return refusal(Reason::present_refused);
  if (floor_ == participant.id) return {};
  floor_ = participant.id;
  // Its slides alone are let in: whoever presented before has lost the right, whatever its client does.
  apply_rights_to_all();
  note_presenter();
  tell_room("meeting_changed");
  return {};
}

void Meeting::release_floor(Participant& participant) {
  if (floor_ != participant.id) return;
  floor_ = 0;
  apply_rights_to_all();
  note_presenter();
  tell_room("meeting_changed");
}

// Tells both whom it concerns; the caller tells the room.
void Meeting::note_presenter() {
  const ParticipantId now = presenter();
  if (now == told_presenter_) return;
  if (Participant* before = context_.participants.find(told_presenter_); before && before->room == id_) {
    before->presenting = false;
    tell("participant_changed", *before);
  }
  told_presenter_ = now;
  if (Participant* participant = context_.participants.find(now)) {
    participant->presenting = true;
    tell("participant_changed", *participant);
  }
}

// ---- the spotlight

void Meeting::set_spotlight(std::vector<ParticipantId> spotlight) {
  std::erase_if(spotlight, [this](ParticipantId id) { return !std::ranges::count(members_, id); });
  if (spotlight == spotlight_) return;
  spotlight_ = spotlight;
  director_.set_spotlight(std::move(spotlight));
  number_spotlight();
  tell_room("meeting_changed");
  direct_soon();
}

void Meeting::number_spotlight() {
  for (const ParticipantId id : members_) {
    Participant* participant = context_.participants.find(id);
    if (!participant) continue;
    const auto place = std::ranges::find(spotlight_, id);
    const std::size_t number =
        place == spotlight_.end() ? 0 : static_cast<std::size_t>(place - spotlight_.begin()) + 1;
    if (number == participant->spotlight) continue;
    if (number == 0)
      participant->spotlight_ms = 0;
    else if (participant->spotlight == 0)
      participant->spotlight_ms = now_ms();
    participant->spotlight = number;
    tell("participant_changed", *participant);
  }
}

// ---- messages

Result<void> Meeting::judge_message(Participant& from, const ChatMessage& message) {
  const auto refused = [this](Reason reason, std::string field = {}) {
    ++context_.messages_refused;
    return refusal(reason, std::move(field));
  };
  if (!room_.settings.chat) return refused(Reason::chat_off);
  if (from.presence != Presence::meeting) return refused(Reason::in_lobby);
  if (message.payload.empty() || message.payload.size() > longest_message)
    return refused(Reason::message_malformed, "payload");
  if (message.type.empty() || message.type.size() > 128) return refused(Reason::message_malformed, "type");
  if (message.to != 0) {
    const Participant* to = context_.participants.find(message.to);
    if (!to || to->room != (message.room != 0 ? message.room : id_))
      return refused(Reason::participant_gone, "to");
  }
  const std::int64_t now_us = context_.loop.clock().now_us();
  if (!from.messages.take(1, now_us) ||
      !message_bytes_.take(static_cast<double>(message.payload.size()), now_us))
    return refused(Reason::messages_slowed);
  return {};
}

Result<void> Meeting::send_message(Participant& from, const ChatMessage& message) {
  Result<void> good = judge_message(from, message);
  if (good) tell_message(from, message);
  return good;
}

void Meeting::tell_message(const Participant& from, const ChatMessage& message) {
  ++context_.messages;
  context_.events.publish(id_, "message", EventDocument(message_document(from, message)));
}

} // namespace viadux
