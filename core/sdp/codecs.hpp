// Which codecs we know, and what their format parameters mean. [any thread]
#pragma once

#include "core/sdp/description.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace viadux::sdp {

// VP9, AV1 and RED get their number when the router can pass them.
enum class CodecId : std::uint8_t {
  unknown = 0,
  opus = 1,
  pcmu = 2,
  pcma = 3,
  g722 = 4,
  telephone_event = 5,
  vp8 = 6,
  h264 = 7,
  rtx = 8,
};

// By name and clock rate; channels count for Opus only (RFC 7587 wants opus/48000/2).
CodecId identify(const Codec& codec);
std::string_view to_string(CodecId id); // "opus", "VP8": as in a=rtpmap

// ASCII, without regard to case: names of codecs, parameters and algorithms.
bool same(std::string_view a, std::string_view b);

// The value of a format parameter, or nothing. A number where one is asked for and written.
std::optional<std::string_view> parameter(const Codec& codec, std::string_view name);
std::optional<std::uint32_t> number_parameter(const Codec& codec, std::string_view name);

const Codec* find_codec(const MediaLine& line, std::uint8_t payload_type);
// The RTX payload type that retransmits `payload_type` (apt, RFC 4588 section 8.6), or null.
const Codec* find_rtx(const MediaLine& line, std::uint8_t payload_type);

} // namespace viadux::sdp
