#include "core/rtp/rtcp.hpp"

#include "core/rtp/rtcp_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace viadux::rtp {
namespace {

using testing::ElementsAre;
using Bytes = std::vector<std::uint8_t>;

class Listener final : public RtcpSink {
 public:
  void on_sender_report(const SenderReport& report) override { reports.push_back(report); }
  void on_report_blocks(std::uint32_t reporter, std::span<const ReportBlock> list) override {
    last_reporter = reporter;
    blocks.insert(blocks.end(), list.begin(), list.end());
  }
  void on_cname(std::uint32_t ssrc, std::string_view name) override {
    said.push_back(std::to_string(ssrc) + " is " + std::string(name));
  }
  void on_bye(std::span<const std::uint32_t> ssrcs) override {
    said.push_back("bye " + std::to_string(ssrcs.size()));
  }
  void on_nack(std::uint32_t media, std::span<const std::uint16_t> list) override {
    last_media = media;
    nacked.insert(nacked.end(), list.begin(), list.end());
  }
  void on_pli(std::uint32_t media) override { said.push_back("pli " + std::to_string(media)); }
  void on_fir(std::uint32_t media, std::uint8_t command) override {
    said.push_back("fir " + std::to_string(media) + " " + std::to_string(command));
  }
  void on_remb(std::uint64_t bps, std::span<const std::uint32_t> ssrcs) override {
    said.push_back("remb " + std::to_string(bps) + " for " + std::to_string(ssrcs.size()));
  }
  void on_tmmbr(std::uint32_t sender, std::span<const TmmbrEntry> entries) override {
    rates("tmmbr", sender, entries);
  }
  void on_tmmbn(std::uint32_t sender, std::span<const TmmbrEntry> entries) override {
    rates("tmmbn", sender, entries);
  }
  void on_transport_feedback(std::uint32_t, std::span<const std::uint8_t> body) override {
    said.push_back("feedback of " + std::to_string(body.size()));
  }
  void rates(const char* what, std::uint32_t sender, std::span<const TmmbrEntry> entries) {
    said.push_back(what + std::string(" from ") + std::to_string(sender));
    tmmb.insert(tmmb.end(), entries.begin(), entries.end());
  }

