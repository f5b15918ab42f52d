// From packets of one sender to sound. [one thread]
#pragma once

#include "core/mixer/audio.hpp"
#include "core/rtp/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace viadux::mixer {

class AudioDecoder {
 public:
  // Null for a codec that is no sound of ours.
  static std::unique_ptr<AudioDecoder> create(rtp::Codec codec);
  virtual ~AudioDecoder() = default;

  // How long the packet's sound is, at 48 kHz; 0 where the payload is malformed or longer than
  // max_packet_samples.
  virtual std::size_t duration(std::span<const std::uint8_t> payload) const = 0;
  // Each writes sound to `out` (room for max_packet_samples) and returns how much; 0 is malformed.
  virtual std::size_t decode(std::span<const std::uint8_t> payload, std::span<float> out) = 0;
  // Makes up `samples` (a multiple of 120) that were lost, from what was before.
  virtual std::size_t conceal(std::size_t samples, std::span<float> out) = 0;
  // The same, from what the packet behind the lost one says of it, where it does (Opus in-band FEC).
  virtual std::size_t recover(std::span<const std::uint8_t> /*next*/, std::size_t samples,
                              std::span<float> out) {
    return conceal(samples, out);
  }
  // What comes next has nothing to do with what was.
  virtual void reset() = 0;
};

} // namespace viadux::mixer
