// Is the queue towards the receiver growing? The delay-based part of Google congestion control: packet
// groups, a trend line through the smoothed one-way delay variation, and a threshold that adapts. Source:
// draft-ietf-rmcat-gcc-02 sections 4-5, with libwebrtc's trend line in place of the Kalman filter.
#pragma once

#include "core/congestion/sent_history.hpp"

#include <array>
#include <cstdint>

namespace viadux::congestion {

enum class Usage : std::uint8_t { normal, overuse, underuse };

class DelayTrend {
 public:
  // Takes received packets, oldest arrival first.
  void on_packet(const PacketResult& packet, std::int64_t now_us);
  Usage usage() const { return usage_; }
  double trend() const { return modified_trend_; }
  double threshold() const { return threshold_; }
  // A new route: what was learnt of the old one says nothing.
  void reset();

 private:
  struct Group {
    std::int64_t first_send_us = 0, last_send_us = 0, first_arrival_us = 0, last_arrival_us = 0;
    bool valid = false;
  };
  struct Point {
    double arrival_ms, delay_ms;
  };
  static constexpr int window = 20;

  bool belongs_to_current(const PacketResult& packet) const;
  void close_group();
  void on_group_delta(double send_delta_ms, double arrival_delta_ms, std::int64_t arrival_us);
  double slope() const;
  void detect(double trend, double send_delta_ms, std::int64_t arrival_us);
  void adapt_threshold(double modified_trend, std::int64_t arrival_us);

  Group current_, previous_;
  int negative_in_a_row_ = 0;
  std::int64_t last_feedback_us_ = 0;

  std::array<Point, window> points_{};
  int point_count_ = 0, next_point_ = 0;
  int deltas_ = 0;
  double accumulated_ms_ = 0, smoothed_ms_ = 0;
  std::int64_t first_arrival_us_ = 0;

  double threshold_ = 12.5;
  double previous_trend_ = 0, modified_trend_ = 0;
  double over_ms_ = -1;
  int over_count_ = 0;
  std::int64_t last_adapt_us_ = 0;
  Usage usage_ = Usage::normal;
};

} // namespace viadux::congestion
