// RTCP, read: compound and reduced-size packets (RFC 3550 section 6, RFC 5506). [any thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace viadux::rtp {

// RFC 3550 section 6.4.1
struct ReportBlock {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;        // of 256, since the last report
  std::int32_t cumulative_lost = 0;      // 24 bits with sign
  std::uint32_t highest_sequence = 0;    // with the count of wraps in the upper half
  std::uint32_t jitter = 0;              // in units of the RTP clock
  std::uint32_t last_sr = 0;             // the middle 32 bits of that report's NTP time; 0 is none yet
  std::uint32_t delay_since_last_sr = 0; // in 1/65536 s
};

struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp = 0; // seconds since 1900 in the upper half
  std::uint32_t timestamp = 0;
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;
};

// RFC 5104 section 4.2.1.1
struct TmmbrEntry {
  std::uint32_t ssrc = 0;
  std::uint64_t bitrate_bps = 0;
  std::uint16_t overhead_bytes = 0;
};

// Told what a packet holds, in its order. Spans live until the call returns.
class RtcpSink {
 public:
  virtual ~RtcpSink() = default;
  virtual void on_sender_report(const SenderReport&) {}
  virtual void on_report_blocks(std::uint32_t /*reporter*/, std::span<const ReportBlock>) {}
  virtual void on_cname(std::uint32_t /*ssrc*/, std::string_view) {}
  virtual void on_bye(std::span<const std::uint32_t> /*ssrcs*/) {}
  virtual void on_nack(std::uint32_t /*media_ssrc*/, std::span<const std::uint16_t> /*sequences*/) {}
  virtual void on_pli(std::uint32_t /*media_ssrc*/) {}
  virtual void on_fir(std::uint32_t /*media_ssrc*/, std::uint8_t /*command_sequence*/) {}
  // 0 means "no limit"; an empty list means the whole transport.
  virtual void on_remb(std::uint64_t /*bitrate_bps*/, std::span<const std::uint32_t> /*ssrcs*/) {}
  virtual void on_tmmbr(std::uint32_t /*sender*/, std::span<const TmmbrEntry>) {}
  virtual void on_tmmbn(std::uint32_t /*sender*/, std::span<const TmmbrEntry>) {}
  // What follows the two SSRCs of a transport-wide-cc packet: for TransportFeedbackReader.
  virtual void on_transport_feedback(std::uint32_t /*media_ssrc*/, std::span<const std::uint8_t> /*body*/) {}
};

struct RtcpParsed {
  unsigned packets = 0;   // parts understood or passed over
  unsigned ignored = 0;   // of these, of a type or format that we do not use
  bool malformed = false; // the rest, from the first part that does not add up, was dropped
};

// Work is bounded by the packet's size: at most 31 blocks a part, 17 sequence numbers per NACK item.
RtcpParsed parse_rtcp(std::span<const std::uint8_t> packet, RtcpSink& sink);

} // namespace viadux::rtp
