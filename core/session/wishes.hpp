// What a worker has to say of a port's tracks while the way there is full: of each track the newest alone,
// since that is what counts. A port that never reads makes it no longer than the number of its tracks.
#pragma once

#include "core/router/fan_out.hpp"

#include <algorithm>
#include <vector>

namespace viadux {

class Wishes {
 public:
  void add(const router::TrackFeedback& wish) {
    std::erase_if(waiting_, [&](const router::TrackFeedback& older) { return older.track == wish.track; });
    waiting_.push_back(wish);
  }
  // `push` gets them in order, until it says that there is no room.
  template <class Push>
  void say(Push push) {
    std::size_t said = 0;
    while (said < waiting_.size() && push(router::TrackFeedback(waiting_[said])))
      ++said;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(said));
  }
  std::size_t size() const { return waiting_.size(); }

 private:
  std::vector<router::TrackFeedback> waiting_;
};

} // namespace viadux
