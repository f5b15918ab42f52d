// The RTCP that a browser-like peer writes and reads (RFC 3550, 4585, 5104, REMB and transport-cc drafts).
#pragma once

#include "bench/client/bytes.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace viadux::bench {

struct ReportBlock {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;
  std::uint32_t cumulative_lost = 0;
  std::uint32_t highest_sequence = 0;
  std::uint32_t jitter = 0;
  std::uint32_t last_sr = 0;
  std::uint32_t delay_since_sr = 0;
};

// Appends packets to one compound.
class RtcpWriter {
 public:
  void sender_report(std::uint32_t ssrc, std::int64_t now_us, std::uint32_t rtp_time, std::uint32_t packets,
                     std::uint32_t octets);
  void receiver_report(std::uint32_t ssrc, const std::vector<ReportBlock>& blocks); // the first 31
  void cname(std::uint32_t ssrc, const std::string& name);
  void pli(std::uint32_t ssrc, std::uint32_t media_ssrc);
  void nack(std::uint32_t ssrc, std::uint32_t media_ssrc, const std::vector<std::uint16_t>& sequences);
  void bye(std::uint32_t ssrc);
  std::vector<std::uint8_t>& data() { return data_; }

 private:
  friend class TransportFeedback;
  std::uint8_t* append(unsigned count_or_format, unsigned type, std::size_t size); // header and zeros
  std::vector<std::uint8_t> data_;
};

struct RtcpHandler {
  std::function<void(std::uint32_t media_ssrc)> on_key_frame_request; // PLI and FIR
  std::function<void(std::uint32_t media_ssrc, std::uint16_t sequence)> on_nack;
  std::function<void(std::uint64_t bitrate_bps)> on_remb;
  std::function<void(std::uint32_t ssrc, std::uint32_t middle_of_ntp)> on_sender_report;
  std::function<void()> on_transport_feedback;
};

// False when the compound is malformed.
bool parse_rtcp(Bytes compound, const RtcpHandler& handler);

// Collects arrivals of transport-wide sequence numbers and writes the feedback packet.
class TransportFeedback {
 public:
  void on_packet(std::uint16_t sequence, std::int64_t now_us);
  bool empty() const { return arrivals_.empty(); }
  // One feedback packet for all since the last call.
  std::vector<std::uint8_t> take(std::uint32_t sender_ssrc, std::uint32_t media_ssrc);

 private:
  struct Arrival {
    std::int64_t sequence;
    std::int64_t time_us;
  };
  std::vector<Arrival> arrivals_;
  std::int64_t newest_ = -1;        // unwrapped
  std::int64_t reported_below_ = 0; // the next report begins here
  std::uint8_t count_ = 0;
};

} // namespace viadux::bench
