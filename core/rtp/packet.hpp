// The RTP header (RFC 3550 section 5.1), read in place and written into the caller's buffer. [any thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace viadux::rtp {

inline constexpr std::size_t header_size = 12;
inline constexpr std::size_t max_packet_size = 1500; // what the media path carries; larger ones are dropped

// What the header's extension block is (RFC 8285 sections 4.2 and 4.3). Other profiles are kept as `none`.
enum class ExtensionForm : std::uint8_t { none = 0, one_byte = 1, two_byte = 2 };

// A parsed packet; the spans point into the buffer given to parse().
struct PacketView {
  bool marker = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::uint8_t csrc_count = 0;
  std::uint8_t padding_size = 0;
  ExtensionForm extension_form = ExtensionForm::none;
  std::span<const std::uint8_t> csrcs;      // 4 bytes each
  std::span<const std::uint8_t> extensions; // the block's elements, without its 4-byte header
  std::span<const std::uint8_t> payload;    // without padding; empty in a packet of padding alone
};

// Nothing if it is not a whole RTP packet of version 2.
std::optional<PacketView> parse(std::span<const std::uint8_t> packet);

// RTP or RTCP on one port (RFC 5761 section 4): payload types 64-95 with the marker bit are RTCP.
constexpr bool looks_like_rtcp(std::span<const std::uint8_t> packet) {
  return packet.size() >= 2 && packet[1] >= 192 && packet[1] <= 223;
}

struct Header {
  bool marker = false;
  bool padding = false;
  bool extension = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
};

// Writes 12 bytes; `out` has room for them.
void write_header(const Header& header, std::uint8_t* out);

} // namespace viadux::rtp
