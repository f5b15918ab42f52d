// One sender's packets of sound on their way to the decoder: put in order, duplicates taken out, and how long
// they should wait learnt from how unevenly they come. Bounded: 64 packets. [one thread]
#pragma once

#include "core/rtp/unwrap.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace viadux::mixer {

class JitterBuffer {
 public:
  static constexpr std::size_t capacity = 64;
  static constexpr std::int64_t least_wait_us = 20'000, most_wait_us = 200'000, first_wait_us = 40'000;

  struct Packet {
    std::int64_t sequence = 0;  // unwrapped
    std::int64_t timestamp = 0; // unwrapped, in the codec's clock
    std::int64_t arrival_us = 0;
    std::vector<std::uint8_t> payload;
  };

  explicit JitterBuffer(std::uint32_t clock_hz) : clock_hz_(clock_hz) {}

  // False for a duplicate or one that is older than what was taken out.
  bool put(std::uint16_t sequence, std::uint32_t timestamp, std::span<const std::uint8_t> payload,
           std::int64_t arrival_us);
  const Packet* front() const { return packets_.empty() ? nullptr : &packets_.front(); }
  const Packet* back() const { return packets_.empty() ? nullptr : &packets_.back(); }
  void pop();
  void clear(); // the packets, and where the sender's numbers were

  // How long a packet should wait, so that the next ones are there in time.
  std::int64_t wait_us() const;
  std::uint64_t overflows() const { return overflows_; }

 private:
  std::int64_t to_us(std::int64_t ticks) const;
  void learn(std::int64_t timestamp, std::int64_t arrival_us);

  std::uint32_t clock_hz_;
  std::deque<Packet> packets_; // by sequence
  std::vector<std::vector<std::uint8_t>> spare_;
  rtp::SequenceUnwrapper unwrap_;
  bool started_ = false;
  std::int64_t last_timestamp_ = 0;
  std::int64_t taken_ = INT64_MIN; // sequence of the newest one taken out
  std::uint32_t stale_ = 0;        // older ones in a row
  // The least transit time of the last 5 to 10 s is "on time"; the rest is late by what it is more.
  std::int64_t least_us_ = INT64_MAX, least_before_us_ = INT64_MAX, least_since_us_ = 0;
  double late_us_ = first_wait_us - 10'000; // a peak that falls slowly
  std::uint64_t overflows_ = 0;
};

} // namespace viadux::mixer
