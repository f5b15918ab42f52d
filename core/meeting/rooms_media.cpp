// The part of Rooms that has to do with media: sessions, and what media tells.
#include "core/log/log.hpp"
#include "core/meeting/documents.hpp"
#include "core/meeting/rooms.hpp"

#include <algorithm>

namespace viadux {

// ---- sessions

Result<SessionAnswer> Rooms::attach_session(ParticipantId id, const SessionOffer& offer) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone);
  return meeting->attach(*participant, offer);
}

Result<SessionAnswer> Rooms::update_session(SessionId session, const std::string& offer) {
  const auto [meeting, participant] = holder_of(session);
  if (!participant) return refusal(Reason::session_gone);
  return meeting->update(*participant, session, offer);
}

Result<SessionAnswer> Rooms::accept_session(SessionId session, const std::string& answer) {
  const auto [meeting, participant] = holder_of(session);
  if (!participant) return refusal(Reason::session_gone);
  return meeting->accept(*participant, session, answer);
}

Result<void> Rooms::add_candidates(SessionId session, const std::string& fragment) {
  if (!holder_of(session).second) return refusal(Reason::session_gone);
  return parts_.media.add_candidates(session, fragment);
}

Result<void> Rooms::close_session(SessionId session) {
  const auto [meeting, participant] = holder_of(session);
  if (!participant) return refusal(Reason::session_gone);
  meeting->detach(*participant, session, false);
  if (participant->leaves_with_session && participant->sessions.empty())
    return leave(participant->id, Reason::left);
  return {};
}

Result<void> Rooms::publish_track(ParticipantId id, const TrackInfo& track) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone);
  return meeting->publish(*participant, track);
}

void Rooms::withdraw_track(TrackId track) {
  const auto found = context_.tracks.find(track);
  if (found == context_.tracks.end()) return;
  if (Meeting* meeting = meetings_.find(found->second)) meeting->withdraw(track);
}

// ---- what media tells

void Rooms::on_session_connected(SessionId session) {
  const auto [meeting, participant] = holder_of(session);
  if (participant) meeting->connected(*participant, session);
}

void Rooms::on_session_closed(SessionId session, const std::string& reason) {
  const auto [meeting, participant] = holder_of(session);
  if (!participant) return;
  log_info("meeting", "media connection ended",
           {{"participant", handle_text(participant->id)},
            {"reason", reason},
            {"correlation_id", participant->correlation_id}});
  meeting->detach(*participant, session, true);
  if (participant->leaves_with_session && participant->sessions.empty())
    static_cast<void>(leave(participant->id, Reason::media_ended));
}

void Rooms::on_track_active(TrackId track, bool active) {
  const auto found = context_.tracks.find(track);
  if (found == context_.tracks.end()) return;
  if (Meeting* meeting = meetings_.find(found->second)) meeting->track_active(track, active);
}

// One worker's report covers many rooms; each gets its own part at once, since who is loudest is a
// comparison.
void Rooms::on_audio_levels(std::span<const AudioLevel> levels) {
  std::vector<std::pair<RoomId, AudioLevel>> by_room;
  by_room.reserve(levels.size());
  for (const AudioLevel& level : levels)
    if (const auto found = context_.tracks.find(level.track); found != context_.tracks.end())
      by_room.emplace_back(found->second, level);
  std::ranges::stable_sort(by_room, {}, &std::pair<RoomId, AudioLevel>::first);
  std::vector<AudioLevel> of_room;
  for (std::size_t i = 0; i < by_room.size(); ++i) {
    of_room.push_back(by_room[i].second);
    if (i + 1 < by_room.size() && by_room[i + 1].first == by_room[i].first) continue;
    if (Meeting* meeting = meetings_.find(by_room[i].first)) meeting->levels(of_room);
    of_room.clear();
  }
}

} // namespace viadux
