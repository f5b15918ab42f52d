// The peer's own formats, against published vectors and bytes written out by hand.
#include "bench/client/histogram.hpp"
#include "bench/client/payload.hpp"
#include "bench/client/rtcp.hpp"
#include "bench/client/rtp.hpp"
#include "bench/client/sdp.hpp"
#include "bench/client/stun.hpp"

#include <gtest/gtest.h>

namespace viadux::bench {
namespace {

std::vector<std::uint8_t> hex(const std::string& text) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return out;
}

TEST(Stun, ReadsThePublishedSampleRequest) { // RFC 5769 2.1
  const auto sample = hex("000100582112a442b7e7a701bc34d686fa87dfae"
                          "802200105354554e207465737420636c69656e74"
                          "002400046e0001ff"
                          "80290008932ff9b151263b36"
                          "000600096576746a3a68367659202020"
                          "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
                          "80280004e57a3bcf");
  const auto read = parse_stun(sample, "VOkJxbRl1RmTxUk/WvJxBt");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, StunClass::request);
  EXPECT_EQ(read->username, "evtj:h6vY");
  EXPECT_TRUE(read->integrity_ok);
  EXPECT_FALSE(parse_stun(sample, "another password")->integrity_ok);
  auto changed = sample;
  changed[60] ^= 1;
  EXPECT_FALSE(parse_stun(changed, "VOkJxbRl1RmTxUk/WvJxBt")->integrity_ok);
  for (std::size_t size = 0; size < sample.size(); ++size)
    EXPECT_FALSE(parse_stun(Bytes(sample).first(size), "x")) << size;
}

TEST(Stun, ReadsWhatItWrites) {
  const auto request = make_binding_request({1, 2, 3}, "them:us", "secret", 42);
  const auto read = parse_stun(request, "secret");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->username, "them:us");
  EXPECT_TRUE(read->integrity_ok);
}

TEST(Rtp, ReadsWhatItWrites) {
  std::array<std::uint8_t, max_datagram> buffer{};
  RtpBuilder builder(buffer.data(), {96, true, 65535, 0x89ABCDEF, 0x12345678});
  const auto mid = hex("30");
  const auto sequence = hex("BEEF");
  builder.extension(4, mid);
  builder.extension(0, sequence); // not negotiated: left out
  builder.extension(3, sequence);
  const auto payload = hex("0102030405");
  const auto size = builder.finish(payload);
  EXPECT_EQ(size, 12U + 4 + 8 + 5);
  const auto read = parse_rtp(Bytes(buffer).first(size));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header.sequence, 65535);
  EXPECT_TRUE(read->header.marker);
  EXPECT_EQ(read->header.ssrc, 0x12345678U);
  EXPECT_EQ(load16(read->extensions[3].data()), 0xBEEF);
  EXPECT_EQ(read->extensions[4].size(), 1U);
  EXPECT_EQ(read->payload.size(), 5U);
  for (std::size_t cut = 0; cut < 24; ++cut)
    EXPECT_FALSE(parse_rtp(Bytes(buffer).first(cut))) << cut;
}

TEST(Rtcp, PacksNacksAsTheirMaskSays) {
  RtcpWriter writer;
  writer.nack(1, 2, {100, 101, 116, 117});
  EXPECT_EQ(writer.data(), hex("81cd0004"
                               "00000001"
                               "00000002"
                               "00648001"    // 100, then 101 (bit 0) and 116 (bit 15)
                               "00750000")); // 117
  std::vector<std::uint16_t> asked;
  RtcpHandler handler;
  handler.on_nack = [&](std::uint32_t ssrc, std::uint16_t sequence) {
    EXPECT_EQ(ssrc, 2U);
    asked.push_back(sequence);
  };
  EXPECT_TRUE(parse_rtcp(writer.data(), handler));
  EXPECT_EQ(asked, (std::vector<std::uint16_t>{100, 101, 116, 117}));
}

TEST(Rtcp, ReadsRemb) {
  std::uint64_t limit = 0;
  RtcpHandler handler;
  handler.on_remb = [&](std::uint64_t bitrate_bps) { limit = bitrate_bps; };
  const auto remb = hex("8fce0005"
                        "00000001"
                        "00000000"
                        "52454d42"
                        "010a2000" // one SSRC, exponent 2, mantissa 0x22000
                        "00000007");
  EXPECT_TRUE(parse_rtcp(remb, handler));
  EXPECT_EQ(limit, 0x22000U << 2);
  EXPECT_FALSE(parse_rtcp(Bytes(remb).first(22), handler));
}

