// Between a room as it is stored and as the meeting knows it.
#pragma once

#include "core/meeting/meeting.hpp"
#include "core/store/room_repository.hpp"

namespace viadux {

// 128 random bits as text.
std::string new_room_id();
store::RoomRow to_row(const Room& room, std::int64_t created_ms);
// bad_argument/room_malformed for settings that somebody has damaged by hand.
Result<Room> to_room(const store::RoomRow& row);

} // namespace viadux
