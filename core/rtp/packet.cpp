#include "core/rtp/packet.hpp"

#include "core/rtp/byte_order.hpp"

namespace viadux::rtp {

std::optional<PacketView> parse(std::span<const std::uint8_t> packet) {
  if (packet.size() < header_size || (packet[0] >> 6) != 2) return std::nullopt;
  const std::uint8_t* p = packet.data();
  PacketView view;
  view.marker = (p[1] & 0x80) != 0;
  view.payload_type = p[1] & 0x7f;
  view.sequence = load16(p + 2);
  view.timestamp = load32(p + 4);
  view.ssrc = load32(p + 8);
  view.csrc_count = p[0] & 0x0f;

  std::size_t at = header_size + std::size_t{view.csrc_count} * 4;
  if (packet.size() < at) return std::nullopt;
  view.csrcs = packet.subspan(header_size, at - header_size);

  if ((p[0] & 0x10) != 0) {
    if (packet.size() < at + 4) return std::nullopt;
    const std::uint16_t profile = load16(p + at);
    const std::size_t length = std::size_t{load16(p + at + 2)} * 4;
    at += 4;
    if (packet.size() < at + length) return std::nullopt;
    if (profile == 0xbede) {
      view.extension_form = ExtensionForm::one_byte;
    } else if ((profile & 0xfff0) ==
               0x1000) { // the low four bits are the application's (RFC 8285 section 4.3)
      view.extension_form = ExtensionForm::two_byte;
    }
    view.extensions = packet.subspan(at, length);
    at += length;
  }

  std::size_t end = packet.size();
  if ((p[0] & 0x20) != 0) {
    const std::uint8_t padding = packet.back();
    if (padding == 0 || at + padding > end) return std::nullopt;
    view.padding_size = padding;
    end -= padding;
  }
  view.payload = packet.subspan(at, end - at);
  return view;
}

void write_header(const Header& header, std::uint8_t* out) {
  out[0] = static_cast<std::uint8_t>(0x80 | (header.padding ? 0x20 : 0) | (header.extension ? 0x10 : 0));
  out[1] = static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7f));
  store16(out + 2, header.sequence);
  store32(out + 4, header.timestamp);
  store32(out + 8, header.ssrc);
}

} // namespace viadux::rtp
