#include "core/meeting/room_row.hpp"

#include "core/meeting/documents.hpp"

#include <random>

namespace viadux {

std::string new_room_id() {
  std::random_device random; // the kernel's, on Linux
  const auto word = [&random] { return std::uint64_t{random()} << 32 | random(); };
  return handle_text(word()) + handle_text(word());
}

store::RoomRow to_row(const Room& room, std::int64_t created_ms) {
  store::RoomRow row;
  row.id = room.id;
  row.organisation = room.organisation;
  row.alias = room.alias;
  row.settings = to_json(room.settings);
  row.host_pin = room.pins.host;
  row.guest_pin = room.pins.guest;
  row.created_ms = created_ms;
  row.opens_ms = room.opens_ms;
  row.expires_ms = room.expires_ms;
  row.on_demand = room.on_demand;
  return row;
}

Result<Room> to_room(const store::RoomRow& row) {
  Result<RoomSettings> settings = room_settings_from_json(row.settings);
  if (!settings) return settings.error();
  Room room;
  room.id = row.id;
  room.organisation = row.organisation;
  room.alias = row.alias;
  room.settings = std::move(*settings);
  room.pins = {row.host_pin, row.guest_pin};
  room.opens_ms = row.opens_ms;
  room.expires_ms = row.expires_ms;
  room.on_demand = row.on_demand;
  return room;
}

} // namespace viadux
