#include "core/rtp/audio_level.hpp"

#include <algorithm>

namespace viadux::rtp {
namespace {
constexpr std::int64_t stale_us = 500'000;
constexpr std::int64_t fall_us = 300'000;
constexpr std::uint8_t sound_below_dbov = 90; // what is quieter than -90 dBov is a muted or empty room
} // namespace

void LevelMeter::on_packet(std::uint8_t wire, std::int64_t now_us) {
  const std::uint8_t level = wire & 0x7f;
  const std::int32_t loudness = (silence_dbov - level) * 256;
  if (level < sound_below_dbov) last_sound_us_ = now_us;
  if (now_us - last_us_ > stale_us) loudness_q8_ = 0;
  if (loudness >= loudness_q8_) {
    loudness_q8_ += (loudness - loudness_q8_ + 1) / 2;
  } else {
    const std::int64_t passed = std::clamp<std::int64_t>(now_us - last_us_, 0, fall_us);
    loudness_q8_ -= static_cast<std::int32_t>((loudness_q8_ - loudness) * passed / fall_us);
  }
  last_us_ = now_us;
}

std::uint8_t LevelMeter::minus_dbov(std::int64_t now_us) const {
  if (now_us - last_us_ > stale_us) return silence_dbov;
  return static_cast<std::uint8_t>(silence_dbov - (loudness_q8_ + 128) / 256);
}

} // namespace viadux::rtp
