// What one receiver's link can carry, judged from its own transport-cc feedback alone (so that a publisher's
// bad uplink never lowers it). One per session. [worker]
//
//   every packet sent:   seq = estimator.on_send(now_us, wire_bytes);   // the transport-wide sequence number
//   every feedback:      estimator.on_feedback(items, now_us);
//   every 25 ms or so:   estimator.on_tick(now_us);  if (auto probe = estimator.next_probe(wanted, now_us))
//   ... then:                estimator.target_bps()
#pragma once

#include "core/congestion/acked_rate.hpp"
#include "core/congestion/delay_trend.hpp"
#include "core/congestion/loss_limit.hpp"
#include "core/congestion/prober.hpp"
#include "core/congestion/rate_control.hpp"
#include "core/congestion/sent_history.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace viadux::congestion {

struct EstimatorOptions {
  std::int64_t start_bps = 600'000;
  std::int64_t min_bps = 30'000;
  std::int64_t max_bps = 20'000'000;
};

// One line of a feedback report, in the order of sequence numbers.
struct FeedbackItem {
  std::uint16_t seq = 0;
  bool received = false;
  std::int64_t arrival_us = 0; // receiver's clock, any zero
};

// Why the target is not higher: for metrics and the statistics page.
enum class Limit : std::uint8_t { none, start, delay, loss, receiver, no_feedback, maximum };

class BandwidthEstimator {
 public:
  explicit BandwidthEstimator(const EstimatorOptions& options)
      : options_(options), rate_(options.start_bps), target_bps_(options.start_bps) {}

  // `wire_bytes` is the datagram with IP and UDP headers.
  std::uint16_t on_send(std::int64_t now_us, std::size_t wire_bytes, std::uint8_t probe = no_probe);
  // At most 8192 items are looked at; what was never sent is ignored.
  void on_feedback(std::span<const FeedbackItem> items, std::int64_t now_us);
  // The receiver's own limit (REMB, TMMBR); 0 lifts it.
  void on_receiver_limit(std::int64_t bps) { receiver_limit_bps_ = bps; }
  void on_tick(std::int64_t now_us);
  // A new path (ICE): nothing learnt of the old one holds.
  void on_route_change(std::int64_t now_us);

  std::optional<ProbePlan> next_probe(std::int64_t wanted_bps, std::int64_t now_us);

  std::int64_t target_bps() const { return target_bps_; }
  std::optional<std::int64_t> acked_bps() const { return acked_.bps(); }
  std::int64_t rtt_us() const { return rtt_us_; }
  // How much longer than it could be the way to the receiver and back is now.
  std::int64_t queue_us() const { return min_rtt_us_ > 0 ? rtt_us_ - min_rtt_us_ : 0; }
  // More of anything would make it worse now.
  bool is_congested() const { return trend_.usage() == Usage::overuse || loss_.recent_loss() > 0.2; }
  double loss() const { return loss_.recent_loss(); }
  Limit limit() const { return limit_; }
  // Whether the link has shown its end (queue, loss, a probe that did not get through, its own limit) since
  // the route was new. Until then the target is only what has been tried so far, and no reason to hold
  // anybody back.
  bool is_bounded() const { return receiver_limit_bps_ > 0 || bounded_; }
  bool has_feedback() const { return last_feedback_us_ != 0; }
  const DelayTrend& trend() const { return trend_; }

 private:
  void update_target(Usage usage, std::int64_t now_us);

  EstimatorOptions options_;
  SentHistory history_;
  DelayTrend trend_;
  AckedRate acked_;
  RateControl rate_;
  LossLimit loss_;
  Prober prober_;

  std::uint16_t next_seq_ = 1;
  std::int64_t target_bps_;
  std::int64_t receiver_limit_bps_ = 0;
  std::int64_t rtt_us_ = 200'000, min_rtt_us_ = 0, min_rtt_set_us_ = 0;
  std::int64_t first_send_us_ = 0, last_send_us_ = 0, last_feedback_us_ = 0, last_backoff_us_ = 0;
  bool bounded_ = false;
  Limit limit_ = Limit::start;
};

} // namespace viadux::congestion
