// H.264 in SDP: profile-level-id and packetization-mode (RFC 6184 sections 8.1 and 8.2.2). [any thread]
#pragma once

#include "core/sdp/description.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace viadux::sdp {

enum class H264Profile : std::uint8_t {
  constrained_baseline = 1,
  baseline = 2,
  main = 3,
  constrained_high = 4,
  high = 5,
};

// Levels are level_idc (31 is 3.1), except 1b, which is 9 as in the High profiles.
struct H264Format {
  H264Profile profile = H264Profile::constrained_baseline;
  std::uint8_t level = 10;
  std::uint8_t packetization_mode = 0; // 0 or 1; 2 (interleaved) is not supported
  bool level_asymmetry_allowed = false;
  // What the writer of the line can receive beyond its level; 0 is not said.
  std::uint32_t max_fs = 0;   // macroblocks per frame
  std::uint32_t max_mbps = 0; // macroblocks per second
  std::uint32_t max_br = 0;   // 1000 bit/s
  bool operator==(const H264Format&) const = default;
};

// Reads a codec's parameters. A missing or malformed profile-level-id counts as constrained baseline
// level 1.3, since room systems send such and mean it; nothing is given only for what can't be received (mode
// 2, or a profile unknown to us).
std::optional<H264Format> h264_format(const Codec& codec);

// "42e01f": the value of profile-level-id.
std::string h264_profile_level_id(H264Profile profile, std::uint8_t level);

// Whether the payload types can carry the same stream: same packetization mode, and the same profile, where
// baseline and constrained baseline count as one (senders of "42001f" make no FMO or ASO).
bool h264_compatible(const H264Format& a, const H264Format& b);

} // namespace viadux::sdp
