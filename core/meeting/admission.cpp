#include "core/meeting/admission.hpp"

#include "core/auth/constant_time.hpp"

namespace viadux {

PinVerdict judge_pin(const RoomPins& pins, const RoomSettings& settings, std::string_view given) {
  PinVerdict verdict;
  // Both are always compared, so that the time does not tell which of them was nearly right.
  const bool host = constant_time_equal(given, pins.host);
  const bool guest = constant_time_equal(given, pins.guest);
  if (pins.host.empty()) {
    verdict.role = Role::host;
  } else if (!given.empty()) {
    if (host) verdict.role = Role::host;
    if (guest && !host) verdict.role = Role::guest;
    verdict.by_pin = verdict.role.has_value();
    if (!verdict.role) verdict.reason = Reason::pin_wrong;
  } else if (pins.guest.empty() && settings.guests_without_pin && settings.guests_allowed) {
    verdict.role = Role::guest;
  } else {
    verdict.reason = Reason::pin_required;
  }
  if (verdict.role == Role::guest && !settings.guests_allowed) {
    verdict.role.reset();
    verdict.reason = Reason::guests_refused;
  }
  return verdict;
}

Result<void> check_pins(const RoomPins& pins) {
  if (!pins.host.empty() && !pin_ok(pins.host))
    return refusal(Reason::room_malformed, "host_pin", "a PIN has 4 to 20 digits");
  if (!pins.guest.empty() && !pin_ok(pins.guest))
    return refusal(Reason::room_malformed, "guest_pin", "a PIN has 4 to 20 digits");
  if (!pins.guest.empty() && pins.host.empty())
    return refusal(Reason::room_malformed, "guest_pin", "a guest PIN needs a host PIN beside it");
  if (!pins.guest.empty() && pins.guest == pins.host)
    return refusal(Reason::room_malformed, "guest_pin", "the guest PIN must differ from the host PIN");
  return {};
}

} // namespace viadux
