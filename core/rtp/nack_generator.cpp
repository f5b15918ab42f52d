#include "core/rtp/nack_generator.hpp"

#include <algorithm>

namespace viadux::rtp {

void NackGenerator::give_up_all() {
  given_up_ += missing_.size();
  missing_.clear();
  key_frame_wanted_ = true;
}

bool NackGenerator::on_packet(std::uint16_t sequence, std::int64_t now_us) {
  const std::int64_t unwrapped = unwrap_(sequence);
  if (highest_ < 0) {
    highest_ = unwrapped;
    return false;
  }
  if (unwrapped <= highest_) {
    const auto found = std::lower_bound(missing_.begin(), missing_.end(), unwrapped,
                                        [](const Missing& m, std::int64_t s) { return m.sequence < s; });
    if (found == missing_.end() || found->sequence != unwrapped) return false;
    if (found->asks != 0) ++recovered_;
    missing_.erase(found);
    return true;
  }
  const std::int64_t gap = unwrapped - highest_ - 1;
  if (gap + static_cast<std::int64_t>(missing_.size()) > static_cast<std::int64_t>(max_outstanding)) {
    // More than repair can bring back in time; also the case of a sender that starts anew.
    given_up_ += static_cast<std::uint64_t>(gap);
    give_up_all();
  } else if (gap > 0) {
    if (missing_.capacity() < max_outstanding) missing_.reserve(max_outstanding);
    for (std::int64_t lost = highest_ + 1; lost < unwrapped; ++lost) {
      missing_.push_back({lost, now_us + reorder_wait_us, 0});
    }
  }
  highest_ = unwrapped;
  return false;
}

std::size_t NackGenerator::collect(std::int64_t now_us, std::int64_t rtt_us, std::span<std::uint16_t> out) {
  const std::int64_t spacing = std::max(rtt_us, min_spacing_us);
  const std::size_t before = missing_.size();
  std::erase_if(missing_, [&](const Missing& m) {
    return (m.asks >= max_asks && m.next_us <= now_us) || highest_ - m.sequence > max_age_packets;
  });
  if (missing_.size() != before) {
    given_up_ += before - missing_.size();
    key_frame_wanted_ = true;
  }
  std::size_t count = 0;
  for (Missing& m : missing_) {
    if (count == out.size()) break;
    if (m.next_us > now_us || m.asks >= max_asks) continue;
    out[count++] = static_cast<std::uint16_t>(m.sequence);
    m.next_us = now_us + spacing;
    ++m.asks;
  }
  asked_ += count;
  return count;
}

bool NackGenerator::take_key_frame_wanted() {
  const bool wanted = key_frame_wanted_;
  key_frame_wanted_ = false;
  return wanted;
}

} // namespace viadux::rtp
