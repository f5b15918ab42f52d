#include "core/router/egress.hpp"

#include "core/rtp/byte_order.hpp"
#include "core/rtp/packet.hpp"

#include <cstring>

namespace viadux::router {
namespace {

// Writes header and extensions; returns where the payload begins, 0 if there is no room.
std::size_t write_front(rtp::Header header, const StoredPacket* source, const EgressExtensions& extensions,
                        std::span<std::uint8_t> out, std::size_t* transport_sequence_at) {
  if (out.size() < rtp::header_size) return 0;
  std::size_t block = 0;
  if (extensions.ids != nullptr) {
    rtp::ExtensionValues values;
    values.mid = extensions.mid;
    values.transport_sequence = extensions.transport_sequence;
    values.abs_send_time = extensions.abs_send_time;
    if (source != nullptr) {
      if (source->has_audio_level) values.audio_level = source->audio_level;
      if (source->has_video_orientation) values.video_orientation = source->video_orientation;
      if (source->has_playout_delay) values.playout_delay = source->playout_delay;
    }
    block =
        rtp::write_extensions(values, *extensions.ids, out.subspan(rtp::header_size), transport_sequence_at);
    if (*transport_sequence_at != 0) *transport_sequence_at += rtp::header_size;
  }
  header.extension = block != 0;
  rtp::write_header(header, out.data());
  return rtp::header_size + block;
}

// Appends the payload as this receiver gets it; returns its size, 0 if there is no room.
std::size_t write_payload(const OutPacket& packet, std::span<std::uint8_t> out) {
  const StoredPacket& source = *packet.source;
  std::size_t skip = 0;
  std::size_t at = 0;
  if (packet.rewrite_vp8) {
    skip = source.info.vp8.size;
    // The descriptor may grow by one byte: a picture id of 7 bits becomes one of 15.
    if (out.size() < std::size_t{source.payload_size} + 1) return 0;
    at = rtp::write_vp8_descriptor(source.info.vp8, packet.vp8, out.data());
  }
  const std::size_t rest = source.payload_size - skip;
  if (out.size() < at + rest) return 0;
  std::memcpy(out.data() + at, source.payload + skip, rest);
  return at + rest;
}

} // namespace

Written write_packet(const OutPacket& packet, const EgressExtensions& extensions,
                     std::span<std::uint8_t> out) {
  Written written;
  const rtp::Header header{.marker = packet.marker,
                           .padding = packet.source == nullptr,
                           .payload_type = packet.payload_type,
                           .sequence = packet.sequence,
                           .timestamp = packet.timestamp,
                           .ssrc = packet.ssrc};
  written.payload_at = write_front(header, packet.source, extensions, out, &written.transport_sequence_at);
  if (written.payload_at == 0) return {};
  if (packet.source == nullptr) {
    if (out.size() < written.payload_at + 1) return {};
    out[written.payload_at] = 1; // one byte of padding, the count itself (RFC 3550 section 5.1)
    written.size = written.payload_at + 1;
    return written;
  }
  const std::size_t payload = write_payload(packet, out.subspan(written.payload_at));
  if (payload == 0) return {};
  written.size = written.payload_at + payload;
  return written;
}

Written write_rtx_packet(const OutPacket& packet, RtxStream& rtx, const EgressExtensions& extensions,
                         std::span<std::uint8_t> out) {
  if (packet.source == nullptr) return {}; // padding has no payload to wrap
  Written written;
  const rtp::Header header{.marker = packet.marker,
                           .payload_type = rtx.payload_type,
                           .sequence = rtx.sequence,
                           .timestamp = packet.timestamp,
                           .ssrc = rtx.ssrc};
  written.payload_at = write_front(header, packet.source, extensions, out, &written.transport_sequence_at);
  if (written.payload_at == 0 || out.size() < written.payload_at + 2) return {};
  rtp::store16(out.data() + written.payload_at, packet.sequence); // RFC 4588 section 4
  const std::size_t payload = write_payload(packet, out.subspan(written.payload_at + 2));
  if (payload == 0) return {};
  written.size = written.payload_at + 2 + payload;
  ++rtx.sequence;
  return written;
}

Written write_padding_packet(std::uint8_t padding, std::uint32_t timestamp, RtxStream& rtx,
                             const EgressExtensions& extensions, std::span<std::uint8_t> out) {
  Written written;
  const rtp::Header header{.padding = true,
                           .payload_type = rtx.payload_type,
                           .sequence = rtx.sequence,
                           .timestamp = timestamp,
                           .ssrc = rtx.ssrc};
  written.payload_at = write_front(header, nullptr, extensions, out, &written.transport_sequence_at);
  if (padding == 0 || written.payload_at == 0 || out.size() < written.payload_at + padding) return {};
  std::memset(out.data() + written.payload_at, 0, padding);
  written.size = written.payload_at + padding;
  out[written.size - 1] = padding;
  ++rtx.sequence;
  return written;
}

} // namespace viadux::router
