// How loud somebody is, from RFC 6464 header extensions. [worker]
#pragma once

#include <cstdint>

namespace viadux::rtp {

inline constexpr std::uint8_t silence_dbov = 127;

// Smooths -dBov: rises within a packet or two, falls over some 300 ms, silent when nothing came for 500 ms.
class LevelMeter {
 public:
  // `wire` as in the extension: bit 7 voice, bits 0-6 minus dBov.
  void on_packet(std::uint8_t wire, std::int64_t now_us);
  std::uint8_t minus_dbov(std::int64_t now_us) const;
  bool heard_since(std::int64_t since_us) const { return last_sound_us_ >= since_us; }

 private:
  std::int32_t loudness_q8_ = 0; // 127 - level, times 256
  std::int64_t last_us_ = 0;
  std::int64_t last_sound_us_ = INT64_MIN;
};

} // namespace viadux::rtp
