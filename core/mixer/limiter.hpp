// Keeps a sum of voices below full scale: turns it down at once, up again slowly, and rounds what is left.
// [one thread]
#pragma once

#include "core/mixer/audio.hpp"

namespace viadux::mixer {

class Limiter {
 public:
  static constexpr float ceiling = 0.89F; // -1 dB
  void run(Frame& frame);

 private:
  float gain_ = 1;
};

} // namespace viadux::mixer
