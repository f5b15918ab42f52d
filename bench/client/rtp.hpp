// RTP packets (RFC 3550 5.1) with one-byte header extensions (RFC 8285 4.2).
#pragma once

#include "bench/client/bytes.hpp"

#include <array>
#include <optional>
#include <vector>

namespace viadux::bench {

constexpr std::size_t max_datagram = 1500;

struct RtpHeader {
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
};

struct RtpPacket {
  RtpHeader header;
  std::array<Bytes, 15> extensions{}; // by id; empty where there is none
  Bytes payload;                      // without padding
};

std::optional<RtpPacket> parse_rtp(Bytes packet);

// Builds a packet into a buffer of max_datagram and more: header, extensions in any order, payload.
class RtpBuilder {
 public:
  RtpBuilder(std::uint8_t* buffer, const RtpHeader& header);
  void extension(std::uint8_t id, Bytes value); // id 0 is ignored: not negotiated
  std::size_t finish(Bytes payload);            // the packet's size

 private:
  std::uint8_t* buffer_;
  std::uint8_t* at_;
};

inline bool is_rtp_or_rtcp(Bytes datagram) {
  return datagram.size() >= 8 && (datagram[0] & 0xC0) == 0x80;
}
inline bool is_rtcp(Bytes datagram) {
  return datagram[1] >= 192 && datagram[1] <= 223;
} // RFC 5761 section 4

} // namespace viadux::bench
