// RTCP, written into the caller's buffer part by part. A part that does not fit is not begun. [any thread]
#pragma once

#include "core/rtp/rtcp.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace viadux::rtp {

//   RtcpWriter rtcp(buffer);
//   rtcp.receiver_report(our_ssrc, blocks);
//   rtcp.cname(our_ssrc, "viadux");
//   rtcp.pli(our_ssrc, media_ssrc);
//   send(rtcp.packet());
class RtcpWriter {
 public:
  explicit RtcpWriter(std::span<std::uint8_t> out) : out_(out) {}

  // At most 31 blocks are written; call again for more.
  bool sender_report(const SenderReport& report, std::span<const ReportBlock> blocks = {});
  bool receiver_report(std::uint32_t sender, std::span<const ReportBlock> blocks = {});
  bool cname(std::uint32_t ssrc, std::string_view name); // at most 255 bytes
  bool bye(std::span<const std::uint32_t> ssrcs);        // at most 31
  // The sequence numbers in ascending (wrapping) order; those near each other share an item (RFC 4585 section
  // 6.2.1). If not all fit, writes as many as do and returns false.
  bool nack(std::uint32_t sender, std::uint32_t media, std::span<const std::uint16_t> sequences);
  bool pli(std::uint32_t sender, std::uint32_t media);
  bool fir(std::uint32_t sender, std::uint32_t media, std::uint8_t command_sequence);
  // draft-alvestrand-rmcat-remb-03; at most 255 SSRCs; 0 lifts the limit.
  bool remb(std::uint32_t sender, std::uint64_t bitrate_bps, std::span<const std::uint32_t> ssrcs);
  bool tmmbr(std::uint32_t sender, std::span<const TmmbrEntry> entries);
  bool tmmbn(std::uint32_t sender, std::span<const TmmbrEntry> entries);

  std::span<const std::uint8_t> packet() const { return out_.first(size_); }
  std::size_t size() const { return size_; }

 private:
  std::uint8_t* begin(unsigned count, unsigned type, std::size_t size);
  bool rate_entries(unsigned format, std::uint32_t sender, std::span<const TmmbrEntry> entries);

  std::span<std::uint8_t> out_;
  std::size_t size_ = 0;
};

} // namespace viadux::rtp
