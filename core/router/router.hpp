// One per worker: its tracks, and which of them have something to hand on this turn. [worker]
#pragma once

#include "core/router/egress.hpp"
#include "core/router/track.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace viadux::router {

class Router {
 public:
  Router() = default;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // At the end of the worker's turn: every run to every subscription, one Egress call each.
  void flush(std::int64_t now_us);
  // Every 50 ms or so.
  void tick(std::int64_t now_us);

  std::size_t tracks() const { return tracks_.size(); }

 private:
  friend class Track;
  friend class Subscription;

  std::vector<Track*> tracks_;
  Track* first_queued_ = nullptr;
  Track* last_queued_ = nullptr;
  std::array<OutPacket, max_run> scratch_; // the run being made; one at a time, as sending never re-enters
};

} // namespace viadux::router
