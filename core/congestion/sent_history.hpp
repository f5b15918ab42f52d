// What was sent with a transport-wide sequence number, until its feedback comes. [worker]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace viadux::congestion {

constexpr std::uint8_t kNoProbe = 0;

// One packet as the estimators see it, when its fate is known (or provisionally known).
struct PacketResult {
  std::int64_t send_us = 0;
  std::int64_t arrival_us = 0; // on the receiver's clock; only differences mean anything
  std::uint16_t size = 0;      // on the wire, with IP and UDP headers
  std::uint8_t probe = kNoProbe;
  bool received = false;
};

class SentHistory {
 public:
  // Packets remembered: a second at 20 Mbit/s of full packets. A power of two.
  static constexpr std::size_t kSlots = 2048;

  struct Sent {
    std::int64_t send_us = 0;
    std::uint16_t size = 0;
    std::uint16_t seq = 0;
    std::uint8_t probe = kNoProbe;
    enum class State : std::uint8_t { empty, in_flight, lost, received } state = State::empty;
  };

  SentHistory() : slots_(kSlots) {}

  void add(std::uint16_t seq, std::int64_t now_us, std::uint16_t size, std::uint8_t probe) {
    slots_[seq % kSlots] = Sent{now_us, size, seq, probe, Sent::State::in_flight};
  }
  // The packet sent with `seq`, or nullptr when it is too old or never was (a peer may claim anything).
  Sent* find(std::uint16_t seq) {
    Sent& slot = slots_[seq % kSlots];
    return slot.state != Sent::State::empty && slot.seq == seq ? &slot : nullptr;
  }

 private:
  std::vector<Sent> slots_;
};

} // namespace viadux::congestion
