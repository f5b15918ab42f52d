#include "core/rtp/vp8.hpp"

#include "core/rtp/byte_order.hpp"

namespace viadux::rtp {
namespace {

// RFC 6386 section 9.1: frame tag of 3 bytes, and for key frames a start code and two times 14 bits of size.
void read_frame_header(std::span<const std::uint8_t> frame, Vp8Descriptor& d) {
  d.starts_frame = true;
  d.key_frame = (frame[0] & 1) == 0;
  if (!d.key_frame || frame.size() < 10 || frame[3] != 0x9d || frame[4] != 0x01 || frame[5] != 0x2a) return;
  d.width = static_cast<std::uint16_t>((frame[6] | frame[7] << 8) & 0x3fff);
  d.height = static_cast<std::uint16_t>((frame[8] | frame[9] << 8) & 0x3fff);
}

} // namespace

std::optional<Vp8Descriptor> parse_vp8(std::span<const std::uint8_t> payload) {
  if (payload.empty()) return std::nullopt;
  Vp8Descriptor d;
  std::size_t at = 1;
  d.non_reference = (payload[0] & 0x20) != 0;
  d.starts_partition = (payload[0] & 0x10) != 0;
  d.partition = payload[0] & 0x07;
  if ((payload[0] & 0x80) != 0) {
    if (payload.size() <= at) return std::nullopt;
    const std::uint8_t fields = payload[at++];
    if ((fields & 0x80) != 0) {
      if (payload.size() <= at) return std::nullopt;
      if ((payload[at] & 0x80) != 0) {
        if (payload.size() < at + 2) return std::nullopt;
        d.picture_id_bits = 15;
        d.picture_id = load16(payload.data() + at) & 0x7fff;
        at += 2;
      } else {
        d.picture_id_bits = 7;
        d.picture_id = payload[at++];
      }
    }
    if ((fields & 0x40) != 0) {
      if (payload.size() <= at) return std::nullopt;
      d.has_tl0_pic_idx = true;
      d.tl0_pic_idx = payload[at++];
    }
    if ((fields & 0x30) != 0) {
      if (payload.size() <= at) return std::nullopt;
      const std::uint8_t byte = payload[at++];
      if ((fields & 0x20) != 0) {
        d.has_temporal_id = true;
        d.temporal_id = byte >> 6;
        d.layer_sync = (byte & 0x20) != 0;
      }
      if ((fields & 0x10) != 0) {
        d.has_key_idx = true;
        d.key_idx = byte & 0x1f;
      }
    }
  }
  if (payload.size() <= at) return std::nullopt;
  d.size = static_cast<std::uint8_t>(at);
  if (d.starts_partition && d.partition == 0) read_frame_header(payload.subspan(at), d);
  return d;
}

std::size_t write_vp8_descriptor(const Vp8Descriptor& from, const Vp8Rewrite& to, std::uint8_t* out) {
  const bool tid_or_key = from.has_temporal_id || from.has_key_idx;
  const bool extended = from.picture_id_bits != 0 || from.has_tl0_pic_idx || tid_or_key;
  out[0] = static_cast<std::uint8_t>((extended ? 0x80 : 0) | (from.non_reference ? 0x20 : 0) |
                                     (from.starts_partition ? 0x10 : 0) | from.partition);
  if (!extended) return 1;
  out[1] =
      static_cast<std::uint8_t>((from.picture_id_bits != 0 ? 0x80 : 0) | (from.has_tl0_pic_idx ? 0x40 : 0) |
                                (from.has_temporal_id ? 0x20 : 0) | (from.has_key_idx ? 0x10 : 0));
  std::size_t at = 2;
  if (from.picture_id_bits != 0) {
    store16(out + at, static_cast<std::uint16_t>(0x8000 | to.picture_id));
    at += 2;
  }
  if (from.has_tl0_pic_idx) out[at++] = to.tl0_pic_idx;
  if (tid_or_key) {
    out[at++] = static_cast<std::uint8_t>((from.temporal_id << 6) | (from.layer_sync ? 0x20 : 0) |
                                          (from.has_key_idx ? to.key_idx & 0x1f : 0));
  }
  return at;
}

} // namespace viadux::rtp
