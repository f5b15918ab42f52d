// Who receives a given track, by worker. Workers tell it in the order in which their turns come to it: a busy
// one may say which encodings are in use before it says that anything is wanted. Pure. [one thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace viadux {

class TrackDemand {
 public:
  // What has changed for the one who gives the track.
  struct Change {
    std::optional<bool> wanted;         // the first receiver has come, or the last has gone
    std::optional<std::uint8_t> in_use; // a bit for each encoding that somebody gets or waits for
  };

  explicit TrackDemand(std::size_t workers) : workers_(workers) {}

  Change set_wanted(std::size_t worker, bool wanted) {
    Worker& its = workers_[worker];
    if (its.wanted == wanted) return {};
    its.wanted = wanted;
    if (!wanted) its.in_use = 0;
    receivers_ += wanted ? 1 : SIZE_MAX;
    Change change;
    if (receivers_ == (wanted ? 1U : 0U)) change.wanted = wanted;
    // What it said before is told now: it says it once.
    if (receivers_ > 0) change.in_use = in_use();
    return change;
  }

  Change set_in_use(std::size_t worker, std::uint8_t encodings) {
    workers_[worker].in_use = encodings;
    return {std::nullopt, receivers_ > 0 ? std::optional(in_use()) : std::nullopt};
  }

  bool wanted() const { return receivers_ > 0; }
  bool wanted(std::size_t worker) const { return workers_[worker].wanted; }

 private:
  struct Worker {
    bool wanted = false;
    std::uint8_t in_use = 0;
  };

  std::uint8_t in_use() const {
    unsigned all = 0;
    for (const Worker& each : workers_)
      all |= each.in_use;
    return static_cast<std::uint8_t>(all);
  }

  std::vector<Worker> workers_;
  std::size_t receivers_ = 0; // workers that want it
};

} // namespace viadux
