// How a room behaves, as its owner set it. Kept in the store as JSON; PINs and times are columns of their
// own.
#pragma once

#include "core/mixer/mix_control.hpp"
#include "core/session/media_control.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

// What becomes of a meeting whose last host has left.
enum class HostLeaves : std::uint8_t {
  stay = 1,  // it goes on; with wait_for_host, guests who come later wait
  end = 2,   // it ends after host_leaves_s without a host
  lobby = 3, // its guests go back to the lobby at once and wait
};

struct RoomSettings {
  std::string name;               // what people read; "" shows the alias
  bool guests_without_pin = true; // with a host PIN and no guest PIN: is who gives none a guest, or refused
  bool guests_allowed = true;
  bool wait_for_host = false;         // guests wait in the lobby until a host is there
  bool lobby_when_locked = true;      // false: a locked room refuses instead of letting people knock
  std::uint32_t participants_max = 0; // 0 is the organisation's
  VideoCodec video_codec = VideoCodec::vp8;
  Layout layout = Layout::one_seven; // of composed pictures
  MediaRights host_rights;
  MediaRights guest_rights;
  // Hosts see the guests without sound, and guests get nothing at all. Comes on top of the rights above.
  bool one_way = false;
  bool mute_guests = false;       // when they come in
  bool guests_can_unmute = true;  // themselves, after a host has muted them
  bool guests_can_present = true; //
  bool chat = true;
  std::uint32_t lock_at = 0;  // locks when so many (services not counted) are in; 0 is never
  std::uint32_t lobby_s = 0;  // how long one waits to be let in, or for a host; 0 is the server's
  std::uint32_t empty_s = 0;  // how long the meeting outlives the last one; 0 is the server's
  std::uint32_t warn_s = 300; // meeting_ending_soon comes so long before the end
  HostLeaves host_leaves = HostLeaves::stay;
  std::uint32_t host_leaves_s = 60;
  std::int64_t starts_ms = 0; // as booked, for people; when it opens is a column of its own
};

// What the room allows this role, one_way included.
MediaRights rights_of_role(const RoomSettings& settings, bool host);

std::string_view to_word(HostLeaves leaves);
std::optional<HostLeaves> host_leaves_from(std::string_view word);

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
