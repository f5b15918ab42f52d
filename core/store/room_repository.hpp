// Rooms as they are stored. Settings are a JSON document that only the meeting folder understands. [control]
#pragma once

#include "core/store/storage.hpp"

#include <string>
#include <vector>

namespace viadux::store {

struct RoomRow {
  std::string id;           // random, never reused; what bookings point at
  std::string organisation; // code
  std::string alias;        // lower case; unique in its organisation
  std::string settings;     // JSON object
  std::string host_pin;     // "" is none. Never logged
  std::string guest_pin;    // "" is none. Never logged
  std::int64_t created_ms = 0;
  std::int64_t opens_ms = 0;   // before this nobody sees it; 0 is at once
  std::int64_t expires_ms = 0; // from this on nobody sees it, and the sweeper takes it; 0 is never
  bool on_demand = false;      // made by the first use of an unknown alias
};

struct RoomCaps {
  std::int64_t rooms = 0;     // in the organisation; 0 is no limit
  std::int64_t on_demand = 0; // of those, made on demand; 0 is no limit
};

class RoomRepository {
 public:
  explicit RoomRepository(Storage& storage) : storage_(storage) {}

  // refused/alias_taken; busy/rooms_full when the organisation is at its cap.
  void add(RoomRow room, RoomCaps caps, Done<void> done);
  // Adds it, or gives the one that has the alias already: for first use by two at once. busy/rooms_full.
  void find_or_add(RoomRow room, RoomCaps caps, Done<RoomRow> done);
  // not_found/room_unknown.
  void find(std::string organisation, std::string alias, Done<RoomRow> done);
  // Settings, PINs and times of the row with this id. not_found/room_unknown.
  void update(RoomRow room, Done<void> done);
  void remove(std::string id, Done<void> done);
  // By alias, those after `after_alias`, at most `limit` (1 to 1000).
  void list(std::string organisation, std::string after_alias, std::int64_t limit,
            Done<std::vector<RoomRow>> done);

 private:
  Storage& storage_;
};

} // namespace viadux::store
