#include "router/publisher.hpp"

#include "core/rtp/byte_order.hpp"

#include <cstring>

namespace viadux::router::test {

void write_label(const Label& label, std::uint8_t* out) {
  out[0] = label.track;
  out[1] = label.encoding;
  out[2] = label.temporal;
  out[3] = label.key ? 1 : 0;
  rtp::store16(out + 4, label.frame);
  out[6] = label.part;
  out[7] = label.parts;
  rtp::store16(out + 8, label.needs[0]);
  rtp::store16(out + 10, label.needs[1]);
}

Label read_label(const std::uint8_t* in) {
  Label label;
  label.track = in[0];
  label.encoding = in[1];
  label.temporal = in[2];
  label.key = in[3] != 0;
  label.frame = rtp::load16(in + 4);
  label.part = in[6];
  label.parts = in[7];
  label.needs = {rtp::load16(in + 8), rtp::load16(in + 10)};
  return label;
}

Vp8Publisher::Vp8Publisher(const Vp8PublisherConfig& config) : config_(config), states_(config.encodings) {
  for (unsigned i = 0; i < config.encodings; ++i) {
    states_[i].sequence = static_cast<std::uint16_t>(config.first_sequence + i * 1000);
    states_[i].picture_id = static_cast<std::uint16_t>(config.first_picture_id + i * 77);
    states_[i].tl0 = static_cast<std::uint8_t>(250 + i * 3);
  }
}

std::uint32_t Vp8Publisher::timestamp_at(unsigned encoding, std::int64_t now_us) const {
  return config_.first_timestamp + encoding * 123'456'789U + static_cast<std::uint32_t>(now_us * 90 / 1000);
}

std::vector<SentPart> Vp8Publisher::frame(std::int64_t now_us) {
  std::vector<SentPart> out;
  for (unsigned i = 0; i < config_.encodings; ++i)
    encode(i, now_us, out);
  return out;
}

void Vp8Publisher::encode(unsigned encoding, std::int64_t now_us, std::vector<SentPart>& out) {
  State& s = states_[encoding];
  const bool key = s.key_wanted;
  if (key) {
    s.key_wanted = false;
    s.phase = 0;
    s.last_t1 = 0xffff;
    s.key_idx = static_cast<std::uint8_t>((s.key_idx + 1) & 0x1f);
  }
  constexpr std::array<std::uint8_t, 4> pattern{0, 2, 1, 2};
  Label label{
      .track = config_.track, .encoding = static_cast<std::uint8_t>(encoding), .key = key, .frame = s.frame};
  label.temporal = config_.temporal_layers ? pattern[s.phase % 4] : 0;
  label.needs = {0xffff, 0xffff};
  bool sync = false;
  if (!key) label.needs[0] = s.last_t0;
  if (label.temporal == 0) {
    ++s.tl0;
    s.last_t0 = s.frame;
  } else if (label.temporal == 1) {
    sync = s.phase % 8 == 2; // every second one refers to the base layer alone
    if (!sync) label.needs[1] = s.last_t1;
    s.last_t1 = s.frame;
  } else if (s.phase % 4 == 3) {
    label.needs[1] = s.last_t1;
  } else {
    sync = true;
  }

  rtp::Vp8Descriptor d;
  d.picture_id_bits = static_cast<std::uint8_t>(config_.picture_id_bits);
  d.has_tl0_pic_idx = d.has_temporal_id = config_.temporal_layers;
  d.has_key_idx = config_.temporal_layers;
  d.temporal_id = label.temporal;
  d.layer_sync = sync;
  d.non_reference = label.temporal == 2;
  label.parts = static_cast<std::uint8_t>((key ? 5 : 1) + encoding);
  for (unsigned part = 0; part < label.parts; ++part) {
    label.part = static_cast<std::uint8_t>(part);
    d.starts_partition = part == 0;
    std::array<std::uint8_t, rtp::max_packet_size> packet{};
    rtp::write_header({.marker = part + 1U == label.parts,
                       .payload_type = 96,
                       .sequence = s.sequence++,
                       .timestamp = timestamp_at(encoding, now_us),
                       .ssrc = 1000 + encoding},
                      packet.data());
    std::size_t at = rtp::header_size;
    if (config_.picture_id_bits == 7) { // the library never writes such: by hand
      const std::array<std::uint8_t, 5> head{
          static_cast<std::uint8_t>(0x80 | (part == 0 ? 0x10 : 0)), 0xe0,
          static_cast<std::uint8_t>(s.picture_id & 0x7f), s.tl0,
          static_cast<std::uint8_t>(label.temporal << 6 | (sync ? 0x20 : 0))};
      std::memcpy(packet.data() + at, head.data(), head.size());
      at += head.size();
    } else {
      const rtp::Vp8Rewrite numbers{static_cast<std::uint16_t>(s.picture_id & 0x7fff), s.tl0, s.key_idx};
      at += rtp::write_vp8_descriptor(d, numbers, packet.data() + at);
    }
    // Frame tag: bit 0 clear is a key frame; then start code and size (RFC 6386 section 9.1).
    packet[at] = key || part != 0 ? 0x00 : 0x01;
    if (key && part == 0) {
      const auto width = static_cast<std::uint16_t>(320U << encoding);
      const std::array<std::uint8_t, 7> size{
          0x9d, 0x01, 0x2a, static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(width >> 8), 180, 0};
      std::memcpy(packet.data() + at + 3, size.data(), size.size());
    }
    write_label(label, packet.data() + at + 10);
    const std::size_t size = at + 10 + label_size + 100 * (encoding + 1) + part;
    out.push_back({encoding,
                   now_us,
                   key && part == 0,
                   {packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)}});
  }
  ++s.picture_id;
  ++s.frame;
  ++s.phase;
}

} // namespace viadux::router::test
