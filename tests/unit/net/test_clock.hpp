// Time that tests move by hand.
#pragma once

#include "core/control/clock.hpp"

namespace viadux {

struct TestClock final : Clock {
  std::int64_t time_us = 1'000'000;
  std::int64_t now_us() const override { return time_us; }
  std::int64_t wall_ms() const override { return 1'700'000'000'000 + time_us / 1000; }
};

} // namespace viadux
