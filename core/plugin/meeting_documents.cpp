#include "core/plugin/meeting_documents.hpp"

namespace viadux {
namespace {

// The core's enums begin at 1, the documents' at 0.
template <class To, class From>
To shifted(From value, int by) {
  return static_cast<To>(static_cast<int>(value) + by);
}

} // namespace

MediaRights to_core(const documents::Rights& rights) {
  MediaRights out;
  out.send_audio = rights.send_audio;
  out.send_video = rights.send_video;
  out.send_presentation = rights.send_presentation;
  out.receive_audio = rights.receive_audio;
  out.receive_video = rights.receive_video;
  out.receive_presentation = rights.receive_presentation;
  return out;
}

Role to_core(documents::Role role) {
  return shifted<Role>(role, 1);
}
ParticipantKind to_core(documents::ParticipantKind kind) {
  return shifted<ParticipantKind>(kind, 1);
}

NewRoom to_core(const documents::CreateRoom& wanted) {
  NewRoom room;
  room.settings.name = wanted.name;
  room.settings.guests_without_pin = wanted.guests_without_pin;
  room.settings.guests_allowed = wanted.guests_allowed;
  room.settings.wait_for_host = wanted.wait_for_host;
  room.settings.lobby_when_locked = wanted.lobby_when_locked;
  room.settings.participants_max = static_cast<std::uint32_t>(wanted.participants_max);
  room.pins.host = wanted.host_pin.value_or("");
  room.pins.guest = wanted.guest_pin.value_or("");
  room.opens_ms = wanted.opens_ms;
  room.expires_ms = wanted.expires_ms;
  return room;
}

documents::Role to_document(Role role) {
  return shifted<documents::Role>(role, -1);
}
documents::Presence to_document(Presence presence) {
  return shifted<documents::Presence>(presence, -1);
}

documents::Room to_document(const RoomInfo& info) {
  documents::Room out;
  out.room_id = info.room.id;
  out.organisation = info.room.organisation;
  out.alias = info.room.alias;
  out.name = info.room.settings.name.empty() ? info.room.alias : info.room.settings.name;
  out.running = Handle{info.running};
  out.participants = static_cast<std::int64_t>(info.participants);
  out.has_host_pin = !info.room.pins.host.empty();
  out.has_guest_pin = !info.room.pins.guest.empty();
  out.guests_without_pin = info.room.settings.guests_without_pin && info.room.settings.guests_allowed;
  return out;
}

documents::Participant to_document(const Participant& participant) {
  documents::Participant out;
  out.id = Handle{participant.id};
  out.room = Handle{participant.room};
  out.display_name = participant.display_name;
  out.protocol = participant.protocol;
  out.organisation = participant.own_organisation;
  out.correlation_id = participant.correlation_id;
  out.kind = shifted<documents::ParticipantKind>(participant.kind, -1);
  out.role = to_document(participant.role);
  out.presence = to_document(participant.presence);
  out.audio_muted = participant.audio_muted;
  out.video_muted = participant.video_muted;
  out.sessions = static_cast<std::int64_t>(participant.sessions.size());
  out.order = static_cast<std::int64_t>(participant.order);
  out.joined_ms = participant.joined_ms;
  return out;
}

documents::SessionAnswer to_document(const SessionAnswer& answer) {
  documents::SessionAnswer out;
  out.session = Handle{answer.session};
  out.answer = answer.answer;
  out.ice_ufrag = answer.ice_ufrag;
  out.ice_pwd = answer.ice_pwd;
  for (const TrackInfo& track : answer.tracks) {
    documents::Track copy;
    copy.id = Handle{track.id};
    copy.mid = track.mid;
    copy.kind = shifted<documents::MediaKind>(track.kind, -1);
    copy.content = shifted<documents::MediaContent>(track.content, -1);
    out.tracks.push_back(std::move(copy));
  }
  for (const SlotInfo& slot : answer.slots) {
    documents::Slot copy;
    copy.index = slot.index;
    copy.mid = slot.mid;
    copy.kind = shifted<documents::MediaKind>(slot.kind, -1);
    copy.content = shifted<documents::MediaContent>(slot.content, -1);
    out.slots.push_back(std::move(copy));
  }
  return out;
}

} // namespace viadux
