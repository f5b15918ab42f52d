#include "core/router/vp8_map.hpp"

namespace viadux::router {
namespace {
constexpr std::int64_t headroom = 1 << 15; // so that ids a little before the first are not negative
}

std::int64_t Vp8Map::unwrap(const rtp::Vp8Descriptor& packet) const {
  const std::int64_t modulus = std::int64_t{1} << packet.picture_id_bits;
  if (!started_) return packet.picture_id + headroom;
  std::int64_t step = (packet.picture_id - highest_in_) & (modulus - 1);
  if (step >= modulus / 2) step -= modulus;
  return highest_in_ + step;
}

void Vp8Map::start(const rtp::Vp8Descriptor& first) {
  frames_.fill({});
  tl0_offset_ = static_cast<std::uint8_t>(first.tl0_pic_idx - last_tl0_ - 1);
  key_offset_ = static_cast<std::uint8_t>(first.key_idx - last_key_ - 1);
  started_ = false;
  if (first.picture_id_bits == 0) return;
  first_in_ = unwrap(first);
  highest_in_ = first_in_ - 1;
  offset_ = first_in_ - next_out_;
  started_ = true;
}

Vp8Map::Fate Vp8Map::fate(const rtp::Vp8Descriptor& packet) const {
  if (!started_ || packet.picture_id_bits == 0) return Fate::unknown;
  const std::int64_t in = unwrap(packet);
  if (in > highest_in_) return Fate::fresh;
  if (in < first_in_ || in <= highest_in_ - kept) return Fate::unknown;
  const Frame& known = frame(in);
  if (known.in != in) return Fate::missed;
  return known.dropped ? Fate::dropped : Fate::sent;
}

// The offset in force at a frame of which nothing is known: that of the nearest known one before it.
std::int64_t Vp8Map::offset_at(std::int64_t in) const {
  for (std::int64_t at = in; at >= first_in_ && at > highest_in_ - kept; --at) {
    if (frame(at).in == at) return frame(at).offset;
  }
  return offset_;
}

void Vp8Map::forward(const rtp::Vp8Descriptor& packet) {
  const std::int64_t in = unwrap(packet);
  if (in > highest_in_) {
    highest_in_ = in;
    frame(in) = {in, offset_, false};
    next_out_ = in - offset_ + 1;
  } else {
    frame(in) = {in, offset_at(in), false};
  }
}

void Vp8Map::drop(const rtp::Vp8Descriptor& packet) {
  const std::int64_t in = unwrap(packet);
  if (in <= highest_in_) return;
  highest_in_ = in;
  ++offset_;
  frame(in) = {in, offset_, true};
  next_out_ = in + 1 - offset_;
}

rtp::Vp8Rewrite Vp8Map::rewrite(const rtp::Vp8Descriptor& packet) {
  rtp::Vp8Rewrite to;
  if (packet.picture_id_bits != 0) {
    const std::int64_t in = unwrap(packet);
    const Frame& known = frame(in);
    const std::int64_t offset = known.in == in ? known.offset : offset_at(in);
    to.picture_id = static_cast<std::uint16_t>((in - offset) & 0x7fff);
  }
  to.tl0_pic_idx = static_cast<std::uint8_t>(packet.tl0_pic_idx - tl0_offset_);
  to.key_idx = static_cast<std::uint8_t>((packet.key_idx - key_offset_) & 0x1f);
  if (packet.has_tl0_pic_idx && static_cast<std::int8_t>(to.tl0_pic_idx - last_tl0_) > 0)
    last_tl0_ = to.tl0_pic_idx;
  if (packet.has_key_idx && ((to.key_idx - last_key_) & 0x1f) < 16) last_key_ = to.key_idx;
  return to;
}

} // namespace viadux::router
