// transport-wide-cc (draft-holmer-rmcat-transport-wide-cc-extensions-01): when each packet of a transport
// arrived. The writer is our receiving side, the reader feeds our sending side's estimate. No clocks, no
// sockets.
#pragma once

#include "core/rtp/unwrap.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace viadux::rtp {

// One packet's fate as the peer tells it.
struct PacketResult {
  std::int64_t transport_sequence = 0;    // unwrapped; its lower 16 bits are those on the wire
  bool received = false;                  // "not received" is provisional: a later report may correct it
  std::optional<std::int64_t> arrival_us; // on the peer's clock: only differences mean anything
};

class TransportFeedbackReader {
 public:
  // `body` as given to RtcpSink::on_transport_feedback. The list stays valid until the next call. False, and
  // an empty list, if the packet does not add up. Work is bounded by the packet's status count (65535).
  bool read(std::span<const std::uint8_t> body);
  std::span<const PacketResult> results() const { return results_; }
  // Feedback packets that never came (gaps in their own count): loss on the way back, not of media.
  std::uint64_t lost_reports() const { return lost_reports_; }

 private:
  SequenceUnwrapper sequence_;
  Unwrapper<24> reference_;
  std::optional<std::uint8_t> last_count_;
  std::uint64_t lost_reports_ = 0;
  std::vector<PacketResult> results_;
};

class TransportFeedbackWriter {
 public:
  // For each RTP packet that carried the extension, padding and RTX as well. [worker]
  void on_packet(std::uint16_t transport_sequence, std::int64_t arrival_us);

  // Writes one RTCP packet if there is anything new, or a late one to correct what was reported within 500
  // ms. Returns its size, 0 when there is nothing (more) to report. Call every 50-100 ms until it returns 0;
  // each result is a reduced-size RTCP packet of its own.
  std::size_t write(std::int64_t now_us, std::uint32_t sender, std::uint32_t media,
                    std::span<std::uint8_t> out);

  // There is something new to report.
  bool pending() const { return next_ < end_; }

 private:
  static constexpr std::int64_t window = 4096; // packets
  static constexpr std::int64_t back_window_us = 500'000;
  static constexpr std::int64_t never = INT64_MIN;
  std::int64_t& at(std::int64_t sequence) {
    return (*arrivals_)[static_cast<std::size_t>(sequence) % window];
  }

  SequenceUnwrapper unwrap_;
  std::unique_ptr<std::array<std::int64_t, window>> arrivals_; // by sequence; `never` is not received
  std::int64_t begin_ = 0;                                     // the oldest that we still know
  std::int64_t next_ = 0;                                      // the first of the next report
  std::int64_t end_ = 0;                                       // behind the highest seen
  std::int64_t reported_ = INT64_MIN;                          // behind the highest reported
  std::uint8_t count_ = 0;
};

} // namespace viadux::rtp
