#include "core/plugin/meeting_documents.hpp"

#include <algorithm>

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
  const auto small = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  room.settings.one_way = wanted.one_way;
  room.settings.mute_guests = wanted.mute_guests;
  room.settings.guests_can_unmute = wanted.guests_can_unmute;
  room.settings.guests_can_present = wanted.guests_can_present;
  room.settings.chat = wanted.chat;
  room.settings.lock_at = small(wanted.lock_at);
  room.settings.lobby_s = small(wanted.lobby_s);
  room.settings.empty_s = small(wanted.empty_s);
  room.settings.warn_s = small(wanted.warn_s);
  room.settings.host_leaves = shifted<HostLeaves>(wanted.host_leaves, 1);
  room.settings.host_leaves_s = small(wanted.host_leaves_s);
  room.settings.starts_ms = wanted.starts_ms;
  room.opens_ms = wanted.opens_ms;
  if (wanted.opens_ms == 0 && wanted.starts_ms != 0)
    room.opens_ms = std::max<std::int64_t>(0, wanted.starts_ms - wanted.opens_before_s * 1000);
  room.expires_ms = wanted.expires_ms;
  return room;
}

NewBreakout to_core(const documents::CreateBreakout& wanted) {
  NewBreakout breakout;
  breakout.name = wanted.name;
  breakout.duration_s = static_cast<std::uint32_t>(wanted.duration_s);
  breakout.traits.description = wanted.breakout.description;
  breakout.traits.disconnects = wanted.breakout.end_action == documents::BreakoutEnd::disconnect;
  breakout.traits.guests_may_leave = wanted.breakout.guests_may_leave;
  for (const Handle participant : wanted.participants)
    breakout.participants.push_back(participant.value);
  return breakout;
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
