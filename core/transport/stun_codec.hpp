// What the STUN parser and writer share. For stun_*.cpp only.
#pragma once

#include "core/transport/byte_order.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace viadux::stun {

inline constexpr std::uint32_t magic_cookie = 0x2112a442;
inline constexpr std::size_t header_size = 20;
inline constexpr std::size_t integrity_size = 20; // HMAC-SHA1

enum Attribute : std::uint16_t { // RFC 8489 18.3, RFC 8445 20.1
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000a,
  xor_mapped_address = 0x0020,
  priority = 0x0024,
  use_candidate = 0x0025,
  software = 0x8022,
  fingerprint = 0x8028,
  ice_controlled = 0x8029,
  ice_controlling = 0x802a,
};

// HMAC-SHA1 of `message` with its length field read as `length` (RFC 8489 14.5: as if the integrity were the
// last).
std::array<std::uint8_t, integrity_size> integrity(std::span<const std::uint8_t> message, std::size_t length,
                                                   std::string_view password);
// RFC 8489 14.7: CRC-32 of `message`, xored.
std::uint32_t fingerprint_of(std::span<const std::uint8_t> message);

} // namespace viadux::stun
