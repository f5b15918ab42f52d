// Which PIN makes whom. Pure; compares in constant time.
#pragma once

#include "core/meeting/participant.hpp"
#include "core/meeting/reasons.hpp"
#include "core/meeting/room_settings.hpp"

#include <optional>
#include <string>
#include <variant>

namespace viadux {

// Rooms without any PIN make everybody a host. With a host PIN: it makes a host; the guest PIN, or no PIN at
// all where guests_without_pin says so, makes a guest. A PIN where none is set is ignored, a wrong one never
// is.
struct RoomPins {
  std::string host; // "" is none
  std::string guest;
};

struct PinVerdict {
  std::optional<Role> role;     // admitted as
  Reason reason = Reason::left; // otherwise: pin_required, pin_wrong or guests_refused
  bool by_pin = false;          // a right PIN was given
};

PinVerdict judge_pin(const RoomPins& pins, const RoomSettings& settings, std::string_view given);

// A guest PIN needs a host PIN, and they differ: else nobody could tell guest from host.
Result<void> check_pins(const RoomPins& pins);

} // namespace viadux
