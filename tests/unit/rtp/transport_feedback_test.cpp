#include "core/rtp/transport_feedback.hpp"

#include "core/rtp/rtcp.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace viadux::rtp {
namespace {

// Takes the feedback out of RTCP, as the session does.
class Peer final : public RtcpSink {
 public:
  void on_transport_feedback(std::uint32_t, std::span<const std::uint8_t> body) override {
    ASSERT_TRUE(reader.read(body));
    for (const PacketResult& result : reader.results()) {
      auto& known = results[static_cast<std::uint16_t>(result.transport_sequence)];
      if (!known.received) known = result;
    }
    ++packets;
  }
  TransportFeedbackReader reader;
  std::map<std::uint16_t, PacketResult> results;
  unsigned packets = 0;
};

void report(TransportFeedbackWriter& writer, Peer& peer, std::int64_t now_us, std::size_t size = 1200) {
  std::vector<std::uint8_t> buffer(size);
  while (const std::size_t written = writer.write(now_us, 1, 2, buffer)) {
    ASSERT_EQ(written % 4, 0U);
    ASSERT_FALSE(parse_rtcp(std::span(buffer).first(written), peer).malformed);
  }
}

TEST(TransportFeedback, TellsArrivalsInQuartersOfMilliseconds) {
  TransportFeedbackWriter writer;
  Peer peer;
  for (std::uint16_t i = 0; i < 20; ++i) {
    if (i != 7 && i != 8) writer.on_packet(static_cast<std::uint16_t>(65'530 + i), 1'000'000 + i * 5'250);
  }
  EXPECT_TRUE(writer.pending());
  report(writer, peer, 1'200'000);
  EXPECT_FALSE(writer.pending());
  EXPECT_EQ(peer.packets, 1U);
  ASSERT_EQ(peer.results.size(), 20U);
  EXPECT_FALSE(peer.results[1].received);
  EXPECT_FALSE(peer.results[2].received);
  const std::int64_t first = *peer.results[65'530].arrival_us;
  for (std::uint16_t i = 0; i < 20; ++i) {
    const PacketResult& result = peer.results[static_cast<std::uint16_t>(65'530 + i)];
    if (result.received) {
      EXPECT_EQ(*result.arrival_us - first, i * 5'250);
    }
  }
}

TEST(TransportFeedback, WhatComesLateIsReportedAgain) {
  TransportFeedbackWriter writer;
  Peer peer;
  writer.on_packet(10, 1'000'000);
  writer.on_packet(12, 1'010'000);
  report(writer, peer, 1'050'000);
  EXPECT_FALSE(peer.results[11].received);
  writer.on_packet(11, 1'060'000);
  report(writer, peer, 1'100'000);
  EXPECT_TRUE(peer.results[11].received);
  EXPECT_EQ(*peer.results[11].arrival_us - *peer.results[10].arrival_us, 60'000);
}

TEST(TransportFeedback, BigGapsInTimeTakeAReportOfTheirOwn) {
  TransportFeedbackWriter writer;
  Peer peer;
  writer.on_packet(1, 1'000'000);
  writer.on_packet(2, 1'100'000);  // a large delta
  writer.on_packet(3, 20'000'000); // more than a large delta can say
  report(writer, peer, 20'000'000);
  EXPECT_EQ(peer.packets, 2U);
  EXPECT_EQ(*peer.results[2].arrival_us - *peer.results[1].arrival_us, 100'000);
  EXPECT_EQ(*peer.results[3].arrival_us - *peer.results[1].arrival_us, 19'000'000);
}

TEST(TransportFeedback, RandomStreamsGoThereAndBack) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    TransportFeedbackWriter writer;
    Peer peer;
    auto sequence = static_cast<std::uint16_t>(random());
    std::int64_t now = 5'000'000;
    std::map<std::uint16_t, std::int64_t> truth;
    const unsigned loss = random() % 60;
    for (int i = 0; i < 3000; ++i) {
      ++sequence;
      now += 250 * static_cast<std::int64_t>(random() % (random() % 50 == 0 ? 400 : 12));
      if (random() % 100 < loss) continue;
      const std::int64_t arrival = now - (random() % 20 == 0 ? 2'000 : 0); // some negative deltas
      writer.on_packet(sequence, arrival);
      truth[sequence] = arrival;
      if (random() % 80 == 0) report(writer, peer, now, 100 + random() % 1100);
    }
    report(writer, peer, now);
    ASSERT_FALSE(truth.empty());
    const auto& [reference, reference_us] = *truth.begin();
    for (const auto& [s, arrival] : truth) {
      ASSERT_TRUE(peer.results[s].received) << seed;
      ASSERT_EQ(*peer.results[s].arrival_us - *peer.results[reference].arrival_us, arrival - reference_us)
          << seed;
    }
    for (const auto& [s, result] : peer.results)
      ASSERT_EQ(result.received, truth.contains(s)) << seed;
  }
}

TEST(TransportFeedback, CountsReportsThatWereLost) {
  TransportFeedbackWriter writer;
  Peer peer;
  std::vector<std::uint8_t> lost(1200);
  for (std::uint16_t i = 0; i < 10; ++i) {
    writer.on_packet(i, 1'000'000 + i * 1000);
    if (i == 4 || i == 5) {
      writer.write(1'100'000, 1, 2, lost);
    } else {
      report(writer, peer, 1'100'000);
    }
  }
  EXPECT_EQ(peer.reader.lost_reports(), 2U);
}

TEST(TransportFeedback, ReadsEveryKindOfChunk) {
  // Base 100, 12 packets, reference 1; a run of 3 received, a vector of one-bit symbols, all with small
  // deltas of 1.
  std::vector<std::uint8_t> body{0, 100, 0, 12, 0, 0, 1, 0, 0x20, 0x03, 0xaa, 0x00, 1, 1, 1, 1, 1, 1, 1};
  TransportFeedbackReader reader;
  ASSERT_TRUE(reader.read(body));
  ASSERT_EQ(reader.results().size(), 12U);
  const std::vector<bool> received{true,  true, true,  true,  false, true,
                                   false, true, false, false, false, false};
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_EQ(reader.results()[i].received, received[i]) << i;
}

TEST(TransportFeedback, WhatDoesNotAddUpIsRefusedWhole) {
  const std::vector<std::uint8_t> good{0, 100, 0, 3, 0, 0, 1, 0, 0x20, 0x03, 1, 1, 1};
  TransportFeedbackReader reader;
  ASSERT_TRUE(reader.read(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(reader.read(std::span(good).first(size))) << size;
    EXPECT_TRUE(reader.results().empty());
  }
  const std::vector<std::uint8_t> none{0, 100, 0, 0, 0, 0, 1, 0};
  EXPECT_FALSE(reader.read(none));
  // 65535 packets claimed in one chunk of 8191.
  const std::vector<std::uint8_t> many{0, 100, 0xff, 0xff, 0, 0, 1, 0, 0x1f, 0xff};
  EXPECT_FALSE(reader.read(many));
  std::vector<std::uint8_t> no_time{0, 100, 0, 2, 0, 0, 1, 0, 0x60, 0x02}; // symbol 3: received, no time
  ASSERT_TRUE(reader.read(no_time));
  EXPECT_TRUE(reader.results()[0].received);
  EXPECT_FALSE(reader.results()[0].arrival_us);
}

TEST(TransportFeedback, AJumpFarAheadDoesNotReportEverythingBetween) {
  TransportFeedbackWriter writer;
  Peer peer;
  writer.on_packet(0, 1'000'000);
  writer.on_packet(30'000, 1'001'000);
  report(writer, peer, 1'100'000);
  EXPECT_TRUE(peer.results[30'000].received);
  EXPECT_LE(peer.results.size(), 4097U);
}

} // namespace
} // namespace viadux::rtp
