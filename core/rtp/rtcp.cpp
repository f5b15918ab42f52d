#include "core/rtp/rtcp.hpp"

#include "core/rtp/byte_order.hpp"

#include <array>
#include <cstring>

namespace viadux::rtp {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Packet types (RFC 3550 section 12.1, RFC 4585 section 6.1).
constexpr std::uint8_t type_sr = 200;
constexpr std::uint8_t type_rr = 201;
constexpr std::uint8_t type_sdes = 202;
constexpr std::uint8_t type_bye = 203;
constexpr std::uint8_t type_rtpfb = 205;
constexpr std::uint8_t type_psfb = 206;

constexpr std::size_t block_size = 24;

std::int32_t signed24(std::uint32_t value) {
  return static_cast<std::int32_t>(value << 8) >> 8;
}

bool read_blocks(std::uint32_t reporter, Bytes rest, unsigned count, RtcpSink& sink) {
  if (rest.size() < count * block_size) return false;
  std::array<ReportBlock, 31> blocks;
  for (unsigned i = 0; i < count; ++i) {
    const std::uint8_t* p = rest.data() + i * block_size;
    blocks[i] = {.ssrc = load32(p),
                 .fraction_lost = p[4],
                 .cumulative_lost = signed24(load24(p + 5)),
                 .highest_sequence = load32(p + 8),
                 .jitter = load32(p + 12),
                 .last_sr = load32(p + 16),
                 .delay_since_last_sr = load32(p + 20)};
  }
  sink.on_report_blocks(reporter, std::span(blocks).first(count));
  return true;
}

bool read_sender_report(Bytes body, unsigned count, RtcpSink& sink) {
  if (body.size() < 24 + count * block_size) return false;
  const std::uint8_t* p = body.data();
  sink.on_sender_report({.ssrc = load32(p),
                         .ntp = load64(p + 4),
                         .timestamp = load32(p + 12),
                         .packet_count = load32(p + 16),
                         .octet_count = load32(p + 20)});
  return count == 0 || read_blocks(load32(p), body.subspan(24), count, sink);
}

// Chunks of items, each chunk padded to 32 bits with at least one zero (RFC 3550 section 6.5).
bool read_sdes(Bytes body, unsigned count, RtcpSink& sink) {
  std::size_t at = 0;
  for (unsigned chunk = 0; chunk < count; ++chunk) {
    if (body.size() < at + 4) return false;
    const std::uint32_t ssrc = load32(body.data() + at);
    at += 4;
    while (true) {
      if (at >= body.size()) return false;
      const std::uint8_t item = body[at];
      if (item == 0) break;
      if (at + 2 > body.size()) return false;
      const std::size_t size = body[at + 1];
      if (at + 2 + size > body.size()) return false;
      if (item == 1) sink.on_cname(ssrc, {reinterpret_cast<const char*>(body.data() + at + 2), size});
      at += 2 + size;
    }
    at = (at + 4) / 4 * 4; // past the terminating zero, to the next word
  }
  return true;
}

bool read_bye(Bytes body, unsigned count, RtcpSink& sink) {
  if (body.size() < std::size_t{count} * 4) return false;
  std::array<std::uint32_t, 31> ssrcs{};
  for (unsigned i = 0; i < count; ++i)
    ssrcs[i] = load32(body.data() + std::size_t{i} * 4);
  sink.on_bye(std::span(ssrcs).first(count));
  return true;
}

void read_nack(std::uint32_t media, Bytes fci, RtcpSink& sink) {
  // One call for each group of 15 items (255 numbers): bounded, and no allocation.
  std::array<std::uint16_t, 255> sequences;
  std::size_t count = 0;
  for (std::size_t at = 0; at + 4 <= fci.size(); at += 4) {
    if (count + 17 > sequences.size()) {
      sink.on_nack(media, std::span(sequences).first(count));
      count = 0;
    }
    const std::uint16_t first = load16(fci.data() + at);
    const std::uint16_t mask = load16(fci.data() + at + 2);
    sequences[count++] = first;
    for (unsigned bit = 0; bit < 16; ++bit) {
      if ((mask >> bit & 1) != 0) sequences[count++] = static_cast<std::uint16_t>(first + bit + 1);
    }
  }
  if (count != 0) sink.on_nack(media, std::span(sequences).first(count));
}

// 6 bits of exponent, then the mantissa. What does not fit in 64 bits is as good as no limit.
std::uint64_t scaled(std::uint64_t mantissa, unsigned exponent) {
  if (mantissa == 0) return 0;
  if (exponent >= 64 || mantissa > (UINT64_MAX >> exponent)) return UINT64_MAX;
  return mantissa << exponent;
}

void read_rates(std::uint32_t sender, bool notification, Bytes fci, RtcpSink& sink) {
  std::array<TmmbrEntry, 32> entries;
  std::size_t count = 0;
  for (std::size_t at = 0; at + 8 <= fci.size() && count < entries.size(); at += 8) {
    const std::uint32_t word = load32(fci.data() + at + 4);
    entries[count++] = {.ssrc = load32(fci.data() + at),
                        .bitrate_bps = scaled(word >> 9 & 0x1ffff, word >> 26),
                        .overhead_bytes = static_cast<std::uint16_t>(word & 0x1ff)};
  }
  const auto list = std::span(entries).first(count);
  if (notification) {
    sink.on_tmmbn(sender, list); // an empty one says "no limit in force"
  } else if (count != 0) {
    sink.on_tmmbr(sender, list);
  }
}

// draft-alvestrand-rmcat-remb-03 section 2.2
bool read_remb(Bytes fci, RtcpSink& sink) {
  if (fci.size() < 8) return false;
  const std::size_t count = fci[4];
  if (fci.size() < 8 + count * 4) return false;
  const std::uint64_t rate = scaled(load24(fci.data() + 5) & 0x3ffff, fci[5] >> 2);
  std::array<std::uint32_t, 255> ssrcs;
  for (std::size_t i = 0; i < count; ++i)
    ssrcs[i] = load32(fci.data() + 8 + i * 4);
  sink.on_remb(rate, std::span(ssrcs).first(count));
  return true;
}

enum class Outcome : std::uint8_t { taken, ignored, broken };

Outcome read_feedback(std::uint8_t type, unsigned format, Bytes body, RtcpSink& sink) {
  if (body.size() < 8) return Outcome::broken;
  const std::uint32_t sender = load32(body.data());
  const std::uint32_t media = load32(body.data() + 4);
  const Bytes fci = body.subspan(8);
  if (type == type_rtpfb) {
    switch (format) {
    case 1:
      return read_nack(media, fci, sink), Outcome::taken;
    case 3:
    case 4:
      return read_rates(sender, format == 4, fci, sink), Outcome::taken;
    case 15:
      return sink.on_transport_feedback(media, fci), Outcome::taken;
    default:
      return Outcome::ignored;
    }
  }
  switch (format) {
  case 1:
    return sink.on_pli(media), Outcome::taken;
  case 4:
    for (std::size_t at = 0; at + 8 <= fci.size(); at += 8)
      sink.on_fir(load32(fci.data() + at), fci[at + 4]);
    return Outcome::taken;
  case 15: // application layer feedback: REMB is the one that has a name
    if (fci.size() < 4 || std::memcmp(fci.data(), "REMB", 4) != 0) return Outcome::ignored;
    return read_remb(fci, sink) ? Outcome::taken : Outcome::broken;
  default:
    return Outcome::ignored;
  }
}

Outcome read_part(std::uint8_t type, unsigned count, Bytes body, RtcpSink& sink) {
  bool good = true;
  switch (type) {
  case type_sr:
    good = read_sender_report(body, count, sink);
    break;
  case type_rr:
    good = body.size() >= 4 && (count == 0 || read_blocks(load32(body.data()), body.subspan(4), count, sink));
    break;
  case type_sdes:
    good = read_sdes(body, count, sink);
    break;
  case type_bye:
    good = read_bye(body, count, sink);
    break;
  case type_rtpfb:
  case type_psfb:
    return read_feedback(type, count, body, sink);
  default:
    return Outcome::ignored;
  }
  return good ? Outcome::taken : Outcome::broken;
}

} // namespace

RtcpParsed parse_rtcp(std::span<const std::uint8_t> packet, RtcpSink& sink) {
  RtcpParsed parsed;
  while (!packet.empty()) {
    parsed.malformed = true; // until this part has proven well
    if (packet.size() < 4 || packet[0] >> 6 != 2) return parsed;
    const std::size_t size = (std::size_t{load16(packet.data() + 2)} + 1) * 4;
    if (size > packet.size()) return parsed;
    std::size_t body = size;
    if ((packet[0] & 0x20) != 0) {
      // In the last part only (RFC 3550 section 6.4.1). Not always of whole words: browsers pad transport-cc
      // with 1-3 bytes.
      const std::uint8_t padding = packet[size - 1];
      if (padding == 0 || padding > size - 4 || size != packet.size()) return parsed;
      body -= padding;
    }
    const Outcome outcome = read_part(packet[1], packet[0] & 0x1f, packet.subspan(4, body - 4), sink);
    if (outcome == Outcome::broken) return parsed;
    parsed.malformed = false;
    ++parsed.packets;
    if (outcome == Outcome::ignored) ++parsed.ignored;
    packet = packet.subspan(size);
  }
  return parsed;
}

} // namespace viadux::rtp
