// RTP header extensions (RFC 8285): which id means what in a session, what a packet carried, and writing a
// set of one's own. Ids differ per session, so nothing is ever forwarded as it came: it is read here and
// written again with the ids of the receiver. [any thread]
#pragma once

#include "core/rtp/packet.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace viadux::rtp {

enum class Extension : std::uint8_t {
  mid = 0,                   // RFC 9143 section 15
  rid = 1,                   // RFC 8852
  repaired_rid = 2,          // RFC 8852
  audio_level = 3,           // RFC 6464
  transport_sequence = 4,    // transport-wide-cc-extensions-01
  abs_send_time = 5,         // 24 bits, 6.18 fixed point seconds
  video_orientation = 6,     // 3GPP TS 26.114 (CVO)
  playout_delay = 7,         // two times 12 bits of 10 ms
  dependency_descriptor = 8, // AV1; known by name, not read yet
};
inline constexpr std::size_t extension_count = 9;

std::optional<Extension> extension_from_uri(std::string_view uri);
std::string_view uri_of(Extension extension);

// What the ids of one media line mean. Ids 1-255 except 15 in one-byte form; 0 is "not negotiated".
class ExtensionMap {
 public:
  // Returns false for an id that cannot be (0 or above 255). A second id for a kind replaces the first.
  bool set(Extension extension, unsigned id);
  bool set(std::string_view uri, unsigned id); // false also for a URI we do not know
  std::uint8_t id(Extension extension) const { return ids_[static_cast<std::size_t>(extension)]; }
  bool has(Extension extension) const { return id(extension) != 0; }
  std::optional<Extension> kind(std::uint8_t id) const;

 private:
  std::array<std::uint8_t, extension_count> ids_{};
  std::array<std::uint8_t, 256> kinds_{}; // by id: 0 unknown, else Extension + 1
};

// The values of one packet, read or to be written. Views point into the packet they were read from.
struct ExtensionValues {
  std::string_view mid;
  std::string_view rid;
  std::string_view repaired_rid;
  std::optional<std::uint8_t> audio_level; // as on the wire: 0x80 voice, 0-127 is -dBov
  std::optional<std::uint16_t> transport_sequence;
  std::optional<std::uint32_t> abs_send_time; // 24 bits
  std::optional<std::uint8_t> video_orientation;
  std::optional<std::uint32_t> playout_delay; // 24 bits
};

// Bounded by the block's size; elements that are malformed, unknown or not in `map` are passed over.
ExtensionValues read_extensions(const PacketView& packet, const ExtensionMap& map);

// Writes the whole block, its 4-byte header and zero padding included, with those values that `map` has an id
// for; in two-byte form where an id above 14 or a value longer than 16 bytes needs it. Returns its size: 0 if
// there is nothing to write or no room. `transport_sequence_at`, if given, gets the offset of the two bytes
// of the transport sequence number in `out` (0 if it was not written), for those who number packets at the
// last moment.
std::size_t write_extensions(const ExtensionValues& values, const ExtensionMap& map,
                             std::span<std::uint8_t> out, std::size_t* transport_sequence_at = nullptr);

} // namespace viadux::rtp
