#include "core/congestion/delay_trend.hpp"

#include <algorithm>
#include <cmath>

namespace viadux::congestion {
namespace {
constexpr std::int64_t group_us = 5'000;         // packets sent within this are one group
constexpr std::int64_t burst_arrival_us = 5'000; // and so are those that a radio link let go at once
constexpr std::int64_t max_burst_us = 100'000;
constexpr std::int64_t stale_us = 2'000'000;        // no feedback that long: begin anew
constexpr std::int64_t arrival_jump_us = 3'000'000; // the receiver's clock was set
constexpr int reordered_before_reset = 3;
constexpr double smoothing = 0.9;
constexpr double gain = 4.0;
constexpr int max_deltas = 60;
constexpr double overuse_ms = 10;
constexpr double up_speed = 0.0087, down_speed = 0.039; // threshold's speed; it falls fast and grows slowly
constexpr double threshold_min = 6, threshold_max = 600, outlier = 15;
} // namespace

void DelayTrend::reset() {
  *this = DelayTrend();
}

bool DelayTrend::belongs_to_current(const PacketResult& packet) const {
  const std::int64_t arrival_delta = packet.arrival_us - current_.last_arrival_us;
  const std::int64_t send_delta = packet.send_us - current_.last_send_us;
  if (send_delta == 0) return true;
  if (arrival_delta - send_delta < 0 && arrival_delta <= burst_arrival_us &&
      packet.arrival_us - current_.first_arrival_us < max_burst_us)
    return true;
  return packet.send_us - current_.first_send_us <= group_us;
}

void DelayTrend::on_packet(const PacketResult& packet, std::int64_t now_us) {
  if (last_feedback_us_ != 0 && now_us - last_feedback_us_ > stale_us) current_ = previous_ = Group{};
  last_feedback_us_ = now_us;
  if (!current_.valid) {
    current_ = {packet.send_us, packet.send_us, packet.arrival_us, packet.arrival_us, true};
    return;
  }
  if (packet.send_us < current_.first_send_us) return; // reordered: says nothing of this group
  if (belongs_to_current(packet)) {
    current_.last_send_us = std::max(current_.last_send_us, packet.send_us);
    current_.last_arrival_us = packet.arrival_us;
    return;
  }
  close_group();
  current_ = {packet.send_us, packet.send_us, packet.arrival_us, packet.arrival_us, true};
}

void DelayTrend::close_group() {
  if (previous_.valid) {
    const std::int64_t send_delta = current_.last_send_us - previous_.last_send_us;
    const std::int64_t arrival_delta = current_.last_arrival_us - previous_.last_arrival_us;
    if (arrival_delta - send_delta >= arrival_jump_us) {
      reset();
      return;
    }
    if (arrival_delta < 0) {
      if (++negative_in_a_row_ >= reordered_before_reset) reset();
      return;
    }
    negative_in_a_row_ = 0;
    on_group_delta(send_delta / 1000.0, arrival_delta / 1000.0, current_.last_arrival_us);
  }
  previous_ = current_;
}

void DelayTrend::on_group_delta(double send_delta_ms, double arrival_delta_ms, std::int64_t arrival_us) {
  if (deltas_ == 0) first_arrival_us_ = arrival_us;
  deltas_ = std::min(deltas_ + 1, 1000);
  accumulated_ms_ += arrival_delta_ms - send_delta_ms;
  smoothed_ms_ = smoothing * smoothed_ms_ + (1 - smoothing) * accumulated_ms_;
  points_[next_point_] = {(arrival_us - first_arrival_us_) / 1000.0, smoothed_ms_};
  next_point_ = (next_point_ + 1) % window;
  point_count_ = std::min(point_count_ + 1, window);
  const double trend = point_count_ == window ? slope() : previous_trend_;
  detect(trend, send_delta_ms, arrival_us);
}

double DelayTrend::slope() const {
  double mean_x = 0, mean_y = 0;
  for (const Point& point : points_)
    mean_x += point.arrival_ms, mean_y += point.delay_ms;
  mean_x /= window, mean_y /= window;
  double numerator = 0, denominator = 0;
  for (const Point& point : points_) {
    numerator += (point.arrival_ms - mean_x) * (point.delay_ms - mean_y);
    denominator += (point.arrival_ms - mean_x) * (point.arrival_ms - mean_x);
  }
  return denominator == 0 ? previous_trend_ : numerator / denominator;
}

void DelayTrend::detect(double trend, double send_delta_ms, std::int64_t arrival_us) {
  if (deltas_ < 2) return;
  modified_trend_ = std::min(deltas_, max_deltas) * trend * gain;
  if (modified_trend_ > threshold_) {
    over_ms_ = over_ms_ < 0 ? send_delta_ms / 2 : over_ms_ + send_delta_ms;
    ++over_count_;
    if (over_ms_ > overuse_ms && over_count_ > 1 && trend >= previous_trend_) {
      over_ms_ = 0;
      over_count_ = 0;
      usage_ = Usage::overuse;
    }
  } else {
    over_ms_ = -1;
    over_count_ = 0;
    usage_ = modified_trend_ < -threshold_ ? Usage::underuse : Usage::normal;
  }
  previous_trend_ = trend;
  adapt_threshold(modified_trend_, arrival_us);
}

void DelayTrend::adapt_threshold(double modified_trend, std::int64_t arrival_us) {
  if (last_adapt_us_ == 0) last_adapt_us_ = arrival_us;
  const double magnitude = std::abs(modified_trend);
  if (magnitude <= threshold_ + outlier) {
    const double speed = magnitude < threshold_ ? down_speed : up_speed;
    const double elapsed_ms = std::clamp((arrival_us - last_adapt_us_) / 1000.0, 0.0, 100.0);
    threshold_ += speed * (magnitude - threshold_) * elapsed_ms;
    threshold_ = std::clamp(threshold_, threshold_min, threshold_max);
  }
  last_adapt_us_ = arrival_us;
}

} // namespace viadux::congestion
