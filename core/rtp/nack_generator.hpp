// Asks again for what was lost on one SSRC (RFC 4585 section 6.2.1). Time is passed in. [worker]
#pragma once

#include "core/rtp/unwrap.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace viadux::rtp {

class NackGenerator {
 public:
  static constexpr std::size_t max_outstanding = 1000;
  static constexpr unsigned max_asks = 10;
  static constexpr std::int64_t max_age_packets = 10'000;
  static constexpr std::int64_t min_spacing_us = 20'000;
  static constexpr std::int64_t reorder_wait_us =
      5'000; // a packet that is merely out of order is not asked for

  // Every packet of the SSRC, those recovered by RTX too. Returns true if it fills a hole.
  bool on_packet(std::uint16_t sequence, std::int64_t now_us);

  // The sequence numbers to ask for now, ascending; each at most 10 times, at least max(RTT, 20 ms) apart.
  // Call every 10-20 ms. What was asked for in vain is given up, and key_frame_wanted() tells so.
  std::size_t collect(std::int64_t now_us, std::int64_t rtt_us, std::span<std::uint16_t> out);

  // True once after something was given up or there was too much to ask for: only a key frame will help.
  bool take_key_frame_wanted();

  std::size_t outstanding() const { return missing_.size(); }
  std::uint64_t asked() const { return asked_; } // sequence numbers put into NACKs
  std::uint64_t recovered() const { return recovered_; }
  std::uint64_t given_up() const { return given_up_; }

 private:
  struct Missing {
    std::int64_t sequence;
    std::int64_t next_us;
    unsigned asks;
  };
  void give_up_all();

  SequenceUnwrapper unwrap_;
  std::int64_t highest_ = -1;
  std::vector<Missing> missing_; // ascending
  bool key_frame_wanted_ = false;
  std::uint64_t asked_ = 0;
  std::uint64_t recovered_ = 0;
  std::uint64_t given_up_ = 0;
};

} // namespace viadux::rtp
