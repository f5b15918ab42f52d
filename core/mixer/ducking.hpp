// Turns the floor down while somebody speaks in a channel over it, and up again when he has ended, so that
// nobody hears a step. [one thread]
#pragma once

#include "core/mixer/audio.hpp"

namespace viadux::mixer {

class Ducking {
 public:
  static constexpr double depth_db = 14;
  static constexpr std::int64_t hold_us = 500'000;       // after the last word: who takes a breath goes on
  static constexpr double down_db = depth_db * 20 / 100; // a frame: 100 ms until it is down
  static constexpr double up_db = depth_db * 20 / 300;   // and 300 up again

  void step(bool spoken, std::int64_t now_us);   // once a frame
  void add(const Frame& floor, Frame& to) const; // as loud as it is in this frame
  bool as_loud_as(const Ducking& other) const { return from_db_ == other.from_db_ && to_db_ == other.to_db_; }

 private:
  std::int64_t spoken_us_ = INT64_MIN / 2;
  double from_db_ = 0, to_db_ = 0; // over this frame
};

} // namespace viadux::mixer
