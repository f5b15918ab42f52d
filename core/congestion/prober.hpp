// Is there room for more? Short bursts of padding above the target, when more is wanted than the target
// allows. The session sends the packets; feedback says what came through.
#pragma once

#include "core/congestion/sent_history.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace viadux::congestion {

// A burst to send: `packets` or more, until `bytes` are out, spread so that the rate is `bps`. Media that
// leaves meanwhile belongs to it and carries its id too.
struct ProbePlan {
  std::uint8_t id = no_probe; // goes with each packet of it into the history
  std::int64_t bps = 0;
  int packets = 0;
  std::int64_t bytes = 0;
};

class Prober {
 public:
  // What to send now, if anything. `wanted_bps` is what the slots would use; `steady` is false while the link
  // is overused or loss limits the rate.
  std::optional<ProbePlan> next(std::int64_t target_bps, std::int64_t wanted_bps, bool steady,
                                std::int64_t now_us);
  void on_packet(const PacketResult& packet);
  // A target that the running burst has proven, once its packets are in; consumed by the call.
  std::optional<std::int64_t> result(std::int64_t now_us);
  // The target has just fallen from `before_bps`: try 85 % of it soon.
  void on_drop(std::int64_t before_bps, std::int64_t now_us);
  // The last burst met the link's end.
  bool saturated() const { return saturated_; }
  // A new route or a first connection: the exponential start (3x, 6x, then 2x while it works).
  void restart() { *this = Prober(); }

 private:
  ProbePlan plan(std::int64_t bps, std::int64_t now_us);

  enum class Phase : std::uint8_t { start_low, start_high, grow, steady } phase_ = Phase::start_low;
  ProbePlan running_;
  std::uint8_t last_id_ = no_probe;
  std::int64_t began_us_ = 0, next_allowed_us_ = 0, interval_us_ = 5'000'000;
  std::int64_t recover_bps_ = 0, recover_until_us_ = 0, last_recovery_us_ = 0;
  std::int64_t last_result_bps_ = 0;
  bool saturated_ = false;
  // What of the running burst has arrived.
  int received_ = 0;
  std::int64_t bytes_ = 0, first_send_us_ = 0, last_send_us_ = 0, first_arrival_us_ = 0, last_arrival_us_ = 0;
  std::uint16_t first_arrived_size_ = 0, last_sent_size_ = 0;
};

} // namespace viadux::congestion
