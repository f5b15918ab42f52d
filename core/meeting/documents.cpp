#include "core/meeting/documents.hpp"

#include <viadux/documents/events.hpp>

namespace viadux {
namespace {

documents::Participant participant_of(const Participant& participant) {
  documents::Participant document;
  document.id = Handle{participant.id};
  document.room = Handle{participant.room};
  document.display_name = participant.display_name;
  document.protocol = participant.protocol;
  document.organisation = participant.own_organisation;
  document.correlation_id = participant.correlation_id;
  // The core's values begin at 1, so that nothing zeroed by mistake is a role.
  document.kind = static_cast<documents::ParticipantKind>(static_cast<int>(participant.kind) - 1);
  document.role = participant.role == Role::host ? documents::Role::host : documents::Role::guest;
  document.presence =
      participant.presence == Presence::lobby ? documents::Presence::lobby : documents::Presence::meeting;
  document.audio_muted = participant.audio_muted;
  document.video_muted = participant.video_muted;
  document.sessions = static_cast<std::int64_t>(participant.sessions.size());
  document.order = static_cast<std::int64_t>(participant.order);
  document.joined_ms = participant.joined_ms;
  return document;
}

documents::Meeting meeting_of(const Meeting& meeting) {
  const Room& room = meeting.room();
  documents::Meeting document;
  document.id = Handle{meeting.id()};
  document.room_id = room.id;
  document.organisation = room.organisation;
  document.alias = room.alias;
  document.name = room.settings.name.empty() ? room.alias : room.settings.name;
  document.locked = meeting.locked();
  document.speaker = Handle{meeting.director().speaker()};
  document.presenter = Handle{meeting.director().presenter()};
  for (const ParticipantId participant : meeting.spotlight())
    document.spotlight.push_back(Handle{participant});
  document.participants = static_cast<std::int64_t>(meeting.members().size());
  document.started_ms = meeting.started_ms();
  return document;
}

} // namespace

std::string handle_text(std::uint64_t handle) {
  return write_handle(Handle{handle});
}

std::string participant_document(const Participant& participant) {
  return write_document(participant_of(participant));
}

std::string participant_left_document(const Participant& participant, Reason reason) {
  documents::Participant document = participant_of(participant);
  document.reason = std::string(word_of(reason));
  return write_document(document);
}

std::string meeting_document(const Meeting& meeting) {
  return write_document(meeting_of(meeting));
}

std::string snapshot_document(const Meeting& meeting, const HandleTable<Participant, 2>& participants) {
  Json::Array list;
  for (const ParticipantId id : meeting.members())
    if (const Participant* participant = participants.find(id))
      list.push_back(to_json(participant_of(*participant)));
  Json document;
  document.set("meeting", to_json(meeting_of(meeting)));
  document.set("participants", Json(std::move(list)));
  return document.dump();
}

} // namespace viadux
