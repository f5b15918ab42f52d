#include "core/mixer/audio_encoder.hpp"

#include "core/mixer/g711.hpp"
#include "core/mixer/resampler.hpp"

#include <algorithm>
#include <cmath>
#include <opus.h>
#include <spandsp.h>

namespace viadux::mixer {
namespace {

class OpusPackets final : public AudioEncoder {
 public:
  explicit OpusPackets(const AudioEncoding& encoding) {
    int error = 0;
    encoder_.reset(opus_encoder_create(rate_hz, 1, OPUS_APPLICATION_VOIP, &error));
    if (!encoder_) return;
    opus_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(encoding.bitrate_bps));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_COMPLEXITY(encoding.complexity));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_PACKET_LOSS_PERC(encoding.expected_loss));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_DTX(encoding.dtx ? 1 : 0));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
  }
  bool good() const { return encoder_ != nullptr; }
  std::size_t encode(const Frame& frame, std::span<std::uint8_t> out) override {
    const int size = opus_encode_float(encoder_.get(), frame.data(), frame_samples, out.data(),
                                       static_cast<opus_int32>(std::min(out.size(), max_bytes)));
    return size > 2 ? static_cast<std::size_t>(size) : 0; // RFC 6716: 2 bytes or less need not be sent
  }
  void reset() override { opus_encoder_ctl(encoder_.get(), OPUS_RESET_STATE); }

 private:
  struct Free {
    void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
  };
  std::unique_ptr<OpusEncoder, Free> encoder_;
};

class TelephonePackets final : public AudioEncoder {
 public:
  explicit TelephonePackets(rtp::Codec codec) : codec_(codec), resampler_(codec == rtp::Codec::g722 ? 3 : 6) {
    if (codec == rtp::Codec::g722) g722_.reset(g722_encode_init(nullptr, 64'000, 0));
  }
  std::size_t encode(const Frame& frame, std::span<std::uint8_t> out) override {
    const std::size_t count = frame_samples / (g722_ ? 3 : 6);
    if (out.size() < bytes) return 0;
    std::array<float, frame_samples / 3> low{};
    resampler_.down(frame, std::span(low).first(count));
    std::array<std::int16_t, frame_samples / 3> pcm{};
    for (std::size_t i = 0; i < count; ++i)
      pcm[i] = static_cast<std::int16_t>(std::lround(std::clamp(low[i], -1.0F, 1.0F) * 32767.0F));
    if (g722_)
      return static_cast<std::size_t>(
          g722_encode(g722_.get(), out.data(), pcm.data(), static_cast<int>(count)));
    for (std::size_t i = 0; i < count; ++i)
      out[i] = codec_ == rtp::Codec::pcma ? encode_alaw(pcm[i]) : encode_ulaw(pcm[i]);
    return count;
  }
  void reset() override {
    resampler_.reset();
    if (g722_) g722_encode_init(g722_.get(), 64'000, 0);
  }

 private:
  static constexpr std::size_t bytes = 160; // 64 kbit/s for 20 ms
  struct Free {
    void operator()(g722_encode_state_t* state) const { g722_encode_free(state); }
  };
  rtp::Codec codec_;
  std::unique_ptr<g722_encode_state_t, Free> g722_;
  Resampler resampler_;
};

} // namespace

std::unique_ptr<AudioEncoder> AudioEncoder::create(rtp::Codec codec, const AudioEncoding& encoding) {
  switch (codec) {
  case rtp::Codec::opus: {
    auto opus = std::make_unique<OpusPackets>(encoding);
    if (!opus->good()) return nullptr;
    return opus;
  }
  case rtp::Codec::pcma:
  case rtp::Codec::pcmu:
  case rtp::Codec::g722:
    return std::make_unique<TelephonePackets>(codec);
  default:
    return nullptr;
  }
}

} // namespace viadux::mixer