  std::vector<SenderReport> reports;
  std::vector<ReportBlock> blocks;
  std::vector<std::uint16_t> nacked;
  std::vector<TmmbrEntry> tmmb;
  std::vector<std::string> said;
  std::uint32_t last_reporter = 0;
  std::uint32_t last_media = 0;
};

TEST(Rtcp, ACompoundGoesThereAndBack) {
  Bytes buffer(1200);
  RtcpWriter rtcp(buffer);
  const std::vector<ReportBlock> blocks{{.ssrc = 9,
                                         .fraction_lost = 25,
                                         .cumulative_lost = -3,
                                         .highest_sequence = 0x0001'ffff,
                                         .jitter = 42,
                                         .last_sr = 0x11223344,
                                         .delay_since_last_sr = 65'536}};
  const std::vector<std::uint32_t> ssrcs{1, 2};
  EXPECT_TRUE(rtcp.sender_report(
      {.ssrc = 1, .ntp = 0x0102030405060708, .timestamp = 5, .packet_count = 6, .octet_count = 7}, blocks));
  EXPECT_TRUE(rtcp.cname(1, "viadux"));
  EXPECT_TRUE(rtcp.pli(1, 9));
  EXPECT_TRUE(rtcp.fir(1, 9, 200));
  EXPECT_TRUE(rtcp.remb(1, 1'500'000, ssrcs));
  EXPECT_TRUE(rtcp.bye(ssrcs));
  Listener heard;
  const RtcpParsed parsed = parse_rtcp(rtcp.packet(), heard);
  EXPECT_FALSE(parsed.malformed);
  EXPECT_EQ(parsed.packets, 6U);
  ASSERT_EQ(heard.reports.size(), 1U);
  EXPECT_EQ(heard.reports[0].ntp, 0x0102030405060708U);
  EXPECT_EQ(heard.reports[0].octet_count, 7U);
  ASSERT_EQ(heard.blocks.size(), 1U);
  EXPECT_EQ(heard.blocks[0].cumulative_lost, -3);
  EXPECT_EQ(heard.blocks[0].highest_sequence, 0x0001'ffffU);
  EXPECT_EQ(heard.blocks[0].delay_since_last_sr, 65'536U);
  EXPECT_EQ(heard.last_reporter, 1U);
  // 1500000 has 18 bits of mantissa after three shifts: rounded down, never up.
  EXPECT_THAT(heard.said, ElementsAre("1 is viadux", "pli 9", "fir 9 200", "remb 1500000 for 2", "bye 2"));
}

TEST(Rtcp, NacksShareItemsOfSeventeenNumbersOverTheWrap) {
  Bytes buffer(1200);
  RtcpWriter rtcp(buffer);
  const std::vector<std::uint16_t> lost{65'534, 65'535, 0, 14, 15, 400};
  EXPECT_TRUE(rtcp.nack(1, 2, lost));
  EXPECT_EQ(rtcp.size(), 12U + 3 * 4); // 65534..14 in one, 15 and 400 in one each
  Listener heard;
  EXPECT_FALSE(parse_rtcp(rtcp.packet(), heard).malformed);
  EXPECT_EQ(heard.nacked, lost);
  EXPECT_EQ(heard.last_media, 2U);
}

TEST(Rtcp, ANackThatDoesNotFitSaysSo) {
  Bytes buffer(20);
  RtcpWriter rtcp(buffer);
  const std::vector<std::uint16_t> lost{1, 100, 200, 300};
  EXPECT_FALSE(rtcp.nack(1, 2, lost));
  Listener heard;
  parse_rtcp(rtcp.packet(), heard);
  EXPECT_THAT(heard.nacked, ElementsAre(1, 100));
}

TEST(Rtcp, AFullNackIsBounded) {
  Bytes packet{0x81, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2};
  for (int i = 0; i < 300; ++i)
    packet.insert(packet.end(), {0, 0, 0xff, 0xff});
  packet[2] = static_cast<std::uint8_t>((packet.size() / 4 - 1) >> 8);
  packet[3] = static_cast<std::uint8_t>(packet.size() / 4 - 1);
  Listener heard;
  EXPECT_FALSE(parse_rtcp(packet, heard).malformed);
  EXPECT_EQ(heard.nacked.size(), 300U * 17);
}

// RFC 5104 section 4.2.1.1: 400 kbit/s is 100000 times 2^2.
TEST(Rtcp, RateLimitsStandAsTheRfcDrawsThem) {
  Bytes buffer(100);
  RtcpWriter rtcp(buffer);
  const std::vector<TmmbrEntry> entries{{.ssrc = 0x0a0b0c0d, .bitrate_bps = 400'000, .overhead_bytes = 40}};
  EXPECT_TRUE(rtcp.tmmbr(0x01020304, entries));
  EXPECT_TRUE(rtcp.tmmbn(0x01020304, entries));
  const Bytes request{0x83, 205, 0,    4,    1,    2,    3,    4,    0,    0,
                      0,    0,   0x0a, 0x0b, 0x0c, 0x0d, 0x0b, 0x0d, 0x40, 0x28};
  Bytes both = request;
  both.insert(both.end(), request.begin(), request.end());
  both[request.size()] = 0x84;
  EXPECT_EQ(Bytes(rtcp.packet().begin(), rtcp.packet().end()), both);
}

TEST(Rtcp, RateLimitsRoundDown) {
  Bytes buffer(400);
  RtcpWriter rtcp(buffer);
  const std::vector<TmmbrEntry> entries{{.ssrc = 3, .bitrate_bps = 1'234'567, .overhead_bytes = 40}};
  EXPECT_TRUE(rtcp.tmmbr(8, entries));
  EXPECT_TRUE(rtcp.tmmbn(8, entries));
  EXPECT_TRUE(rtcp.remb(8, 0, {})); // "no limit"
  EXPECT_TRUE(rtcp.remb(8, 1'234'567'891, {}));
  Listener heard;
  EXPECT_FALSE(parse_rtcp(rtcp.packet(), heard).malformed);
  EXPECT_THAT(heard.said,
              ElementsAre("tmmbr from 8", "tmmbn from 8", "remb 0 for 0", "remb 1234567168 for 0"));
  ASSERT_EQ(heard.tmmb.size(), 2U);
  EXPECT_EQ(heard.tmmb[0].ssrc, 3U);
  EXPECT_EQ(heard.tmmb[0].overhead_bytes, 40);
  EXPECT_LE(heard.tmmb[0].bitrate_bps, 1'234'567U);
  EXPECT_GT(heard.tmmb[0].bitrate_bps, 1'234'567U - 16);
}

TEST(Rtcp, EveryTruncationIsMalformedAndStaysInBounds) {
  Bytes buffer(300);
  RtcpWriter rtcp(buffer);
  const std::vector<ReportBlock> blocks(2);
  rtcp.receiver_report(1, blocks);
  rtcp.cname(1, "somebody@somewhere");
  rtcp.fir(1, 2, 3);
  for (std::size_t size = 1; size < rtcp.size(); ++size) {
    const Bytes cut(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    Listener heard;
    const bool whole_parts = size == 56 || size == 88;
    EXPECT_EQ(parse_rtcp(cut, heard).malformed, !whole_parts) << size;
  }
}

TEST(Rtcp, CountsThatLieAreCaught) {
  Listener heard;
  const Bytes blocks{0x9f, 201, 0, 1, 0, 0, 0, 1}; // 31 blocks in 4 bytes
  EXPECT_TRUE(parse_rtcp(blocks, heard).malformed);
  const Bytes bye{0x9f, 203, 0, 1, 0, 0, 0, 1};
  EXPECT_TRUE(parse_rtcp(bye, heard).malformed);
  const Bytes sdes{0x81, 202, 0, 2, 0, 0, 0, 1, 1, 200, 'a', 'b'};
  EXPECT_TRUE(parse_rtcp(sdes, heard).malformed);
  const Bytes unended{0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 'a', 'b'};
  EXPECT_TRUE(parse_rtcp(unended, heard).malformed);
  const Bytes remb{0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 200, 0, 0, 0};
  EXPECT_TRUE(parse_rtcp(remb, heard).malformed);
  const Bytes padding{0xa1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 200};
  EXPECT_TRUE(parse_rtcp(padding, heard).malformed);
}

TEST(Rtcp, TypesWeDoNotKnowArePassedOver) {
  Bytes packet{0x80, 207, 0, 1, 0, 0, 0, 1}; // XR
  Bytes buffer(40);
  RtcpWriter rtcp(buffer);
  rtcp.pli(1, 2);
  packet.insert(packet.end(), buffer.begin(), buffer.begin() + 12);
  Listener heard;
  const RtcpParsed parsed = parse_rtcp(packet, heard);
  EXPECT_EQ(parsed.packets, 2U);
  EXPECT_EQ(parsed.ignored, 1U);
  EXPECT_THAT(heard.said, ElementsAre("pli 2"));
}

TEST(RtcpWriter, WhatDoesNotFitIsNotBegun) {
  Bytes buffer(15);
  RtcpWriter rtcp(buffer);
  EXPECT_TRUE(rtcp.pli(1, 2));
  EXPECT_FALSE(rtcp.pli(1, 2));
  EXPECT_FALSE(rtcp.cname(1, "x"));
  EXPECT_EQ(rtcp.size(), 12U);
}

} // namespace
} // namespace viadux::rtp
