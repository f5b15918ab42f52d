// The part of Rooms that moves people between rooms, and its break-outs.
#include "core/meeting/rooms.hpp"

#include <algorithm>

namespace viadux {

bool Rooms::host_in_breakouts(RoomId room) const {
  const Meeting* meeting = meetings_.find(room);
  return meeting && std::ranges::any_of(meeting->breakouts(), [this](RoomId id) {
           const Meeting* breakout = meetings_.find(id);
           return breakout && breakout->has_host();
         });
}

bool Rooms::breakouts_occupied(const Meeting& meeting) const {
  return std::ranges::any_of(meeting.breakouts(), [this](RoomId id) {
    const Meeting* breakout = meetings_.find(id);
    return breakout && !breakout->empty();
  });
}

std::size_t Rooms::people_of(RoomId family) const {
  const Meeting* meeting = meetings_.find(family);
  if (!meeting) return 0;
  std::size_t people = meeting->members().size();
  for (const RoomId breakout : meeting->breakouts())
    people += meetings_.find(breakout)->members().size();
  return people;
}

// Nobody is in it, nor in its break-outs.
bool Rooms::idle(const Meeting& meeting) const {
  return meeting.empty() && !breakouts_occupied(meeting);
}

Result<void> Rooms::move(ParticipantId id, RoomId room) {
  const auto [from, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone, "participant");
  Meeting* to = meetings_.find(room);
  if (!to) return refusal(Reason::room_gone, "room");
  if (to == from) return {};
  if (to->room().settings.video_codec != from->room().settings.video_codec)
    return refusal(Reason::codecs_differ, "room");
  const std::string organisation = to->room().organisation;
  // Who goes to a break-out or back has its place in the house already.
  if (family_of(room) != family_of(from->id())) {
    const OrganisationLimits limits = parts_.organisation(organisation);
    if (auto full = check_caps(to, organisation, to->room().settings, limits)) return refuse(*full);
  }
  if (organisation != from->room().organisation) {
    if (--in_organisation_[from->room().organisation] == 0) in_organisation_.erase(from->room().organisation);
    ++in_organisation_[organisation];
  }
  from->move(*participant, *to);
  ++context_.moves;
  if (from->ends_at_once()) end_meeting(*from);
  return {};
}

// ---- break-outs

Result<RoomId> Rooms::create_breakout(RoomId of, NewBreakout wanted) {
  const RoomId parent_id = family_of(of); // one made from within a break-out is its sister
  Meeting* parent = meetings_.find(parent_id);
  if (!parent) return refusal(Reason::room_gone, "room");
  if (parent->breakouts().size() >= breakouts_per_room) return refusal(Reason::breakouts_full);
  if (context_.options.meetings_max != 0 && meetings_.size() >= context_.options.meetings_max)
    return refuse(Reason::node_full);
  Room room = parent->room();
  room.settings.name = cut_name(std::move(wanted.name));
  room.settings.wait_for_host = false;
  room.settings.host_leaves = HostLeaves::stay;
  room.settings.lock_at = 0;
  room.settings.starts_ms = 0;
  room.on_demand = false; // nothing of it is in the store
  room.opens_ms = 0;
  room.expires_ms =
      wanted.duration_s == 0 ? 0 : parts_.loop.clock().wall_ms() + wanted.duration_s * std::int64_t{1000};
  wanted.traits.parent = parent_id;
  const RoomId id = meetings_.make(context_, std::move(room), std::move(wanted.traits)).id();
  ++counters_.breakouts_started;
  meetings_.find(parent_id)->add_breakout(id);
  for (const ParticipantId participant : wanted.participants) {
    const Participant* who = context_.participants.find(participant);
    // Whoever has left meanwhile is no reason to make no room.
    if (who && family_of(who->room) == parent_id) static_cast<void>(move(participant, id));
  }
  return id;
}

Result<void> Rooms::close_breakout(RoomId id) {
  const Meeting* meeting = meetings_.find(id);
  if (!meeting) return refusal(Reason::room_gone, "room");
  if (!meeting->breakout()) return refusal(Reason::not_a_breakout, "room");
  if (!meeting->breakout()->disconnects) {
    const RoomId parent = meeting->breakout()->parent;
    const std::vector<ParticipantId> members = meeting->members();
    for (const ParticipantId participant : members)
      static_cast<void>(move(participant, parent));
  }
  return end(id, Reason::breakout_ended);
}

Result<void> Rooms::close_breakouts(RoomId of) {
  const Meeting* parent = meetings_.find(family_of(of));
  if (!parent) return refusal(Reason::room_gone, "room");
  const std::vector<RoomId> breakouts = parent->breakouts();
  for (const RoomId breakout : breakouts)
    static_cast<void>(close_breakout(breakout));
  return {};
}

Result<void> Rooms::leave_breakout(ParticipantId id, ParticipantId by) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone, "participant");
  if (!meeting->breakout()) return refusal(Reason::not_a_breakout, "participant");
  if (by == id && participant->role != Role::host && !meeting->breakout()->guests_may_leave)
    return refusal(Reason::host_only);
  return move(id, meeting->breakout()->parent);
}

Result<void> Rooms::message_breakouts(ParticipantId from, const ChatMessage& message) {
  const auto [meeting, participant] = whereabouts(from);
  if (!participant) return refusal(Reason::participant_gone, "from");
  if (auto may = may_steer(from, meeting->id()); !may) return may;
  if (auto good = meeting->judge_message(*participant, message); !good) return good;
  for (const RoomId breakout : meetings_.find(family_of(meeting->id()))->breakouts())
    meetings_.find(breakout)->tell_message(*participant, message);
  return {};
}

} // namespace viadux
