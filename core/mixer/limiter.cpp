#include "core/mixer/limiter.hpp"

#include <algorithm>
#include <cmath>

namespace viadux::mixer {
namespace {
constexpr float rise = 1.02F;            // a frame: 1 dB in 120 ms
constexpr std::size_t ramp_samples = 48; // 1 ms
} // namespace

void Limiter::run(Frame& frame) {
  float peak = 0;
  for (const float sample : frame)
    peak = std::max(peak, std::abs(sample));
  const float wanted = peak > ceiling ? ceiling / peak : 1.0F;
  const float before = gain_;
  gain_ = std::min(wanted, gain_ * rise);
  if (before == 1.0F && gain_ == 1.0F) return;
  const std::size_t ramp = gain_ < before ? ramp_samples : frame_samples;
  for (std::size_t i = 0; i < frame_samples; ++i) {
    const float part = i < ramp ? static_cast<float>(i) / static_cast<float>(ramp) : 1.0F;
    const float sample = frame[i] * (before + (gain_ - before) * part);
    // A peak inside the ramp.
    frame[i] =
        std::abs(sample) <= ceiling
            ? sample
            : std::copysign(ceiling + (1 - ceiling) * std::tanh((std::abs(sample) - ceiling) / (1 - ceiling)),
                            sample);
  }
}

} // namespace viadux::mixer
