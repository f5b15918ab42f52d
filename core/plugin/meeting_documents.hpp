// The meeting's and the media's types to the border's documents, and back. Pure.
#pragma once

#include "core/meeting/documents.hpp" // a participant's
#include "core/meeting/rooms.hpp"

#include <viadux/documents/breakout.hpp>
#include <viadux/documents/media.hpp>

namespace viadux {

MediaRights to_core(const documents::Rights& rights);
Role to_core(documents::Role role);
ParticipantKind to_core(documents::ParticipantKind kind);
NewRoom to_core(const documents::CreateRoom& wanted);
NewBreakout to_core(const documents::CreateBreakout& wanted);

documents::Role to_document(Role role);
documents::Presence to_document(Presence presence);
documents::Room to_document(const RoomInfo& info);
documents::SessionAnswer to_document(const SessionAnswer& answer);

} // namespace viadux
