// Real sound, for servers that decode it: Opus frames made ahead, and an ear that tells sound from silence.
#pragma once

#include "bench/client/bytes.hpp"

#include <cstdint>
#include <memory>
#include <vector>

struct OpusDecoder;

namespace viadux::bench {

// As our server encodes its mixes; Janus is asked for the same.
struct OpusSettings {
  int bitrate_bps = 32'000;
  int complexity = 5;
  int expected_loss = 10; // percent; in-band FEC is on
};

// Opus frames of 20 ms, mono, to be sent over and over.
struct Speech {
  std::vector<std::vector<std::uint8_t>> frames;
  std::uint8_t level = 127; // -dBov, for the RTP header extension
  bool voice = false;
};
// Two seconds of a voice-like buzz that swells four times a second and is never silent; each seed has another
// pitch.
std::shared_ptr<const Speech> make_talk(std::uint32_t seed, const OpusSettings& settings);
std::shared_ptr<const Speech> make_silence(const OpusSettings& settings);

// One stream's listener. [one thread]
class Ear {
 public:
  Ear();
  // Whether the packet's sound is louder than -50 dBov. False for what no decoder takes.
  bool hears(Bytes payload);

 private:
  std::unique_ptr<OpusDecoder, void (*)(OpusDecoder*)> decoder_;
};

} // namespace viadux::bench
