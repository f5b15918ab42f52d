#include "core/meeting/documents.hpp"

#include <boost/json.hpp>

namespace viadux {
namespace json = boost::json;
namespace {

json::object to_object(const Participant& participant) {
  return {
      {"id", handle_text(participant.id)},
      {"room", handle_text(participant.room)},
      {"display_name", participant.display_name},
      {"protocol", participant.protocol},
      {"organisation", participant.own_organisation},
      {"correlation_id", participant.correlation_id},
      {"kind", to_word(participant.kind)},
      {"role", to_word(participant.role)},
      {"presence", to_word(participant.presence)},
      {"audio_muted", participant.audio_muted},
      {"video_muted", participant.video_muted},
      {"sessions", participant.sessions.size()},
      {"order", participant.order},
      {"joined_ms", participant.joined_ms},
  };
}

json::value handle_or_null(std::uint64_t handle) {
  if (handle == 0) return nullptr;
  return json::value(handle_text(handle));
}

json::object to_object(const Meeting& meeting) {
  json::array spotlight;
  for (const ParticipantId participant : meeting.spotlight())
    spotlight.emplace_back(handle_text(participant));
  const Room& room = meeting.room();
  return {
      {"id", handle_text(meeting.id())},
      {"room_id", room.id},
      {"organisation", room.organisation},
      {"alias", room.alias},
      {"name", room.settings.name.empty() ? room.alias : room.settings.name},
      {"locked", meeting.locked()},
      {"speaker", handle_or_null(meeting.director().speaker())},
      {"presenter", handle_or_null(meeting.director().presenter())},
      {"spotlight", std::move(spotlight)},
      {"participants", meeting.members().size()},
      {"started_ms", meeting.started_ms()},
  };
}

} // namespace

std::string handle_text(std::uint64_t handle) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; handle >>= 4)
    text[i] = digits[handle & 15];
  return text;
}

std::string participant_document(const Participant& participant) {
  return json::serialize(to_object(participant));
}

std::string participant_left_document(const Participant& participant, Reason reason) {
  json::object object = to_object(participant);
  object["reason"] = word_of(reason);
  return json::serialize(object);
}

std::string meeting_document(const Meeting& meeting) {
  return json::serialize(to_object(meeting));
}

std::string snapshot_document(const Meeting& meeting, const HandleTable<Participant, 2>& participants) {
  json::array list;
  for (const ParticipantId id : meeting.members())
    if (const Participant* participant = participants.find(id)) list.emplace_back(to_object(*participant));
  const json::object object{{"meeting", to_object(meeting)}, {"participants", std::move(list)}};
  return json::serialize(object);
}

} // namespace viadux
