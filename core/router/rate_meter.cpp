#include "core/router/rate_meter.hpp"

#include <algorithm>

namespace viadux::router {

void RateMeter::add(std::size_t bytes, std::int64_t now_us) {
  const std::int64_t step = now_us / step_us;
  if (first_us_ < 0 || step - last_step_ >= steps) {
    bytes_.fill(0); // nothing of the last second is left
    first_us_ = now_us;
    last_step_ = step;
  }
  for (; last_step_ < step; ++last_step_)
    bytes_[static_cast<std::size_t>((last_step_ + 1) % steps)] = 0;
  bytes_[static_cast<std::size_t>(step % steps)] += static_cast<std::uint32_t>(bytes);
}

std::uint32_t RateMeter::bps(std::int64_t now_us) const {
  const std::int64_t step = now_us / step_us;
  std::uint64_t sum = 0;
  for (std::int64_t s = std::max(step - steps + 1, last_step_ - steps + 1); s <= last_step_; ++s) {
    sum += bytes_[static_cast<std::size_t>((s % steps + steps) % steps)];
  }
  if (sum == 0 || first_us_ < 0) return 0;
  // The window is up to a second, but no longer than the stream has run; under 200 ms nothing can be told.
  const std::int64_t window = std::min(now_us - first_us_, (steps - 1) * step_us + now_us % step_us);
  return static_cast<std::uint32_t>(sum * 8 * 1'000'000 /
                                    static_cast<std::uint64_t>(std::max(window, 2 * step_us)));
}

} // namespace viadux::router
