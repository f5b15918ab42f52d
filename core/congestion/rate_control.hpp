// Additive increase, multiplicative decrease on what DelayTrend says (draft-ietf-rmcat-gcc-02 section 5.5).
#pragma once

#include "core/congestion/delay_trend.hpp"

#include <cstdint>
#include <optional>

namespace viadux::congestion {

class RateControl {
 public:
  explicit RateControl(std::int64_t start_bps) : target_bps_(start_bps) {}

  // What arrives over half a second or so, and what of that the link takes while it is busy: the same where
  // it always is.
  struct Arriving {
    std::optional<std::int64_t> mean_bps, busy_bps;
  };
  // Returns the new target. `may_grow` is false while another cause limits
  // the rate.
  std::int64_t update(Usage usage, const Arriving& arriving, std::int64_t rtt_us, bool may_grow,
                      std::int64_t now_us);
  // A probe (or a new route) has shown this much.
  void set_target(std::int64_t bps) { target_bps_ = bps; }
  std::int64_t target_bps() const { return target_bps_; }
  void clamp(std::int64_t min_bps, std::int64_t max_bps);

 private:
  enum class State : std::uint8_t { hold, increase, decrease };
  void increase(std::optional<std::int64_t> acked_bps, std::int64_t rtt_us, std::int64_t now_us);
  void decrease(std::optional<std::int64_t> acked_bps, std::int64_t now_us);
  void learn_capacity(double acked_bps);
  double capacity_deviation() const;

  std::int64_t target_bps_;
  State state_ = State::hold;
  std::int64_t last_change_us_ = 0, last_decrease_us_ = 0;
  std::optional<double> capacity_bps_; // where overuse has happened before
  double capacity_variance_ = 0.4;     // normalised by the capacity, in kbit/s
};

} // namespace viadux::congestion
