// Who gets how much of one receiver's estimate. [worker]
//
// Sound comes off the top. Then each slot, in the order of its priority (spotlight, speaker, pinned, rest),
// gets its lowest step; then step by step upwards, the first priority first up to its preferred step. Down is
// at once; up only when there is 15 % more than needed for two seconds, and not within ten seconds of a
// forced step down (20, 40, 80 on repeats). Constants: docs/congestion.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace viadux::congestion {

constexpr int max_steps = 9; // three encodings of three temporal layers
constexpr std::int8_t paused = -1;

// What one slot could be given; owned by the caller, one for each slot that has a video track.
struct Demand {
  std::uint8_t priority = 0;
  std::uint8_t steps = 0;                         // how many of `step_bps` count
  std::array<std::int64_t, max_steps> step_bps{}; // measured rate of each step, ascending
  std::uint8_t highest = 0;                       // the highest step that is of use here
  // Kept by the allocator between runs.
  std::int8_t step = paused; // the decision
  std::int64_t up_since_us = 0;
  std::int64_t no_up_before_us = 0;
  std::int64_t last_down_us = 0;
  std::int64_t penalty_us = 0;
};

struct Allocation {
  std::int64_t used_bps = 0;   // by the chosen steps
  std::int64_t wanted_bps = 0; // if every slot had its highest step
};

// `budget_bps` is the estimate less sound and retransmissions. Demands are taken in place.
Allocation allocate(std::span<Demand> demands, std::int64_t budget_bps, std::int64_t now_us);

} // namespace viadux::congestion
