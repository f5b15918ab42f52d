// RTCP compounds of any kind: bounded, and every view within the packet.
#include "core/rtp/rtcp.hpp"
#include "core/rtp/transport_feedback.hpp"

#include <cstdint>

using namespace viadux::rtp;

namespace {

class Toucher final : public RtcpSink {
 public:
  void on_report_blocks(std::uint32_t, std::span<const ReportBlock> blocks) override {
    for (const ReportBlock& block : blocks)
      sum += block.ssrc + block.jitter;
  }
  void on_cname(std::uint32_t, std::string_view name) override {
    for (const char c : name)
      sum += static_cast<unsigned char>(c);
  }
  void on_bye(std::span<const std::uint32_t> ssrcs) override {
    for (const std::uint32_t ssrc : ssrcs)
      sum += ssrc;
  }
  void on_nack(std::uint32_t, std::span<const std::uint16_t> sequences) override {
    for (const std::uint16_t sequence : sequences)
      sum += sequence;
  }
  void on_remb(std::uint64_t bps, std::span<const std::uint32_t> ssrcs) override {
    sum += bps + ssrcs.size();
  }
  void on_tmmbr(std::uint32_t, std::span<const TmmbrEntry> entries) override {
    for (const TmmbrEntry& entry : entries)
      sum += entry.bitrate_bps;
  }
  void on_transport_feedback(std::uint32_t, std::span<const std::uint8_t> body) override {
    reader.read(body);
  }
  std::uint64_t sum = 0;
  TransportFeedbackReader reader;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Toucher toucher;
  parse_rtcp({data, size}, toucher);
  return 0;
}
