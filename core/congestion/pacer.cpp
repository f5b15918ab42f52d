#include "core/congestion/pacer.hpp"

#include <algorithm>

namespace viadux::congestion {
namespace {
constexpr std::int64_t depth_us = 20'000;                         // so much of the rate may leave at once
constexpr std::int64_t depth_least = 2 * 1'250 * 8 * 1'000'000LL; // but never less than two packets
constexpr std::int64_t debt_us = 100'000; // what sound overdraws is forgotten beyond this
} // namespace

void Pacer::refill(std::int64_t now_us) {
  // Rates are at most some Gbit/s and the time is cut off: no overflow.
  const std::int64_t elapsed_us = std::clamp<std::int64_t>(now_us - refilled_us_, 0, 1'000'000);
  refilled_us_ = std::max(refilled_us_, now_us);
  credit_ = std::min(credit_ + elapsed_us * rate_bps_, std::max(rate_bps_ * depth_us, depth_least));
}

void Pacer::set_rate(std::int64_t bps, std::int64_t now_us) {
  refill(now_us);
  rate_bps_ = std::clamp<std::int64_t>(bps, 10'000, 1'000'000'000);
}

bool Pacer::may_send(std::int64_t now_us) {
  refill(now_us);
  return credit_ > 0;
}

void Pacer::on_sent(std::size_t wire_bytes, std::int64_t now_us) {
  refill(now_us);
  credit_ -= static_cast<std::int64_t>(wire_bytes) * 8'000'000;
  credit_ = std::max(credit_, -std::max(rate_bps_ * debt_us, depth_least));
}

std::int64_t Pacer::wait_us(std::int64_t now_us) {
  if (may_send(now_us)) return 0;
  return -credit_ / rate_bps_ + 1;
}

} // namespace viadux::congestion
