// The payload formats that this house forwards. [any thread]
#pragma once

#include <cstdint>

namespace viadux::rtp {

enum class Codec : std::uint8_t {
  unknown = 0,
  opus = 1,
  pcmu = 2,
  pcma = 3,
  g722 = 4, // its RTP clock is 8000 by an old mistake kept for ever (RFC 3551 section 4.5.2)
  vp8 = 5,
  h264 = 6,
};

constexpr bool is_video(Codec codec) {
  return codec == Codec::vp8 || codec == Codec::h264;
}

constexpr std::uint32_t clock_hz(Codec codec) {
  if (is_video(codec)) return 90'000;
  return codec == Codec::opus ? 48'000 : 8'000;
}

} // namespace viadux::rtp
