// What an RTP receiver owes the sender: loss and jitter of one SSRC (RFC 3550 sections 6.4.1, A.3, A.8).
// Time is passed in. [worker]
#pragma once

#include "core/rtp/rtcp.hpp"
#include "core/rtp/unwrap.hpp"

#include <cstdint>

namespace viadux::rtp {

class ReceiveStatistics {
 public:
  explicit ReceiveStatistics(std::uint32_t clock_hz) : clock_hz_(clock_hz) {}

  void on_packet(std::uint16_t sequence, std::uint32_t timestamp, std::int64_t arrival_us);
  void on_sender_report(std::uint64_t ntp, std::int64_t arrival_us);
  // The block for the next report; begins a new interval for `fraction_lost`.
  ReportBlock report(std::uint32_t ssrc, std::int64_t now_us);

  std::uint64_t received() const { return received_; }
  std::int64_t cumulative_lost() const;
  std::uint32_t jitter() const { return static_cast<std::uint32_t>(jitter_q4_ >> 4); } // RTP clock units

 private:
  std::uint32_t clock_hz_;
  SequenceUnwrapper unwrap_;
  std::int64_t first_ = 0;
  std::int64_t highest_ = -1;
  std::uint64_t received_ = 0;
  std::int64_t expected_before_ = 0;
  std::uint64_t received_before_ = 0;
  std::int64_t jitter_q4_ = 0; // times 16
  std::int64_t last_transit_ = 0;
  std::uint32_t last_timestamp_ = 0;
  bool has_transit_ = false;
  std::uint32_t last_sr_ = 0;
  std::int64_t last_sr_arrival_us_ = 0;
};

// NTP time as in sender reports, in microseconds since 1900, and back.
std::int64_t ntp_to_us(std::uint64_t ntp);
std::uint64_t us_to_ntp(std::int64_t us);

// Round-trip time from a report block about us (RFC 3550 section 6.4.1), or 0 if it cannot be told.
// `now_ntp` is the time of arrival on the clock that our sender reports use.
std::int64_t round_trip_us(const ReportBlock& block, std::uint64_t now_ntp);

// The offset between one publisher's NTP clock and ours, so that its sender reports can be put on our media
// clock. Takes the report with the least delay on the way of the last 30 or so: a queue only ever makes them
// late.
class ClockOffset {
 public:
  // Returns the media time, on our clock, of the moment the report names.
  std::int64_t on_sender_report(std::uint64_t ntp, std::int64_t arrival_us);
  bool known() const { return known_; }

 private:
  bool known_ = false;
  std::int64_t offset_us_ = 0; // ours minus theirs
};

} // namespace viadux::rtp
