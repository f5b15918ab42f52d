// Tones, and how much of a tone is in a sound.
#pragma once

#include "core/mixer/audio.hpp"
#include "core/mixer/audio_decoder.hpp"
#include "core/mixer/audio_encoder.hpp"

#include <cmath>
#include <numbers>
#include <span>
#include <vector>

namespace viadux::mixer {

class Tone {
 public:
  explicit Tone(double hz, double amplitude = 0.2)
      : step_(2 * std::numbers::pi * hz / rate_hz), amplitude_(amplitude) {}
  Frame frame() {
    Frame frame;
    for (float& sample : frame) {
      sample = static_cast<float>(amplitude_ * std::sin(phase_));
      phase_ = std::fmod(phase_ + step_, 2 * std::numbers::pi);
    }
    return frame;
  }

 private:
  double step_, amplitude_, phase_ = 0;
};

// Goertzel: the power of `hz` in the sound in dB, where 0 is a sine of full scale. Hann-windowed, so that a
// neighbouring tone does not leak in.
inline double power_db(std::span<const float> sound, double hz) {
  const double w = 2 * std::numbers::pi * hz / rate_hz;
  double s1 = 0, s2 = 0, sum = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                                               static_cast<double>(sound.size()));
    const double s0 = window * sound[i] + 2 * std::cos(w) * s1 - s2;
    s2 = s1;
    s1 = s0;
    sum += window;
  }
  const double power = s1 * s1 + s2 * s2 - 2 * std::cos(w) * s1 * s2;
  return 10 * std::log10(std::max(power / (sum * sum / 4), 1e-12));
}

// What a participant's telephone does: a tone, encoded, packet by packet.
class Talker {
 public:
  Talker(rtp::Codec codec, double hz, double amplitude = 0.2)
      : codec_(codec), tone_(hz, amplitude), encoder_(AudioEncoder::create(codec, {})) {}
  std::vector<std::uint8_t> packet() {
    std::vector<std::uint8_t> payload(1500);
    payload.resize(encoder_->encode(tone_.frame(), payload));
    ++sequence;
    timestamp += timestamp_step(codec_);
    return payload;
  }
  std::uint16_t sequence = 65'500; // wraps soon
  std::uint32_t timestamp = 0xffffff00;

 private:
  rtp::Codec codec_;
  Tone tone_;
  std::unique_ptr<AudioEncoder> encoder_;
};

// What it hears.
class Ear {
 public:
  explicit Ear(rtp::Codec codec) : decoder_(AudioDecoder::create(codec)) {}
  void hear(std::span<const std::uint8_t> payload) {
    const std::size_t samples = decoder_->decode(payload, scratch_);
    sound.insert(sound.end(), scratch_.begin(), scratch_.begin() + static_cast<std::ptrdiff_t>(samples));
  }
  // Of the last second.
  double power(double hz) const {
    const std::size_t count = std::min<std::size_t>(sound.size(), rate_hz);
    return power_db(std::span(sound).last(count), hz);
  }
  std::vector<float> sound;

 private:
  std::unique_ptr<AudioDecoder> decoder_;
  std::vector<float> scratch_ = std::vector<float>(max_packet_samples);
};

} // namespace viadux::mixer
