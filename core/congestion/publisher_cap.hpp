// What a publisher without layers is told to send: what the weakest of its receivers can take, but never less
// than the floor; a receiver below the floor does not count (it gets thinned frames or a still, and keeps its
// sound). One per track. [worker]
#pragma once

#include <cstdint>
#include <span>

namespace viadux::congestion {

class PublisherCap {
 public:
  PublisherCap(std::int64_t floor_bps, std::int64_t max_bps)
      : floor_bps_(floor_bps), max_bps_(max_bps), cap_bps_(max_bps) {}

  // `shares_bps`: what each receiver that watches could give this stream (its estimate less sound and what
  // goes first). Falls at once when the fall is over 10 %; rises 15 % every two seconds after five steady
  // ones. Returns the cap.
  std::int64_t update(std::span<const std::int64_t> shares_bps, std::int64_t now_us);
  std::int64_t cap_bps() const { return cap_bps_; }
  // True when the cap must be told now: it changed, or the last telling is a second old (RTCP gets lost).
  bool due(std::int64_t now_us);

 private:
  std::int64_t floor_bps_, max_bps_, cap_bps_;
  std::int64_t steady_since_us_ = 0, last_raise_us_ = 0, told_us_ = 0, told_bps_ = 0;
};

} // namespace viadux::congestion
