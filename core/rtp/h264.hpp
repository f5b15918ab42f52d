// H.264 payloads (RFC 6184), as far as a router needs to see into them. [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace viadux::rtp {

struct H264Description {
  bool has_parameters = false; // a sequence parameter set is in this packet
  bool starts_idr = false;     // an IDR picture begins in this packet
  bool starts_nal = true;      // false in the middle of a fragmented NAL unit
  // The packetization mode that a receiver needs (section 6.2): 0 for single NAL units, 1 for STAP-A and
  // FU-A, 2 for what we do not forward.
  std::uint8_t mode = 0;
  std::uint16_t width = 0; // from the sequence parameter set; 0 if not said here
  std::uint16_t height = 0;
};

// Nothing if the payload is empty or cut short.
std::optional<H264Description> parse_h264(std::span<const std::uint8_t> payload);

} // namespace viadux::rtp
