// Loss as a sign of congestion, and only then: random loss on a radio link must not push the rate down. The
// rate is lowered when loss is above 5 % *and* it has grown, or the queue is long; never under what really
// arrives.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace viadux::congestion {

class LossLimit {
 public:
  static constexpr double no_radio = 0.3; // more than this is never the radio's loss alone

  // Counts packets of one feedback report.
  void on_report(int received, int lost, std::int64_t now_us);
  // A loss that a later report took back (reordering).
  void on_recovered(int packets) { window_lost_ = window_lost_ > packets ? window_lost_ - packets : 0; }
  // The ceiling that loss demands at this target; nullopt when it demands none.
  std::optional<std::int64_t> limit(std::int64_t target_bps, std::optional<std::int64_t> acked_bps,
                                    bool queue_long, std::int64_t rtt_us, std::int64_t now_us);
  // 0..1 over the last second.
  double recent_loss() const;
  bool may_grow(std::int64_t now_us) const { return now_us >= hold_until_us_; }

 private:
  static constexpr int windows = 40; // of 250 ms: ten seconds
  void close_window(std::int64_t now_us);
  double median_loss() const;

  std::array<float, windows> loss_{};
  int count_ = 0, next_ = 0;
  int window_received_ = 0, window_lost_ = 0;
  std::int64_t window_begin_us_ = 0, last_cut_us_ = 0, hold_until_us_ = 0, hold_us_ = 0;
};

} // namespace viadux::congestion
