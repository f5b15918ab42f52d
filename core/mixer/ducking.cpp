#include "core/mixer/ducking.hpp"

#include <algorithm>
#include <cmath>

namespace viadux::mixer {
namespace {

float factor(double db) {
  return static_cast<float>(std::pow(10.0, db / 20));
}

} // namespace

void Ducking::step(bool spoken, std::int64_t now_us) {
  if (spoken) spoken_us_ = now_us;
  from_db_ = to_db_;
  const bool down = now_us - spoken_us_ < hold_us;
  to_db_ = down ? std::max(to_db_ - down_db, -depth_db) : std::min(to_db_ + up_db, 0.0);
}

void Ducking::add(const Frame& floor, Frame& to) const {
  const float from = factor(from_db_), rise = factor(to_db_) - from;
  for (std::size_t i = 0; i < frame_samples; ++i)
    to[i] += floor[i] * (from + rise * static_cast<float>(i) / static_cast<float>(frame_samples));
}

} // namespace viadux::mixer
