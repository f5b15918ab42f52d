// How fast a session's video leaves where its link is narrow: a bucket of bytes that fills at some rate above
// the target. What finds it empty waits with its owner; sound never waits, but is charged. [worker]
#pragma once

#include <cstddef>
#include <cstdint>

namespace viadux::congestion {

class Pacer {
 public:
  // Bits per second from now on.
  void set_rate(std::int64_t bps, std::int64_t now_us);
  std::int64_t rate_bps() const { return rate_bps_; }

  // Whether the next packet may leave: the bucket may be overdrawn by one.
  bool may_send(std::int64_t now_us);
  void on_sent(std::size_t wire_bytes, std::int64_t now_us);
  // Until may_send() holds; 0 when it does.
  std::int64_t wait_us(std::int64_t now_us);

 private:
  void refill(std::int64_t now_us);

  std::int64_t rate_bps_ = 1'000'000;
  std::int64_t credit_ = 0; // bits times 10^6, so that nothing is lost by rounding
  std::int64_t refilled_us_ = 0;
};

} // namespace viadux::congestion
