// How much is left out so that a picture thread keeps up: first pictures a second, then size, then the small
// tiles. Sound is not asked: it has threads of its own, at a higher priority. Pure. [one thread]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace viadux::mixer {

// What a thread may do.
struct Effort {
  std::uint32_t fps = 30;
  std::uint16_t most_height = 720; // of what is encoded
  bool small_tiles = true;         // false: they stand still, only the large places are decoded
  bool operator==(const Effort&) const = default;
};

class PictureBudget {
 public:
  // Each costs less than the one before.
  static constexpr std::array<Effort, 6> steps{Effort{30, 1080, true}, Effort{20, 1080, true},
                                               Effort{15, 1080, true}, Effort{10, 1080, true},
                                               Effort{10, 360, true},  Effort{10, 360, false}};
  static constexpr std::int64_t down_after_us = 1'000'000, up_after_us = 5'000'000;
  static constexpr double full = 0.85; // so much of the time may be used

  // `most_fps`: what is configured; steps above it are as this.
  explicit PictureBudget(std::uint32_t most_fps) : most_fps_(most_fps) {}

  // A turn took `busy_us` of real time (others who run instead of us count: then there is not enough for
  // all).
  void spent(std::int64_t busy_us, std::int64_t now_us);
  Effort effort() const;
  std::size_t step() const { return step_; }
  double load() const { return load_; } // of what the time between two pictures holds, smoothed

 private:
  std::int64_t every_us() const { return 1'000'000 / effort().fps; }
  void go_to(std::size_t step);

  std::uint32_t most_fps_;
  std::size_t step_ = 0;
  double load_ = 0;
  std::int64_t fine_since_us_ = 0, hard_since_us_ = 0; // 0: it is not
};

} // namespace viadux::mixer
