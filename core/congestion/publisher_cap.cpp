#include "core/congestion/publisher_cap.hpp"

#include <algorithm>

namespace viadux::congestion {
namespace {
constexpr std::int64_t steady_us = 5'000'000, raise_every_us = 2'000'000, repeat_us = 1'000'000,
                       soonest_us = 200'000;
} // namespace

std::int64_t PublisherCap::update(std::span<const std::int64_t> shares_bps, std::int64_t now_us) {
  std::int64_t wanted = max_bps_;
  for (const std::int64_t share : shares_bps) {
    if (share >= floor_bps_) wanted = std::min(wanted, share);
  }
  if (wanted < cap_bps_ * 9 / 10) {
    cap_bps_ = wanted;
    steady_since_us_ = now_us;
    return cap_bps_;
  }
  // Small falls are left to the receivers' headroom, but they too begin the wait anew.
  if (wanted <= cap_bps_) {
    steady_since_us_ = now_us;
    return cap_bps_;
  }
  if (now_us - steady_since_us_ >= steady_us && now_us - last_raise_us_ >= raise_every_us) {
    cap_bps_ = std::min(wanted, cap_bps_ * 115 / 100);
    last_raise_us_ = now_us;
  }
  return cap_bps_;
}

bool PublisherCap::due(std::int64_t now_us) {
  const bool fell = cap_bps_ < told_bps_ * 95 / 100 || told_bps_ == 0;
  const std::int64_t wait = fell ? soonest_us : repeat_us;
  if (told_us_ != 0 && now_us - told_us_ < wait) return false;
  told_us_ = now_us;
  told_bps_ = cap_bps_;
  return true;
}

} // namespace viadux::congestion
