#include "core/sdp/codecs.hpp"

#include "core/sdp/text.hpp"

#include <algorithm>
#include <array>

namespace viadux::sdp {
namespace {

struct KnownCodec {
  CodecId id;
  std::string_view name;
  std::uint32_t clock_hz; // 0: any
};

constexpr std::array<KnownCodec, 8> known_codecs{{
    {CodecId::opus, "opus", 48000},
    {CodecId::pcmu, "PCMU", 8000},
    {CodecId::pcma, "PCMA", 8000},
    {CodecId::g722, "G722", 8000}, // 16 kHz sound, 8000 by mistake of RFC 1890 (RFC 3551 section 4.5.2)
    {CodecId::telephone_event, "telephone-event", 0},
    {CodecId::vp8, "VP8", 90000},
    {CodecId::h264, "H264", 90000},
    {CodecId::rtx, "rtx", 0},
}};

} // namespace

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char left, char right) { return lower(left) == lower(right); });
}

CodecId identify(const Codec& codec) {
  for (const auto& known : known_codecs) {
    if (!same(known.name, codec.name) || (known.clock_hz != 0 && known.clock_hz != codec.clock_hz)) continue;
    if (known.id == CodecId::opus && codec.channels != 2) return CodecId::unknown;
    if (known.id != CodecId::opus && codec.channels != 1) return CodecId::unknown;
    return known.id;
  }
  return CodecId::unknown;
}

std::string_view to_string(CodecId id) {
  for (const auto& known : known_codecs)
    if (known.id == id) return known.name;
  return "unknown";
}

std::optional<std::string_view> parameter(const Codec& codec, std::string_view name) {
  for (const auto& entry : codec.parameters)
    if (same(entry.name, name)) return entry.value;
  return std::nullopt;
}

std::optional<std::uint32_t> number_parameter(const Codec& codec, std::string_view name) {
  const auto text = parameter(codec, name);
  return text ? to_number<std::uint32_t>(*text) : std::nullopt;
}

const Codec* find_codec(const MediaLine& line, std::uint8_t payload_type) {
  for (const auto& codec : line.codecs)
    if (codec.payload_type == payload_type) return &codec;
  return nullptr;
}

const Codec* find_rtx(const MediaLine& line, std::uint8_t payload_type) {
  for (const auto& codec : line.codecs)
    if (identify(codec) == CodecId::rtx && number_parameter(codec, "apt") == payload_type) return &codec;
  return nullptr;
}

} // namespace viadux::sdp
