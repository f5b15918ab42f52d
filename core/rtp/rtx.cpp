#include "core/rtp/rtx.hpp"

#include "core/rtp/byte_order.hpp"

namespace viadux::rtp {

std::optional<PacketView> unwrap_rtx(const PacketView& rtx, std::uint32_t original_ssrc,
                                     std::uint8_t original_payload_type) {
  if (rtx.payload.size() < 2) return std::nullopt;
  PacketView original = rtx;
  original.sequence = load16(rtx.payload.data());
  original.payload = rtx.payload.subspan(2);
  original.ssrc = original_ssrc;
  original.payload_type = original_payload_type;
  return original;
}

} // namespace viadux::rtp
