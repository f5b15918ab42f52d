// What was sent with a transport-wide sequence number, until its feedback comes. [worker]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace viadux::congestion {

constexpr std::uint8_t no_probe = 0;

// One packet as the estimators see it, when its fate is known (or provisionally known).
struct PacketResult {
  std::int64_t send_us = 0;
  std::int64_t arrival_us = 0; // on the receiver's clock; only differences mean anything
  std::uint16_t size = 0;      // on the wire, with IP and UDP headers
  std::uint8_t probe = no_probe;
  bool received = false;
};

class SentHistory {
 public:
  // A packet is remembered for as long as its feedback may take; the memory follows the packet rate, up to
  // 4096 packets (40 Mbit/s of full ones). Powers of two.
  static constexpr std::int64_t kept_us = 1'500'000;
  static constexpr std::size_t first_slots = 256, max_slots = 4096;

  struct Sent {
    std::int64_t send_us = 0;
    std::uint16_t size = 0;
    std::uint16_t seq = 0;
    std::uint8_t probe = no_probe;
    enum class State : std::uint8_t { empty, in_flight, lost, received } state = State::empty;
  };

  void add(std::uint16_t seq, std::int64_t now_us, std::uint16_t size, std::uint8_t probe) {
    if (slots_.empty()) slots_.resize(first_slots);
    while (place(seq).state != Sent::State::empty && now_us - place(seq).send_us < kept_us &&
           slots_.size() < max_slots)
      grow();
    place(seq) = Sent{now_us, size, seq, probe, Sent::State::in_flight};
  }
  // The packet sent with `seq`, or nullptr when it is too old or never was (a peer may claim anything).
  Sent* find(std::uint16_t seq) {
    if (slots_.empty()) return nullptr;
    Sent& slot = place(seq);
    return slot.state != Sent::State::empty && slot.seq == seq ? &slot : nullptr;
  }
  std::size_t slots() const { return slots_.size(); }

 private:
  Sent& place(std::uint16_t seq) { return slots_[seq & (slots_.size() - 1)]; }
  void grow() {
    std::vector<Sent> larger(2 * slots_.size());
    for (const Sent& sent : slots_)
      if (sent.state != Sent::State::empty) larger[sent.seq & (larger.size() - 1)] = sent;
    slots_ = std::move(larger);
  }

  std::vector<Sent> slots_;
};

} // namespace viadux::congestion
