#include "core/meeting/documents.hpp"

#include <algorithm>

namespace viadux {
namespace {

documents::Meeting meeting_of(const Meeting& meeting) {
  const Room& room = meeting.room();
  documents::Meeting document;
  document.id = Handle{meeting.id()};
  document.room_id = room.id;
  document.organisation = room.organisation;
  document.alias = room.alias;
  document.name = room.settings.name.empty() ? room.alias : room.settings.name;
  document.locked = meeting.locked();
  document.started = meeting.started();
  document.has_host = meeting.has_host();
  document.has_host_pin = !room.pins.host.empty();
  document.guests_muted = meeting.guests_muted();
  document.guests_can_unmute = meeting.guests_can_unmute();
  document.guests_can_present = meeting.guests_can_present();
  document.layout = to_word(meeting.layout());
  document.text = meeting.text();
  document.chat = room.settings.chat;
  document.one_way = room.settings.one_way;
  document.speaker = Handle{meeting.director().speaker()};
  document.presenter = Handle{meeting.presenter()};
  for (const ParticipantId participant : meeting.spotlight())
    document.spotlight.push_back(Handle{participant});
  document.participants = static_cast<std::int64_t>(meeting.members().size());
  document.started_ms = meeting.started_ms();
  document.starts_ms = room.settings.starts_ms;
  document.ends_ms = meeting.ends_ms();
  for (const RoomId breakout : meeting.breakouts())
    document.breakouts.push_back(Handle{breakout});
  if (const auto& traits = meeting.breakout()) {
    document.parent = Handle{traits->parent};
    documents::Breakout breakout;
    breakout.description = traits->description;
    breakout.end_action =
        traits->disconnects ? documents::BreakoutEnd::disconnect : documents::BreakoutEnd::transfer;
    breakout.guests_may_leave = traits->guests_may_leave;
    document.breakout = std::move(breakout);
  }
  return document;
}

} // namespace

documents::Participant to_document(const Participant& participant) {
  documents::Participant document;
  document.id = Handle{participant.id};
  document.uuid = participant.uuid;
  document.room = Handle{participant.room};
  document.display_name = participant.display_name;
  document.protocol = participant.protocol;
  document.organisation = participant.own_organisation;
  document.correlation_id = participant.correlation_id;
  document.call_tag = participant.call_tag;
  // The core's values begin at 1, so that nothing zeroed by mistake is a role.
  document.kind = static_cast<documents::ParticipantKind>(static_cast<int>(participant.kind) - 1);
  document.role = participant.role == Role::host ? documents::Role::host : documents::Role::guest;
  document.presence =
      participant.presence == Presence::lobby ? documents::Presence::lobby : documents::Presence::meeting;
  document.audio_muted = participant.audio_muted;
  document.audio_muted_by_host = participant.audio_muted_by_host;
  document.video_muted = participant.video_muted;
  document.client_audio_muted = participant.client_audio_muted;
  document.client_video_muted = participant.client_video_muted;
  document.has_media = !participant.sessions.empty();
  document.presenting = participant.presenting;
  document.may_present = participant.may_present;
  document.records = participant.records();
  document.presentation_denied = participant.presentation_denied;
  document.presentation_in_picture = participant.presentation_in_picture;
  document.speaks_in = participant.speaks_in;
  document.hears = participant.hears;
  document.hand_raised_ms = participant.hand_raised_ms;
  document.spotlight = static_cast<std::int64_t>(participant.spotlight);
  document.spotlight_ms = participant.spotlight_ms;
  document.sessions = static_cast<std::int64_t>(participant.sessions.size());
  document.order = static_cast<std::int64_t>(participant.order);
  document.joined_ms = participant.joined_ms;
  return document;
}

std::string handle_text(std::uint64_t handle) {
  return write_handle(Handle{handle});
}

std::string participant_document(const Participant& participant) {
  return write_document(to_document(participant));
}

std::string participant_left_document(const Participant& participant, Reason reason, RoomId moved_to) {
  documents::Participant document = to_document(participant);
  document.reason = std::string(word_of(reason));
  document.moved_to = Handle{moved_to};
  return write_document(document);
}

std::string message_document(const Participant& from, const ChatMessage& message) {
  documents::Message document;
  document.from = Handle{from.id};
  document.from_uuid = from.uuid;
  document.from_name = from.display_name;
  document.to = Handle{message.to};
  document.type = message.type;
  document.payload = message.payload;
  return write_document(document);
}

std::string digits_document(ParticipantId from, ParticipantId to, const std::string& digits) {
  documents::Digits document;
  document.from = Handle{from};
  document.to = Handle{to};
  document.digits = digits;
  return write_document(document);
}

std::string meeting_document(const Meeting& meeting) {
  return write_document(meeting_of(meeting));
}

std::string snapshot_document(const Meeting& meeting, const HandleTable<Participant, 2>& participants,
                              std::uint64_t after) {
  // In the order of joining, not of the room: who was moved in stands at the end of that.
  std::vector<const Participant*> rest;
  for (const ParticipantId id : meeting.members())
    if (const Participant* participant = participants.find(id); participant && participant->order > after)
      rest.push_back(participant);
  std::ranges::sort(rest, {}, &Participant::order);
  std::string people;
  bool more = false;
  for (const Participant* participant : rest) {
    const std::string one = participant_document(*participant);
    more = !people.empty() && people.size() + one.size() > snapshot_page_bytes;
    if (more) break;
    people += (people.empty() ? "" : ",") + one;
  }
  return R"({"meeting":)" + meeting_document(meeting) + R"(,"participants":[)" + people + "]" +
         (more ? R"(,"more":true})" : "}");
}

} // namespace viadux
