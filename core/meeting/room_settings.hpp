// How a room behaves, as its owner set it. Kept in the store as JSON; PINs and times are columns of their
// own.
#pragma once

#include "core/session/media_control.hpp"

#include <cstdint>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

struct RoomSettings {
  std::string name;               // what people read; "" shows the alias
  bool guests_without_pin = true; // with a host PIN and no guest PIN: is who gives none a guest, or refused
  bool guests_allowed = true;
  bool wait_for_host = false;         // guests wait in the lobby until a host is there
  bool lobby_when_locked = true;      // false: a locked room refuses instead of letting people knock
  std::uint32_t participants_max = 0; // 0 is the organisation's
  VideoCodec video_codec = VideoCodec::vp8;
  MediaRights
      host_rights; // one-way rooms: guests {receive_*: false}, hosts {send_*: false, receive_audio: false}
  MediaRights guest_rights;
};

// JSON both ways. Unknown fields are ignored; a field of the wrong type is bad_argument/room_malformed with
// its name.
std::string to_json(const RoomSettings& settings);
Result<RoomSettings> room_settings_from_json(std::string_view json);

// 1 to 64 of a-z 0-9 . _ - and not beginning with a dot; call it on the lower-cased local part.
bool alias_ok(std::string_view alias);
// 4 to 20 digits.
bool pin_ok(std::string_view pin);

// What an organisation may use. Zero is no limit.
struct OrganisationLimits {
  bool known = false; // false: no such organisation, or not connected: nobody finds any room in it
  bool rooms_on_demand = false;
  std::uint32_t rooms_on_demand_max = 100;
  std::uint32_t rooms_max = 0;
  std::uint32_t participants_max = 0;      // at the same time, in all its rooms
  std::uint32_t room_participants_max = 0; // in one room
  // Never made on demand: their owner has defined them, with PINs that such a room would lack.
  std::vector<std::string> defined_aliases;
  RoomSettings on_demand; // what a room made on demand is like
};

} // namespace viadux
