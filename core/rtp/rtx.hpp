// Retransmission payloads (RFC 4588 section 4): two bytes of original sequence number, then the original
// payload. [any thread]
#pragma once

#include "core/rtp/packet.hpp"

#include <cstdint>
#include <optional>

namespace viadux::rtp {

// The original packet inside `rtx`, as a view on the same bytes; the header extensions are those of the RTX
// packet. Nothing if it is too short: a packet of padding alone (a bandwidth probe) is such a one.
std::optional<PacketView> unwrap_rtx(const PacketView& rtx, std::uint32_t original_ssrc,
                                     std::uint8_t original_payload_type);

} // namespace viadux::rtp
