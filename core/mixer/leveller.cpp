#include "core/mixer/leveller.hpp"

#include <algorithm>
#include <cmath>

namespace viadux::mixer {
namespace {

constexpr double least_dbov = -70; // lower is silence all the same
constexpr double least_speech_dbov = -55;
constexpr double above_floor_db = 12;
constexpr double floor_rise_db = 0.03;        // a frame: 1.5 dB a second
constexpr double smoothing = 0.02;            // of a second of speech
constexpr double up_db = 0.06, down_db = 0.2; // a frame: 3 and 10 dB a second

double power_of(const Frame& frame) {
  double sum = 0;
  for (const float sample : frame)
    sum += static_cast<double>(sample) * sample;
  return sum / frame_samples;
}

float factor(double db) {
  return static_cast<float>(std::pow(10.0, db / 20));
}

} // namespace

void Leveller::run(Frame& frame) {
  const double power = power_of(frame);
  const double dbov = std::max(10 * std::log10(power + 1e-12), least_dbov);
  floor_dbov_ = std::min(dbov, floor_dbov_ + floor_rise_db);
  if (dbov > floor_dbov_ + above_floor_db && dbov > least_speech_dbov)
    speech_ += (power - speech_) * (speech_ == 0 ? 1 : smoothing);
  const double before_db = gain_db_;
  if (speech_ > 0) {
    const double wanted_db = std::clamp(wanted_dbov - 10 * std::log10(speech_), -most_db, most_db);
    gain_db_ += std::clamp(wanted_db - gain_db_, -down_db, up_db);
  }
  if (before_db == 0 && gain_db_ == 0) return;
  const float from = factor(before_db), to = factor(gain_db_);
  for (std::size_t i = 0; i < frame_samples; ++i)
    frame[i] *= from + (to - from) * static_cast<float>(i) / static_cast<float>(frame_samples);
}

} // namespace viadux::mixer
