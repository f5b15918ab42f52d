// The VP8 payload descriptor (RFC 7741 section 4.2) and what a router needs of the frame behind it. [any
// thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace viadux::rtp {

struct Vp8Descriptor {
  std::uint8_t size = 0; // bytes before the VP8 data
  bool non_reference = false;
  bool starts_partition = false;
  std::uint8_t partition = 0;
  std::uint8_t picture_id_bits = 0; // 0: none, 7 or 15
  std::uint16_t picture_id = 0;
  bool has_tl0_pic_idx = false;
  std::uint8_t tl0_pic_idx = 0;
  bool has_temporal_id = false;
  std::uint8_t temporal_id = 0;
  bool layer_sync = false;
  bool has_key_idx = false;
  std::uint8_t key_idx = 0;
  // Of the frame (RFC 6386 section 9.1), in the packet that begins it:
  bool starts_frame = false;
  bool key_frame = false;
  std::uint16_t width = 0; // of a key frame; 0 if unknown
  std::uint16_t height = 0;
};

// Nothing if the descriptor is cut short or no VP8 data follows it.
std::optional<Vp8Descriptor> parse_vp8(std::span<const std::uint8_t> payload);

// What a subscriber's descriptor says instead of the publisher's. The picture id is always written with 15
// bits: receivers unwrap it as such, whoever the publisher is.
struct Vp8Rewrite {
  std::uint16_t picture_id = 0;
  std::uint8_t tl0_pic_idx = 0;
  std::uint8_t key_idx = 0;
};
// Writes the descriptor anew (at most 6 bytes; fields that `from` lacks stay away). Returns its size.
std::size_t write_vp8_descriptor(const Vp8Descriptor& from, const Vp8Rewrite& to, std::uint8_t* out);

} // namespace viadux::rtp
