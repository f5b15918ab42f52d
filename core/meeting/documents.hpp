// What events and snapshots of a meeting say, as the SDK's documents (<viadux/documents/events.hpp>). Handles
// are 16 hexadecimal digits, since JavaScript's numbers cannot hold them. PINs are never in them. [control]
#pragma once

#include "core/meeting/meeting.hpp"

#include <string>
#include <viadux/documents/events.hpp>

namespace viadux {

std::string handle_text(std::uint64_t handle);

// The border's calls give the same.
documents::Participant to_document(const Participant& participant);

// A documents::Participant.
std::string participant_document(const Participant& participant);
// The same with its `reason`: why it left, and where it was moved to (0: nowhere).
std::string participant_left_document(const Participant& participant, Reason reason, RoomId moved_to);
// A documents::Message.
std::string message_document(const Participant& from, const ChatMessage& message);
// A documents::Digits.
std::string digits_document(ParticipantId from, ParticipantId to, const std::string& digits);
// A documents::Meeting.
std::string meeting_document(const Meeting& meeting);
// {meeting, participants: […]}: the whole state, as documents::Snapshot has it; of a large room a page, with
// `more`. It begins after the participant of the order `after`.
inline constexpr std::size_t snapshot_page_bytes = 128 * 1024; // half of what a document may hold
std::string snapshot_document(const Meeting& meeting, const HandleTable<Participant, 2>& participants,
                              std::uint64_t after = 0);

} // namespace viadux
