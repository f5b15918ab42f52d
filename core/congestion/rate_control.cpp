#include "core/congestion/rate_control.hpp"

#include <algorithm>
#include <cmath>

namespace viadux::congestion {
namespace {
constexpr double back_off = 0.85;
constexpr double growth_per_second = 1.08;
constexpr double capacity_alpha = 0.05;
constexpr double average_frame_bits = 1200 * 8;
} // namespace

void RateControl::clamp(std::int64_t min_bps, std::int64_t max_bps) {
  target_bps_ = std::clamp(target_bps_, min_bps, max_bps);
}

std::int64_t RateControl::update(Usage usage, const Arriving& arriving, std::int64_t rtt_us, bool may_grow,
                                 std::int64_t now_us) {
  switch (usage) {
  case Usage::overuse:
    state_ = State::decrease;
    break;
  case Usage::underuse:
    state_ = State::hold;
    break;
  case Usage::normal:
    if (state_ == State::hold) {
      last_change_us_ = now_us;
      state_ = State::increase;
    }
    break;
  }
  if (state_ == State::increase && may_grow) increase(arriving.mean_bps, rtt_us, now_us);
  if (state_ == State::decrease) {
    // Once per RTT, or at once when less than half of the target arrives.
    const std::int64_t interval = std::clamp<std::int64_t>(rtt_us, 10'000, 200'000);
    const bool collapsed = arriving.busy_bps && *arriving.busy_bps < target_bps_ / 2;
    if (now_us - last_decrease_us_ >= interval || collapsed) decrease(arriving.busy_bps, now_us);
    state_ = State::hold;
  }
  last_change_us_ = now_us;
  return target_bps_;
}

void RateControl::increase(std::optional<std::int64_t> acked_bps, std::int64_t rtt_us, std::int64_t now_us) {
  if (capacity_bps_ && acked_bps && *acked_bps > *capacity_bps_ + 3 * capacity_deviation())
    capacity_bps_.reset();
  const double elapsed_s = std::clamp((now_us - last_change_us_) / 1e6, 0.0, 1.0);
  double grown = static_cast<double>(target_bps_);
  if (capacity_bps_) {
    // Near where it overflowed last: one packet per response time, at least 4 kbit/s per second.
    const double response_s = 2 * (rtt_us / 1e6 + 0.1);
    grown += std::max(4000.0, average_frame_bits / response_s) * elapsed_s;
  } else {
    grown += std::max(1000.0, grown * (std::pow(growth_per_second, elapsed_s) - 1));
  }
  // What is not sent is not tested: never far above what arrives. Probes show the rest.
  if (acked_bps) {
    const double limit = 1.5 * static_cast<double>(*acked_bps) + 10'000;
    grown = std::min(grown, std::max(limit, static_cast<double>(target_bps_)));
  }
  target_bps_ = static_cast<std::int64_t>(grown);
}

void RateControl::decrease(std::optional<std::int64_t> acked_bps, std::int64_t now_us) {
  last_decrease_us_ = now_us;
  if (!acked_bps) {
    target_bps_ /= 2;
    return;
  }
  double reduced = back_off * static_cast<double>(*acked_bps);
  if (reduced > 5'000) reduced -= 5'000;
  if (reduced > static_cast<double>(target_bps_) && capacity_bps_) reduced = back_off * *capacity_bps_;
  target_bps_ = std::min(target_bps_, static_cast<std::int64_t>(reduced));
  if (capacity_bps_ && static_cast<double>(*acked_bps) < *capacity_bps_ - 3 * capacity_deviation())
    capacity_bps_.reset();
  learn_capacity(static_cast<double>(*acked_bps));
}

double RateControl::capacity_deviation() const {
  // The variance is normalised in kbit/s.
  return std::sqrt(capacity_variance_ * *capacity_bps_ / 1000) * 1000;
}

void RateControl::learn_capacity(double acked_bps) {
  if (!capacity_bps_) {
    capacity_bps_ = acked_bps;
    return;
  }
  capacity_bps_ = (1 - capacity_alpha) * *capacity_bps_ + capacity_alpha * acked_bps;
  const double error_kbps = (*capacity_bps_ - acked_bps) / 1000;
  const double normalised = error_kbps * error_kbps / std::max(*capacity_bps_ / 1000, 1.0);
  capacity_variance_ =
      std::clamp((1 - capacity_alpha) * capacity_variance_ + capacity_alpha * normalised, 0.4, 2.5);
}

} // namespace viadux::congestion
