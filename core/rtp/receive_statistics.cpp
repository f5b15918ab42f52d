#include "core/rtp/receive_statistics.hpp"

#include <algorithm>

namespace viadux::rtp {

void ReceiveStatistics::on_packet(std::uint16_t sequence, std::uint32_t timestamp, std::int64_t arrival_us) {
  const std::int64_t unwrapped = unwrap_(sequence);
  if (received_ == 0) first_ = highest_ = unwrapped;
  highest_ = std::max(highest_, unwrapped);
  first_ = std::min(first_, unwrapped); // the very first ones may come out of order
  ++received_;

  // Only packets with a new timestamp say something about the path: those of one video frame leave in a
  // burst.
  if (has_transit_ && timestamp == last_timestamp_) return;
  const std::int64_t arrival = arrival_us * clock_hz_ / 1'000'000;
  const std::int64_t transit =
      static_cast<std::int64_t>(static_cast<std::int32_t>(static_cast<std::uint32_t>(arrival) - timestamp));
  if (has_transit_) {
    const auto step = static_cast<std::int32_t>(static_cast<std::uint32_t>(transit - last_transit_));
    const std::int64_t deviation =
        std::min<std::int64_t>(step < 0 ? -std::int64_t{step} : step, std::int64_t{clock_hz_} * 10);
    jitter_q4_ += deviation - ((jitter_q4_ + 8) >> 4);
  }
  has_transit_ = true;
  last_transit_ = transit;
  last_timestamp_ = timestamp;
}

void ReceiveStatistics::on_sender_report(std::uint64_t ntp, std::int64_t arrival_us) {
  last_sr_ = static_cast<std::uint32_t>(ntp >> 16);
  last_sr_arrival_us_ = arrival_us;
}

std::int64_t ReceiveStatistics::cumulative_lost() const {
  if (received_ == 0) return 0;
  return highest_ - first_ + 1 - static_cast<std::int64_t>(received_);
}

ReportBlock ReceiveStatistics::report(std::uint32_t ssrc, std::int64_t now_us) {
  ReportBlock block;
  block.ssrc = ssrc;
  if (received_ != 0) {
    const std::int64_t expected = highest_ - first_ + 1;
    const std::int64_t interval = expected - expected_before_;
    const std::int64_t lost = interval - static_cast<std::int64_t>(received_ - received_before_);
    if (interval > 0 && lost > 0) {
      block.fraction_lost = static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost * 256 / interval));
    }
    expected_before_ = expected;
    received_before_ = received_;
    block.cumulative_lost =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(cumulative_lost(), -0x800000, 0x7fffff));
    // The unwrapper counts from one turn on; the report counts wraps from zero.
    block.highest_sequence = static_cast<std::uint32_t>(highest_ - SequenceUnwrapper::modulus);
    block.jitter = jitter();
  }
  if (last_sr_ != 0) {
    block.last_sr = last_sr_;
    block.delay_since_last_sr =
        static_cast<std::uint32_t>((now_us - last_sr_arrival_us_) * 65536 / 1'000'000);
  }
  return block;
}

std::int64_t ntp_to_us(std::uint64_t ntp) {
  const auto seconds = static_cast<std::int64_t>(ntp >> 32);
  const auto fraction = static_cast<std::int64_t>(((ntp & 0xffffffff) * 1'000'000) >> 32);
  return seconds * 1'000'000 + fraction;
}

std::uint64_t us_to_ntp(std::int64_t us) {
  const auto seconds = static_cast<std::uint64_t>(us / 1'000'000);
  // Rounded up, so that going there and back gives the same microsecond.
  const std::uint64_t fraction = ((static_cast<std::uint64_t>(us % 1'000'000) << 32) + 999'999) / 1'000'000;
  return (seconds << 32) + fraction;
}

std::int64_t round_trip_us(const ReportBlock& block, std::uint64_t now_ntp) {
  if (block.last_sr == 0) return 0;
  const auto now = static_cast<std::uint32_t>(now_ntp >> 16);
  const auto units = static_cast<std::int32_t>(now - block.last_sr - block.delay_since_last_sr);
  if (units <= 0) return 0; // clocks are coarse; or the peer is lying
  return std::int64_t{units} * 1'000'000 / 65536;
}

std::int64_t ClockOffset::on_sender_report(std::uint64_t ntp, std::int64_t arrival_us) {
  const std::int64_t theirs = ntp_to_us(ntp);
  const std::int64_t offset = arrival_us - theirs;
  constexpr std::int64_t jump_us = 1'000'000; // their clock was set
  if (!known_ || offset < offset_us_ || offset - offset_us_ > jump_us) {
    offset_us_ = offset;
  } else {
    offset_us_ += (offset - offset_us_) / 32; // follows the drift between the two clocks
  }
  known_ = true;
  return theirs + offset_us_;
}

} // namespace viadux::rtp
