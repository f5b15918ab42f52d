// Between 48 kHz and 8 or 16 kHz: a whole factor, by one low-pass filter (windowed sinc, 24 taps of the lower
// rate, about 60 dB down from 1.15 of the band's edge).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace viadux::mixer {

class Resampler {
 public:
  explicit Resampler(std::size_t factor);

  // `out` has in.size() * factor places.
  void up(std::span<const float> in, std::span<float> out);
  // `in` is a multiple of the factor long.
  void down(std::span<const float> in, std::span<float> out);
  void reset();

 private:
  std::size_t factor_;
  std::vector<float> taps_;    // at the higher rate
  std::vector<float> history_; // of the input, oldest first
  std::vector<float> line_;
};

} // namespace viadux::mixer
