// What really arrives at the receiver, over the last half second or so. A pause in delivery followed by a
// burst (Wi-Fi) is not read as a low rate: the largest gap counts as the second largest.
#pragma once

#include "core/congestion/sent_history.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace viadux::congestion {

class AckedRate {
 public:
  void on_packet(const PacketResult& packet);
  // Bits per second, once ten packets have arrived.
  std::optional<std::int64_t> bps() const;
  // What arrived in the fullest 150 ms of that. A link that is busy only now and then (few frames, a paused
  // picture) carries much more than bps() while it is: it is this that says what it takes.
  std::int64_t peak_bps() const;
  void reset() { count_ = 0; }

 private:
  static constexpr int slots = 256, least_slots = 20;
  const PacketResult& at(int age_index) const { return ring_[(next_ + slots - count_ + age_index) % slots]; }

  std::array<PacketResult, slots> ring_{};
  int next_ = 0, count_ = 0;
};

} // namespace viadux::congestion
