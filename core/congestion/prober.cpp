#include "core/congestion/prober.hpp"

#include <algorithm>

namespace viadux::congestion {
namespace {
constexpr int packets = 5;
constexpr std::int64_t burst_us = 15'000;
constexpr std::int64_t result_wait_us = 1'000'000;
constexpr std::int64_t retry_min_us = 5'000'000, retry_max_us = 10'000'000;
constexpr std::int64_t recover_within_us = 5'000'000;
constexpr double enough = 0.8;     // of the burst's packets and bytes must have come
constexpr double full_share = 0.9; // received slower than this share of sent: the link is full
constexpr double saturated_use = 0.95;
constexpr double go_on = 0.7; // a start probe that shows this share of its rate is followed by a larger one
} // namespace

ProbePlan Prober::plan(std::int64_t bps, std::int64_t now_us) {
  last_id_ = last_id_ == 255 ? 1 : last_id_ + 1;
  running_ = {last_id_, bps, packets, std::max<std::int64_t>(bps / 8 * burst_us / 1'000'000, 1)};
  began_us_ = now_us;
  received_ = 0;
  bytes_ = 0;
  return running_;
}

std::optional<ProbePlan> Prober::next(std::int64_t target_bps, std::int64_t wanted_bps, bool steady,
                                      std::int64_t now_us) {
  if (running_.id != no_probe || now_us < next_allowed_us_) return std::nullopt;
  if (wanted_bps <= target_bps || !steady) return std::nullopt;
  const std::int64_t cap = 2 * wanted_bps;
  switch (phase_) {
  case Phase::start_low:
    return plan(std::min(3 * target_bps, cap), now_us);
  case Phase::start_high:
    return plan(std::min(std::max(6 * target_bps / 3, 2 * target_bps), cap), now_us);
  case Phase::grow:
    return plan(std::min(2 * std::max(target_bps, last_result_bps_), cap), now_us);
  case Phase::steady:
    break;
  }
  if (recover_bps_ > target_bps && now_us < recover_until_us_) {
    const std::int64_t bps = std::min(recover_bps_, cap);
    recover_bps_ = 0;
    last_recovery_us_ = now_us;
    return plan(bps, now_us);
  }
  return plan(std::min(2 * target_bps, cap), now_us);
}

void Prober::on_packet(const PacketResult& packet) {
  if (packet.probe == no_probe || packet.probe != running_.id || !packet.received) return;
  if (received_ == 0) {
    first_send_us_ = last_send_us_ = packet.send_us;
    first_arrival_us_ = last_arrival_us_ = packet.arrival_us;
    first_arrived_size_ = last_sent_size_ = packet.size;
  }
  ++received_;
  bytes_ += packet.size;
  first_send_us_ = std::min(first_send_us_, packet.send_us);
  if (packet.send_us >= last_send_us_) last_send_us_ = packet.send_us, last_sent_size_ = packet.size;
  if (packet.arrival_us < first_arrival_us_)
    first_arrival_us_ = packet.arrival_us, first_arrived_size_ = packet.size;
  last_arrival_us_ = std::max(last_arrival_us_, packet.arrival_us);
}

std::optional<std::int64_t> Prober::result(std::int64_t now_us) {
  if (running_.id == no_probe) return std::nullopt;
  const bool complete = received_ >= static_cast<int>(enough * running_.packets) &&
                        static_cast<double>(bytes_) >= enough * static_cast<double>(running_.bytes);
  if (!complete && now_us - began_us_ < result_wait_us) return std::nullopt;
  const std::int64_t asked_bps = running_.bps;
  running_.id = no_probe;

  std::optional<std::int64_t> proven;
  const std::int64_t send_span = last_send_us_ - first_send_us_;
  const std::int64_t receive_span = last_arrival_us_ - first_arrival_us_;
  if (complete && send_span > 0 && receive_span > 0 && send_span < 1'000'000 && receive_span < 1'000'000) {
    const double send_bps =
        static_cast<double>(bytes_ - last_sent_size_) * 8e6 / static_cast<double>(send_span);
    const double receive_bps =
        static_cast<double>(bytes_ - first_arrived_size_) * 8e6 / static_cast<double>(receive_span);
    // Received at twice the rate it was sent: something held it back and let it go; it proves nothing.
    if (receive_bps <= 2 * send_bps) {
      saturated_ = receive_bps < full_share * send_bps;
      const double rate = saturated_ ? saturated_use * receive_bps : std::min(send_bps, receive_bps);
      proven = static_cast<std::int64_t>(rate);
    }
  }
  const bool good = proven && static_cast<double>(*proven) > go_on * static_cast<double>(asked_bps);
  last_result_bps_ = proven.value_or(0);
  if (phase_ == Phase::start_low) {
    phase_ = Phase::start_high;
  } else if (good) {
    // There is room: go on doubling until there is none.
    phase_ = Phase::grow;
    interval_us_ = retry_min_us;
  } else {
    phase_ = Phase::steady;
    next_allowed_us_ = now_us + interval_us_;
    interval_us_ = std::min(2 * interval_us_, retry_max_us);
  }
  return proven;
}

void Prober::on_drop(std::int64_t before_bps, std::int64_t now_us) {
  if (now_us - last_recovery_us_ < recover_within_us) return;
  recover_bps_ = before_bps * 85 / 100;
  recover_until_us_ = now_us + recover_within_us;
  interval_us_ = retry_min_us;
  // Not into the queue that has just overflowed: give it a second to drain.
  next_allowed_us_ = std::min(std::max(next_allowed_us_, now_us + 1'000'000), now_us + 2'000'000);
}

} // namespace viadux::congestion
