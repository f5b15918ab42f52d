// What a packet is, by its first bytes (RFC 7983, RFC 5761 section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace viadux {

enum class PacketKind : std::uint8_t { unknown, stun, dtls, rtp, rtcp };

constexpr PacketKind packet_kind(std::span<const std::uint8_t> packet) {
  if (packet.empty()) return PacketKind::unknown;
  const std::uint8_t first = packet[0];
  if (first <= 3) return PacketKind::stun;
  if (first >= 20 && first <= 63) return PacketKind::dtls;
  if (first < 128 || first > 191 || packet.size() < 8) return PacketKind::unknown;
  // RTCP's packet types 192 to 223 are RTP's payload types 64 to 95 with the marker: nobody may use those.
  return packet[1] >= 192 && packet[1] <= 223 ? PacketKind::rtcp : PacketKind::rtp;
}

// The size of an RTP packet's header: the fixed part, the CSRCs and the extension (RFC 3550 5.1, 5.3.1). 0
// where it is malformed or does not lie within the packet.
constexpr std::size_t rtp_header_size(std::span<const std::uint8_t> packet) {
  if (packet.size() < 12 || packet[0] >> 6 != 2) return 0;
  std::size_t header = 12 + 4U * (packet[0] & 0x0f);
  if (packet[0] & 0x10) {
    if (packet.size() < header + 4) return 0;
    header += 4 + 4 * (static_cast<std::size_t>(packet[header + 2]) << 8 | packet[header + 3]);
  }
  return header <= packet.size() ? header : 0;
}

} // namespace viadux
