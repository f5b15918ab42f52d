// Time, from one place. [any thread]
#pragma once

#include <cstdint>

namespace viadux {

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic microseconds since an arbitrary zero: for intervals and the media clock.
  virtual std::int64_t now_us() const = 0;
  // Milliseconds since 1970-01-01 UTC: for what people and certificates see.
  virtual std::int64_t wall_ms() const = 0;
};

// CLOCK_MONOTONIC and CLOCK_REALTIME.
class SystemClock final : public Clock {
 public:
  std::int64_t now_us() const override;
  std::int64_t wall_ms() const override;
};

} // namespace viadux
