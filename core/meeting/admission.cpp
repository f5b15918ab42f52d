#include "core/meeting/admission.hpp"

#include <array>
#include <cstddef>

namespace viadux {

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  constexpr std::size_t most = 64;
  std::array<unsigned char, most> left{};
  std::array<unsigned char, most> right{};
  const bool fits = a.size() <= most && b.size() <= most;
  if (fits) {
    a.copy(reinterpret_cast<char*>(left.data()), most);
    b.copy(reinterpret_cast<char*>(right.data()), most);
  }
  volatile unsigned char difference = static_cast<unsigned char>(a.size() != b.size());
  for (std::size_t i = 0; i < most; ++i)
    difference = static_cast<unsigned char>(difference | (left[i] ^ right[i]));
  return fits && difference == 0;
}

PinVerdict judge_pin(const RoomPins& pins, const RoomSettings& settings, std::string_view given) {
  PinVerdict verdict;
  // Both are always compared, so that the time does not tell which of them was nearly right.
  const bool host = equal_in_constant_time(given, pins.host);
  const bool guest = equal_in_constant_time(given, pins.guest);
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
