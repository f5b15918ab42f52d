// From sound to packets, one of 20 ms at a time. [one thread]
#pragma once

#include "core/mixer/audio.hpp"
#include "core/rtp/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace viadux::mixer {

struct AudioEncoding {
  std::int32_t bitrate_bps = 32'000; // Opus
  std::int32_t complexity = 5;       // Opus, 0-10; 5 costs less than half of 10 and nobody hears it in speech
  std::int32_t expected_loss = 10;   // percent: how much the in-band FEC guards against
  bool dtx = false;                  // nothing is sent in silence, but a packet every 400 ms
};

class AudioEncoder {
 public:
  static constexpr std::size_t max_bytes = 1275; // of an Opus frame (RFC 6716 section 3.2.1)

  // Null for a codec that is no sound of ours.
  static std::unique_ptr<AudioEncoder> create(rtp::Codec codec, const AudioEncoding& encoding);
  virtual ~AudioEncoder() = default;

  // Returns the payload's size; 0: nothing to send (DTX).
  virtual std::size_t encode(const Frame& frame, std::span<std::uint8_t> out) = 0;
  virtual void reset() = 0;
};

// How far the RTP timestamp goes in a frame.
constexpr std::uint32_t timestamp_step(rtp::Codec codec) {
  return rtp::clock_hz(codec) / 50;
}

} // namespace viadux::mixer
