// Bits per second over the last second, in steps of 100 ms. [worker]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace viadux::router {

class RateMeter {
 public:
  void add(std::size_t bytes, std::int64_t now_us);
  std::uint32_t bps(std::int64_t now_us) const;

 private:
  static constexpr std::int64_t step_us = 100'000;
  static constexpr std::int64_t steps = 10;
  std::array<std::uint32_t, steps> bytes_{};
  std::int64_t last_step_ = INT64_MIN / 2;
  std::int64_t first_us_ = -1;
};

} // namespace viadux::router
