#include "bench/client/rtp.hpp"

#include <cstring>

namespace viadux::bench {

std::optional<RtpPacket> parse_rtp(Bytes packet) {
  if (packet.size() < 12 || packet[0] >> 6 != 2) return std::nullopt;
  RtpPacket out;
  out.header.marker = (packet[1] & 0x80) != 0;
  out.header.payload_type = packet[1] & 0x7F;
  out.header.sequence = load16(&packet[2]);
  out.header.timestamp = load32(&packet[4]);
  out.header.ssrc = load32(&packet[8]);
  std::size_t at = 12 + std::size_t{packet[0] & 15U} * 4;
  if ((packet[0] & 0x10) != 0) {
    if (at + 4 > packet.size()) return std::nullopt;
    const auto profile = load16(&packet[at]);
    const auto end = at + 4 + std::size_t{load16(&packet[at + 2])} * 4;
    if (end > packet.size()) return std::nullopt;
    at += 4;
    while (profile == 0xBEDE && at < end) {
      const auto id = packet[at] >> 4;
      const std::size_t length = (packet[at] & 15U) + 1;
      ++at;
      if (id == 0) continue; // padding
      if (id == 15 || at + length > end) break;
      out.extensions[static_cast<std::size_t>(id)] = packet.subspan(at, length);
      at += length;
    }
    at = end;
  }
  if (at > packet.size()) return std::nullopt;
  out.payload = packet.subspan(at);
  if ((packet[0] & 0x20) != 0) {
    const std::size_t padding = packet.back();
    if (padding > out.payload.size()) return std::nullopt;
    out.payload = out.payload.first(out.payload.size() - padding);
  }
  return out;
}

RtpBuilder::RtpBuilder(std::uint8_t* buffer, const RtpHeader& header) : buffer_(buffer) {
  at_ = store8(buffer_, 0x80);
  at_ = store8(at_, (header.marker ? 0x80U : 0U) | header.payload_type);
  at_ = store16(at_, header.sequence);
  at_ = store32(at_, header.timestamp);
  at_ = store32(at_, header.ssrc);
}

void RtpBuilder::extension(std::uint8_t id, Bytes value) {
  if (id == 0 || value.empty() || value.size() > 16) return;
  if ((buffer_[0] & 0x10) == 0) {
    buffer_[0] |= 0x10;
    at_ = store16(store16(at_, 0xBEDE), 0);
  }
  at_ = store8(at_, static_cast<unsigned>(id << 4 | (value.size() - 1)));
  std::memcpy(at_, value.data(), value.size());
  at_ += value.size();
}

std::size_t RtpBuilder::finish(Bytes payload) {
  if ((buffer_[0] & 0x10) != 0) {
    while ((at_ - buffer_) % 4 != 0)
      at_ = store8(at_, 0);
    store16(buffer_ + 14, static_cast<unsigned>((at_ - buffer_ - 16) / 4));
  }
  if (!payload.empty()) std::memcpy(at_, payload.data(), payload.size());
  return static_cast<std::size_t>(at_ - buffer_) + payload.size();
}

} // namespace viadux::bench
