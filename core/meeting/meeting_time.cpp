// What happens in a meeting because time goes by.
#include "core/meeting/meeting.hpp"

namespace viadux {
namespace {

constexpr std::int64_t second_us = 1'000'000;

} // namespace

std::optional<Reason> Meeting::overdue(const Participant& participant) const {
  const std::int64_t now_us = context_.loop.clock().now_us();
  const MeetingOptions& options = context_.options;
  const std::int64_t lobby_us =
      room_.settings.lobby_s != 0 ? room_.settings.lobby_s * second_us : options.lobby_us;
  if (participant.presence == Presence::lobby && now_us - participant.lobby_since_us >= lobby_us)
    return Reason::lobby_timeout;
  if (participant.sessions.empty() && !participant.control_only &&
      now_us - participant.lonely_since_us >= options.no_media_us)
    return Reason::no_media;
  return std::nullopt;
}

void Meeting::set_ends_ms(std::int64_t ends_ms) {
  if (ends_ms == ends_ms_) return;
  ends_ms_ = ends_ms;
  if (!room_.on_demand) room_.expires_ms = ends_ms; // till when it is open for others
  warned_ = false;
  tell_room("meeting_changed");
}

bool Meeting::ends_at_once() const {
  return empty() && !breakout_ && breakouts_.empty() && room_.settings.empty_s == 0 &&
         context_.options.linger_us == 0;
}

std::optional<Reason> Meeting::tick(bool kept) {
  const RoomSettings& settings = room_.settings;
  const std::int64_t now_us = context_.loop.clock().now_us();
  if (ends_ms_ != 0 && now_ms() >= ends_ms_) return breakout_ ? Reason::breakout_ended : Reason::room_closed;
  if (ends_ms_ != 0 && !warned_ && now_ms() >= ends_ms_ - std::int64_t{settings.warn_s} * 1000) {
    warned_ = true;
    tell_room("meeting_ending_soon");
  }

  const bool hosted = has_host() || (context_.host_in_breakouts && context_.host_in_breakouts(id_));
  if (hosted || !had_host_) {
    hosts_gone_since_us_ = 0;
  } else if (!breakout_) {
    if (hosts_gone_since_us_ == 0) {
      hosts_gone_since_us_ = now_us;
      started_by_hand_ = false;
      if (settings.host_leaves == HostLeaves::lobby) send_to_lobby();
    }
    if (settings.host_leaves == HostLeaves::end &&
        now_us - hosts_gone_since_us_ >= settings.host_leaves_s * second_us)
      return Reason::hosts_gone;
  }

  // A break-out waits for its people: it ends by its own time, or with its parent.
  const std::int64_t linger_us =
      settings.empty_s != 0 ? settings.empty_s * second_us : context_.options.linger_us;
  if (!breakout_ && !kept && deserted_since_us_ != 0 && (empty() || had_person_) &&
      now_us - deserted_since_us_ >= linger_us)
    return Reason::nobody_left;
  return std::nullopt;
}

void Meeting::send_to_lobby() {
  const std::int64_t now_us = context_.loop.clock().now_us();
  had_host_ = false; // it has to be started again
  tell_room("meeting_changed");
  for (const ParticipantId id : members_) {
    Participant* participant = context_.participants.find(id);
    if (!participant || participant->role == Role::host || participant->kind == ParticipantKind::service ||
        participant->presence == Presence::lobby)
      continue;
    participant->presence = Presence::lobby;
    participant->passed_lock = false;
    participant->lobby_since_us = now_us;
    if (floor_ == participant->id) release_floor(*participant);
    apply_rights(*participant);
    tell("participant_changed", *participant);
  }
}

} // namespace viadux
