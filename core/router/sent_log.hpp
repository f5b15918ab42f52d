// What a subscriber was sent lately, in a few bytes per packet: enough to make the same packet again from the
// source's ring. [worker]
#pragma once

#include "core/rtp/vp8.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace viadux::router {

struct SentPacket {
  std::uint32_t source_sequence = 0; // lower half of the unwrapped one
  std::uint32_t timestamp = 0;       // as sent
  std::uint32_t last_ms = 0;         // of the last sending again, from a wrapping clock
  std::uint16_t sequence = 0;        // as sent
  rtp::Vp8Rewrite vp8;
  std::uint8_t encoding = 0;
  std::uint8_t repeats = 0;
  bool used = false;
  bool marker = false;
  bool padding = false;
  bool rewrite_vp8 = false;
};

class SentLog {
 public:
  static constexpr unsigned max_repeats = 3;
  static constexpr std::int64_t min_spacing_us = 20'000;

  // Room for `slots` packets (a power of two), if there is less: as many as the source keeps.
  void reserve(std::size_t slots) {
    if (slots > entries_.size()) grow(slots);
  }
  void add(const SentPacket& packet);
  SentPacket* find(std::uint16_t sequence);
  const SentPacket* find(std::uint16_t sequence) const {
    return const_cast<SentLog*>(this)->find(sequence); // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
  void clear();

  enum class Answer : std::uint8_t { yes, too_soon, too_often };
  // Whether the packet may be sent again now; if so, counts it.
  static Answer repeat(SentPacket& packet, std::int64_t now_us, std::int64_t rtt_us);

 private:
  void grow(std::size_t slots);
  std::vector<SentPacket> entries_;
};

} // namespace viadux::router
