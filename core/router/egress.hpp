// Where a subscription's packets go: the receiving session, which gives them its own header extensions,
// encrypts and sends them. [worker]
#pragma once

#include "core/router/packet_ring.hpp"
#include "core/rtp/extensions.hpp"
#include "core/rtp/vp8.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace viadux::router {

// One packet as one receiver gets it: where its payload is, and what is different for this receiver.
struct OutPacket {
  const StoredPacket* source = nullptr; // null: a packet of padding alone, to fill a sequence number
  std::uint32_t ssrc = 0;
  std::uint32_t timestamp = 0;
  std::uint16_t sequence = 0;
  std::uint8_t payload_type = 0;
  bool marker = false;
  bool rewrite_vp8 = false;
  rtp::Vp8Rewrite vp8;
};

class Egress {
 public:
  virtual ~Egress() = default;
  // A run of 1 to 64 packets, in the order to send them. The packets and what they point to are valid during
  // the call only. Must not come back into the router (subscribe, set targets): note it and do it after the
  // turn.
  virtual void send(std::span<const OutPacket> run) = 0;
  // An egress may let packets wait (Subscription::packet() makes them again). Nothing of what waits is wanted
  // any more: forget it. Returns the first sequence number that has not left; it and those behind it will be
  // used anew.
  virtual std::optional<std::uint16_t> withdraw() { return std::nullopt; }
  // The same packets again, asked for by NACK or taken for a probe: by RTX (write_rtx_packet) where
  // negotiated.
  virtual void retransmit(std::span<const OutPacket> run) = 0;
};

// What the receiving session adds to each packet. `ids` may be null: then no extensions are written.
struct EgressExtensions {
  const rtp::ExtensionMap* ids = nullptr;
  std::string_view mid;
  std::optional<std::uint16_t> transport_sequence;
  std::optional<std::uint32_t> abs_send_time;
};

struct Written {
  std::size_t size = 0;                  // 0: it did not fit
  std::size_t payload_at = 0;            // where the header ends: the boundary for SRTP
  std::size_t transport_sequence_at = 0; // where the two bytes of that extension are; 0 if not written
};

// Builds the packet's bytes from the source's slot and the differences. `out` needs at most
// source payload + 1 + 12 + extensions; rtp::max_packet_size + 64 always suffices.
Written write_packet(const OutPacket& packet, const EgressExtensions& extensions,
                     std::span<std::uint8_t> out);

// The RTX stream of a slot (RFC 4588); `sequence` counts by itself.
struct RtxStream {
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
};
// The same packet as a retransmission; takes and advances `rtx.sequence`.
Written write_rtx_packet(const OutPacket& packet, RtxStream& rtx, const EgressExtensions& extensions,
                         std::span<std::uint8_t> out);

// A packet of `padding` bytes (1-255) and nothing else on the RTX stream: a bandwidth probe when nothing is
// worth repeating.
Written write_padding_packet(std::uint8_t padding, std::uint32_t timestamp, RtxStream& rtx,
                             const EgressExtensions& extensions, std::span<std::uint8_t> out);

} // namespace viadux::router
