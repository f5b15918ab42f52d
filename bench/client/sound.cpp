#include "bench/client/sound.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <opus.h>

namespace viadux::bench {
namespace {

constexpr int rate_hz = 48'000;
constexpr int frame_samples = rate_hz / 50;
constexpr int loop_frames = 100;
constexpr double audible_dbov = -50;

std::shared_ptr<Speech> encode(const OpusSettings& settings, const std::function<double(int sample)>& sound) {
  auto speech = std::make_shared<Speech>();
  int error = 0;
  const std::unique_ptr<OpusEncoder, void (*)(OpusEncoder*)> encoder(
      opus_encoder_create(rate_hz, 1, OPUS_APPLICATION_VOIP, &error), opus_encoder_destroy);
  if (!encoder) return speech;
  opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(settings.bitrate_bps));
  opus_encoder_ctl(encoder.get(), OPUS_SET_COMPLEXITY(settings.complexity));
  opus_encoder_ctl(encoder.get(), OPUS_SET_PACKET_LOSS_PERC(settings.expected_loss));
  opus_encoder_ctl(encoder.get(), OPUS_SET_INBAND_FEC(settings.expected_loss > 0 ? 1 : 0));
  std::array<float, frame_samples> frame{};
  std::array<std::uint8_t, 1275> out{};
  // The first turn brings the encoder to where the last frame leaves it: the loop has no seam.
  for (int i = 0; i < 2 * loop_frames; ++i) {
    for (int s = 0; s < frame_samples; ++s)
      frame[s] = static_cast<float>(sound((i % loop_frames) * frame_samples + s));
    const auto size = opus_encode_float(encoder.get(), frame.data(), frame_samples, out.data(), out.size());
    if (i >= loop_frames && size > 0) speech->frames.emplace_back(out.begin(), out.begin() + size);
  }
  return speech;
}

} // namespace

std::shared_ptr<const Speech> make_talk(std::uint32_t seed, const OpusSettings& settings) {
  const double pitch_hz = 100 + 10.0 * (seed % 16); // whole turns in the loop
  auto speech = encode(settings, [pitch_hz](int sample) {
    const double t = static_cast<double>(sample) / rate_hz;
    double buzz = 0;
    for (int harmonic = 1; harmonic <= 12; ++harmonic)
      buzz += std::sin(2 * std::numbers::pi * pitch_hz * harmonic * t) / harmonic;
    const double swell = 0.6 - 0.4 * std::cos(2 * std::numbers::pi * 4 * t);
    return 0.1 * swell * buzz;
  });
  speech->level = 23;
  speech->voice = true;
  return speech;
}

std::shared_ptr<const Speech> make_silence(const OpusSettings& settings) {
  return encode(settings, [](int) { return 0.0; });
}

Ear::Ear() : decoder_(nullptr, opus_decoder_destroy) {
  int error = 0;
  decoder_.reset(opus_decoder_create(rate_hz, 1, &error));
}

bool Ear::hears(Bytes payload) {
  std::array<float, frame_samples * 6> sound; // NOLINT: filled below
  const int samples =
      opus_decode_float(decoder_.get(), payload.data(), static_cast<opus_int32>(payload.size()), sound.data(),
                        static_cast<int>(sound.size()), 0);
  if (samples <= 0) return false;
  double power = 0;
  for (int i = 0; i < samples; ++i)
    power += static_cast<double>(sound[i]) * sound[i];
  return 10 * std::log10(power / samples + 1e-12) > audible_dbov;
}

} // namespace viadux::bench
