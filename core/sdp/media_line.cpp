#include "core/sdp/media_line.hpp"

#include "core/sdp/codecs.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>
#include <array>

namespace viadux::sdp {
namespace {

struct StaticCodec {
  std::uint8_t payload_type;
  std::string_view name;
  std::uint32_t clock_hz;
  std::uint8_t channels;
};

// RFC 3551 tables 4 and 5: those that need no a=rtpmap.
constexpr std::array<StaticCodec, 14> static_codecs{{
    {0, "PCMU", 8000, 1},
    {3, "GSM", 8000, 1},
    {4, "G723", 8000, 1},
    {7, "LPC", 8000, 1},
    {8, "PCMA", 8000, 1},
    {9, "G722", 8000, 1},
    {10, "L16", 44100, 2},
    {11, "L16", 44100, 1},
    {13, "CN", 8000, 1},
    {15, "G728", 8000, 1},
    {18, "G729", 8000, 1},
    {26, "JPEG", 90000, 1},
    {31, "H261", 90000, 1},
    {34, "H263", 90000, 1},
}};

Codec new_codec(std::uint8_t payload_type) {
  Codec codec;
  codec.payload_type = payload_type;
  for (const auto& entry : static_codecs) {
    if (entry.payload_type != payload_type) continue;
    codec.name = entry.name;
    codec.clock_hz = entry.clock_hz;
    codec.channels = entry.channels;
  }
  return codec;
}

Kind kind_of(std::string_view media) {
  if (media == "audio") return Kind::audio;
  if (media == "video") return Kind::video;
  if (media == "application") return Kind::application;
  return Kind::other;
}

Verdict read_payload_types(std::string_view formats, bool strict, MediaLine& media) {
  std::array<bool, 128> seen{};
  while (!formats.empty()) {
    const auto word = take_word(formats);
    const auto number = to_number<std::uint8_t>(word);
    if (!number || *number > 127) {
      if (!strict) continue;
      return Verdict::bad("payload type " + quoted(word) + " is not a number from 0 to 127");
    }
    if (seen[*number]) {
      if (!strict) continue;
      return Verdict::bad("payload type " + std::to_string(*number) + " is named twice");
    }
    seen[*number] = true;
    media.codecs.push_back(new_codec(*number));
  }
  return Verdict::ok();
}

} // namespace

bool is_rtp(std::string_view protocol) {
  constexpr std::array<std::string_view, 4> profiles{"RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"};
  return std::any_of(profiles.begin(), profiles.end(),
                     [&](auto profile) { return protocol.ends_with(profile); });
}

Verdict read_media_line(std::string_view value, bool strict, const Limits& limits, MediaLine& media) {
  media.media = take_word(value);
  media.kind = kind_of(media.media);
  auto port_word = take_word(value);
  const auto port = to_number<std::uint16_t>(take_until(port_word, '/'));
  media.protocol = take_word(value);
  if (!is_token(media.media)) return Verdict::bad("m= begins with a kind of media, such as audio");
  if (!port) return Verdict::bad("m= has a port from 0 to 65535 after the kind of media");
  if (media.protocol.empty()) return Verdict::bad("m= names a protocol after the port");
  media.port = *port;
  if (!port_word.empty()) {
    const auto count = to_number<std::uint16_t>(port_word);
    if (!count || *count == 0) return Verdict::bad("m= has a number of ports after the '/'");
    media.port_count = *count;
  }
  if (is_rtp(media.protocol)) return read_payload_types(value, strict, media);
  while (!value.empty()) {
    if (media.formats.size() >= limits.per_line) return Verdict::too_many("formats", limits.per_line);
    media.formats.emplace_back(take_word(value));
  }
  return Verdict::ok();
}

} // namespace viadux::sdp
