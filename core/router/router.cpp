#include "core/router/router.hpp"

namespace viadux::router {

void Router::flush(std::int64_t now_us) {
  while (first_queued_ != nullptr) {
    Track* track = first_queued_;
    first_queued_ = track->next_queued_;
    if (first_queued_ == nullptr) last_queued_ = nullptr;
    track->next_queued_ = nullptr;
    track->queued_ = false;
    track->flush(now_us);
  }
}

void Router::tick(std::int64_t now_us) {
  for (Track* track : tracks_)
    track->tick(now_us);
}

} // namespace viadux::router
