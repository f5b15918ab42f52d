#include "core/mixer/resampler.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace viadux::mixer {
namespace {
constexpr std::size_t taps_at_lower_rate = 24;
constexpr double pass = 0.86; // of the lower rate's half
} // namespace

Resampler::Resampler(std::size_t factor) : factor_(factor), taps_(taps_at_lower_rate * factor) {
  const double middle = (static_cast<double>(taps_.size()) - 1) / 2;
  double sum = 0;
  for (std::size_t i = 0; i < taps_.size(); ++i) {
    const double x = (static_cast<double>(i) - middle) / static_cast<double>(factor) * pass;
    const double sinc = x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
    const double phase =
        2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(taps_.size());
    const double window = 0.42 - 0.5 * std::cos(phase) + 0.08 * std::cos(2 * phase); // Blackman
    taps_[i] = static_cast<float>(sinc * window);
    sum += taps_[i];
  }
  for (float& tap : taps_)
    tap = static_cast<float>(tap / sum);
}

void Resampler::reset() {
  history_.clear();
}

void Resampler::up(std::span<const float> in, std::span<float> out) {
  const std::size_t keep = taps_at_lower_rate - 1;
  history_.resize(keep, 0.0F);
  line_.assign(history_.begin(), history_.end());
  line_.insert(line_.end(), in.begin(), in.end());
  const auto gain = static_cast<float>(factor_);
  for (std::size_t i = 0; i < in.size(); ++i)
    for (std::size_t phase = 0; phase < factor_; ++phase) {
      float sum = 0;
      for (std::size_t k = 0; k < taps_at_lower_rate; ++k)
        sum += taps_[phase + k * factor_] * line_[i + keep - k];
      out[i * factor_ + phase] = sum * gain;
    }
  history_.assign(line_.end() - static_cast<std::ptrdiff_t>(keep), line_.end());
}

void Resampler::down(std::span<const float> in, std::span<float> out) {
  const std::size_t keep = taps_.size() - 1;
  history_.resize(keep, 0.0F);
  line_.assign(history_.begin(), history_.end());
  line_.insert(line_.end(), in.begin(), in.end());
  for (std::size_t i = 0; i < in.size() / factor_; ++i) {
    float sum = 0;
    const float* newest = line_.data() + keep + i * factor_;
    for (std::size_t k = 0; k < taps_.size(); ++k)
      sum += taps_[k] * *(newest - k);
    out[i] = sum;
  }
  history_.assign(line_.end() - static_cast<std::ptrdiff_t>(keep), line_.end());
}

} // namespace viadux::mixer
