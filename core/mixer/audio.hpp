// What all sound in the mixer is: 48 kHz, one channel, floats of -1 to 1, in frames of 20 ms.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace viadux::mixer {

inline constexpr std::uint32_t rate_hz = 48'000;
inline constexpr std::int64_t frame_us = 20'000;
inline constexpr std::size_t frame_samples = 960;
inline constexpr std::size_t max_packet_samples =
    5760; // 120 ms, the most that Opus packs (RFC 6716 section 2.1.4)

using Frame = std::array<float, frame_samples>;

} // namespace viadux::mixer
