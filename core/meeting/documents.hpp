// What events and snapshots of a meeting say, as JSON objects. Handles are 16 hexadecimal digits, since
// JavaScript's numbers cannot hold them. PINs are never in them. [control]
#pragma once

#include "core/meeting/meeting.hpp"

#include <string>

namespace viadux {

std::string handle_text(std::uint64_t handle);

// {id, room, display_name, role, kind, presence, protocol, …}
std::string participant_document(const Participant& participant);
// The same with {reason}: why it left.
std::string participant_left_document(const Participant& participant, Reason reason);
// {id, organisation, alias, name, locked, speaker, presenter, spotlight, participants: <number>}
std::string meeting_document(const Meeting& meeting);
// {meeting, participants: […]}: the whole state.
std::string snapshot_document(const Meeting& meeting, const HandleTable<Participant, 2>& participants);

} // namespace viadux