TEST(TransportFeedback, SaysWhatCameWhenAndWhatDidNot) {
  TransportFeedback feedback;
  feedback.on_packet(65534, 64'000 * 5 + 1'000);
  feedback.on_packet(0, 64'000 * 5 + 2'000);   // 65535 is missing
  feedback.on_packet(1, 64'000 * 5 + 102'000); // 100 ms later: a large delta
  EXPECT_EQ(feedback.take(1, 2), hex("8fcd0006"
                                     "00000001"
                                     "00000002"
                                     "fffe0004" // from 65534, four of them
                                     "00000500" // reference 5 x 64 ms, first feedback
                                     "d180"     // received, not, received, received late
                                     "04"       // 1 ms, 1 ms, 100 ms in 250 us
                                     "04"
                                     "0190"
                                     "0000"));
  EXPECT_TRUE(feedback.empty());
  feedback.on_packet(2, 64'000 * 7);
  const auto next = feedback.take(1, 2);
  EXPECT_EQ(load16(&next[12]), 2) << "goes on where the last one ended";
  EXPECT_EQ(next[19], 1) << "and counts";
}

TEST(Payload, TellsAnyChangeFromWhatWasSent) {
  std::vector<std::uint8_t> packet(300);
  const Stamp stamp{7, 1234, 55, 99'000'000};
  write_vp8(packet, {true, true, 77}, stamp);
  const auto read = read_vp8(packet, true);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->intact);
  EXPECT_TRUE(read->key);
  EXPECT_EQ(read->stamp.counter, 1234U);
  EXPECT_EQ(read->stamp.sent_us, 99'000'000);
  // The descriptor and frame header (4 + 10 bytes) may be rewritten by a server; nothing behind them.
  for (std::size_t i = 14; i < packet.size(); ++i) {
    auto changed = packet;
    changed[i] ^= 0x10;
    const auto after = read_vp8(changed, true);
    EXPECT_FALSE(after && after->intact) << "byte " << i;
  }
  EXPECT_FALSE(read_vp8(Bytes(packet).first(299), true)->intact) << "cut off";
}

TEST(Payload, ReadsADescriptorThatAServerHasExtended) {
  std::vector<std::uint8_t> packet(200);
  write_vp8(packet, {false, false, 77}, {1, 2, 3, 4});
  // I, L, T: a picture id, TL0PICIDX and TID instead of the picture id alone (RFC 7741 4.2).
  auto longer = hex("80e0805501"
                    "40");
  longer.insert(longer.end(), packet.begin() + 4, packet.end());
  const auto read = read_vp8(longer, true);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->intact);
}

TEST(Sdp, ReadsAnAnswer) {
  const auto answer =
      parse_sdp("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n"
                "a=fingerprint:sha-256 AB:CD\r\na=group:BUNDLE 0 1\r\n"
                "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n"
                "a=rtpmap:111 opus/48000/2\r\na=extmap:3/recvonly uri:x\r\na=recvonly\r\n"
                "a=candidate:1 1 UDP 2130706431 127.0.0.1 40000 typ host\r\n"
                "a=candidate:2 1 tcp 1 127.0.0.1 40000 typ host tcptype passive\r\n"
                "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n"
                "m=video 9 UDP/TLS/RTP/SAVPF 98 99\r\na=mid:2\r\na=rtpmap:98 VP8/90000\r\n"
                "a=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\na=simulcast:recv h;~m\r\n"
                "a=ssrc-group:FID 11 22\r\na=ssrc:11 cname:x\r\n");
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->lines.size(), 3U);
  EXPECT_TRUE(answer->ice_lite);
  EXPECT_EQ(answer->lines[0].payload_type, 111);
  EXPECT_EQ(answer->lines[0].fingerprint, "AB:CD");
  EXPECT_EQ(answer->lines[0].extension("uri:x"), 3);
  ASSERT_EQ(answer->lines[0].candidates.size(), 1U) << "UDP only";
  EXPECT_TRUE(answer->lines[1].rejected);
  EXPECT_EQ(answer->lines[2].payload_type, 98);
  EXPECT_EQ(answer->lines[2].rtx_payload_type, 99);
  EXPECT_EQ(answer->lines[2].receive_rids, (std::vector<std::string>{"h", "m"}));
  EXPECT_EQ(answer->lines[2].rtx_ssrc, 22U);
  EXPECT_FALSE(parse_sdp("v=0\r\n"));
}

TEST(Histogram, PercentilesAreWithinThreePerCent) {
  Histogram histogram;
  for (std::int64_t i = 1; i <= 100'000; ++i)
    histogram.add(i);
  EXPECT_NEAR(static_cast<double>(histogram.percentile(0.5)), 50'000, 1'700);
  EXPECT_NEAR(static_cast<double>(histogram.percentile(0.99)), 99'000, 3'200);
  EXPECT_EQ(Histogram().percentile(0.5), 0U);
}

} // namespace
} // namespace viadux::bench
