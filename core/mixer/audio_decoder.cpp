#include "core/mixer/audio_decoder.hpp"

#include "core/mixer/g711.hpp"
#include "core/mixer/resampler.hpp"

#include <algorithm>
#include <opus.h>
#include <spandsp.h>
#include <vector>

namespace viadux::mixer {
namespace {

class OpusSound final : public AudioDecoder {
 public:
  OpusSound() {
    int error = 0;
    decoder_.reset(opus_decoder_create(rate_hz, 1, &error));
  }
  bool good() const { return decoder_ != nullptr; }

  std::size_t duration(std::span<const std::uint8_t> payload) const override {
    const int samples =
        opus_packet_get_nb_samples(payload.data(), static_cast<opus_int32>(payload.size()), rate_hz);
    return samples > 0 && static_cast<std::size_t>(samples) <= max_packet_samples
               ? static_cast<std::size_t>(samples)
               : 0;
  }
  std::size_t decode(std::span<const std::uint8_t> payload, std::span<float> out) override {
    return run(payload, out, max_packet_samples, false);
  }
  std::size_t conceal(std::size_t samples, std::span<float> out) override {
    return run({}, out, samples, false);
  }
  std::size_t recover(std::span<const std::uint8_t> next, std::size_t samples,
                      std::span<float> out) override {
    return run(next, out, samples, true);
  }
  void reset() override { opus_decoder_ctl(decoder_.get(), OPUS_RESET_STATE); }

 private:
  std::size_t run(std::span<const std::uint8_t> payload, std::span<float> out, std::size_t samples,
                  bool fec) {
    const int decoded = opus_decode_float(
        decoder_.get(), payload.empty() ? nullptr : payload.data(), static_cast<opus_int32>(payload.size()),
        out.data(), static_cast<int>(std::min(samples, max_packet_samples)), fec ? 1 : 0);
    return decoded > 0 ? static_cast<std::size_t>(decoded) : 0;
  }
  struct Free {
    void operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
  };
  std::unique_ptr<OpusDecoder, Free> decoder_;
};

// G.711 and G.722: one byte is 1/8000 s. What is lost is the last 10 ms again, fading out.
class TelephoneSound final : public AudioDecoder {
 public:
  explicit TelephoneSound(rtp::Codec codec) : codec_(codec), resampler_(codec == rtp::Codec::g722 ? 3 : 6) {
    if (codec == rtp::Codec::g722) g722_.reset(g722_decode_init(nullptr, 64'000, 0));
  }

  std::size_t duration(std::span<const std::uint8_t> payload) const override {
    const std::size_t samples = payload.size() * 6;
    return samples <= max_packet_samples ? samples : 0;
  }
  std::size_t decode(std::span<const std::uint8_t> payload, std::span<float> out) override {
    const std::size_t samples = duration(payload);
    if (samples == 0) return 0;
    pcm_.resize(payload.size() * 2);
    std::size_t count = payload.size();
    if (g722_) {
      count = static_cast<std::size_t>(
          g722_decode(g722_.get(), pcm_.data(), payload.data(), static_cast<int>(payload.size())));
    } else {
      for (std::size_t i = 0; i < count; ++i)
        pcm_[i] = codec_ == rtp::Codec::pcma ? decode_alaw(payload[i]) : decode_ulaw(payload[i]);
    }
    low_.resize(count);
    for (std::size_t i = 0; i < count; ++i)
      low_[i] = static_cast<float>(pcm_[i]) / 32768.0F;
    resampler_.up(low_, out.first(samples));
    const std::size_t kept = std::min(samples, last_.size());
    std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(samples - kept), kept, last_.begin());
    gain_ = 1;
    return samples;
  }
  std::size_t conceal(std::size_t samples, std::span<float> out) override {
    samples = std::min(samples, max_packet_samples);
    for (std::size_t i = 0; i < samples; ++i) {
      out[i] = last_[i % last_.size()] * gain_;
      gain_ = std::max(0.0F, gain_ - 1.0F / static_cast<float>(3 * frame_samples));
    }
    return samples;
  }
  void reset() override {
    resampler_.reset();
    last_.fill(0);
    if (g722_) g722_decode_init(g722_.get(), 64'000, 0);
  }

 private:
  struct Free {
    void operator()(g722_decode_state_t* state) const { g722_decode_free(state); }
  };
  rtp::Codec codec_;
  std::unique_ptr<g722_decode_state_t, Free> g722_;
  Resampler resampler_;
  std::vector<std::int16_t> pcm_;
  std::vector<float> low_;
  std::array<float, frame_samples / 2> last_{};
  float gain_ = 1;
};

} // namespace

std::unique_ptr<AudioDecoder> AudioDecoder::create(rtp::Codec codec) {
  switch (codec) {
  case rtp::Codec::opus: {
    auto opus = std::make_unique<OpusSound>();
    if (!opus->good()) return nullptr;
    return opus;
  }
  case rtp::Codec::pcma:
  case rtp::Codec::pcmu:
  case rtp::Codec::g722:
    return std::make_unique<TelephoneSound>(codec);
  default:
    return nullptr;
  }
}

} // namespace viadux::mixer
