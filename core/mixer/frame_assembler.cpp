#include "core/mixer/frame_assembler.hpp"

#include "core/rtp/byte_order.hpp"
#include "core/rtp/payload_info.hpp"

namespace viadux::mixer {
namespace {

constexpr std::uint8_t nal_stap_a = 24;
constexpr std::uint8_t nal_fu_a = 28;

void append_nal(std::span<const std::uint8_t> nal, std::vector<std::uint8_t>& out) {
  out.insert(out.end(), {0, 0, 0, 1});
  out.insert(out.end(), nal.begin(), nal.end());
}

} // namespace

void FrameAssembler::put(std::uint16_t sequence, std::uint32_t timestamp, bool marker,
                         std::span<const std::uint8_t> payload, std::int64_t now_us) {
  const rtp::PayloadInfo info = rtp::describe(codec_, payload);
  if (!info.valid || info.packetization_mode > 1) {
    ++malformed_;
    return;
  }
  const std::int64_t at = unwrap_(sequence);
  if (next_ >= 0 && at < next_) return; // late, or twice
  if (packets_.size() >= most_packets) {
    packets_.clear();
    broken_ = true;
    ++lost_;
  }
  Packet packet;
  packet.timestamp = timestamp;
  packet.marker = marker;
  packet.key = info.key_frame || info.idr_without_parameters;
  packet.begins = codec_ != rtp::Codec::vp8 || info.vp8.starts_frame;
  if (codec_ == rtp::Codec::vp8) {
    packet.skip = info.vp8.size;
    if (info.vp8.picture_id_bits == 15) packet.picture_id = info.vp8.picture_id;
  } else if (info.idr_without_parameters) {
    // Any slice of the picture looks like this; it begins where the one before ends.
    const auto before = packets_.find(at - 1);
    const bool first = (before != packets_.end() && before->second.marker) || at == next_;
    packet.key = first;
  }
  packet.arrival_us = now_us;
  packet.payload.assign(payload.begin(), payload.end());
  packets_.try_emplace(at, std::move(packet));
}

FrameAssembler::Packets::iterator FrameAssembler::end_of_frame(Packets::iterator from) {
  std::int64_t at = from->first;
  for (auto each = from; each != packets_.end() && each->first == at; ++each, ++at) {
    if (each->second.timestamp != from->second.timestamp) return packets_.end();
    if (each->second.marker) return each;
  }
  return packets_.end();
}

// VP8 tells by its picture ids that what is missing was no picture (padding).
bool FrameAssembler::follows(const Packet& first) const {
  return first.begins && first.picture_id >= 0 && picture_id_ >= 0 &&
         first.picture_id == ((picture_id_ + 1) & 0x7fff);
}

std::optional<CodedFrame> FrameAssembler::next(std::int64_t now_us) {
  for (;;) {
    if (broken_) {
      auto found = packets_.begin();
      while (found != packets_.end() && !(found->second.key && found->second.begins))
        ++found;
      packets_.erase(packets_.begin(), found);
      if (packets_.empty()) return std::nullopt;
      next_ = packets_.begin()->first;
      broken_ = false;
    }
    const auto from = packets_.begin();
    if (from == packets_.end()) return std::nullopt;
    if (from->first == next_ || follows(from->second)) {
      if (const auto last = end_of_frame(from); last != packets_.end()) return take(from, last);
    }
    if (now_us - from->second.arrival_us < patience_us) return std::nullopt;
    give_up();
  }
}

// The oldest packet has waited for long enough: what it belongs to will not be whole any more.
void FrameAssembler::give_up() {
  ++lost_;
  broken_ = true;
  // A key frame that has a hole itself must not be begun with again.
  packets_.begin()->second.key = false;
}

CodedFrame FrameAssembler::take(Packets::iterator from, Packets::iterator last) {
  CodedFrame frame;
  frame.timestamp = from->second.timestamp;
  frame.key = from->second.key;
  if (from->second.picture_id >= 0) picture_id_ = from->second.picture_id;
  next_ = last->first + 1;
  const auto end = std::next(last);
  for (auto each = from; each != end; ++each) {
    const std::span<const std::uint8_t> payload = each->second.payload;
    if (codec_ == rtp::Codec::h264) {
      append_h264(payload, frame.bytes);
      frame.key |= each->second.key;
    } else {
      frame.bytes.insert(frame.bytes.end(), payload.begin() + static_cast<std::ptrdiff_t>(each->second.skip),
                         payload.end());
    }
  }
  packets_.erase(packets_.begin(), end);
  return frame;
}

// What describe() found to be well formed.
void FrameAssembler::append_h264(std::span<const std::uint8_t> payload, std::vector<std::uint8_t>& out) {
  const std::uint8_t type = payload[0] & 0x1fU;
  if (type == nal_stap_a) { // RFC 6184 section 5.7.1
    for (std::span<const std::uint8_t> rest = payload.subspan(1); rest.size() >= 2;) {
      const std::size_t size = rtp::load16(rest.data());
      if (size == 0 || size > rest.size() - 2) return;
      append_nal(rest.subspan(2, size), out);
      rest = rest.subspan(2 + size);
    }
  } else if (type == nal_fu_a) { // section 5.8
    if (payload.size() < 3) return;
    if ((payload[1] & 0x80U) != 0) {
      const auto header = static_cast<std::uint8_t>((payload[0] & 0xe0U) | (payload[1] & 0x1fU));
      out.insert(out.end(), {0, 0, 0, 1, header});
    }
    out.insert(out.end(), payload.begin() + 2, payload.end());
  } else {
    append_nal(payload, out);
  }
}

} // namespace viadux::mixer
