// Reports, clocks and asking again.
#include "core/rtp/nack_generator.hpp"
#include "core/rtp/receive_statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace viadux::rtp {
namespace {

using testing::ElementsAre;

TEST(ReceiveStatistics, CountsLossPerIntervalAndInAll) {
  ReceiveStatistics statistics(90'000);
  for (std::uint16_t i = 0; i < 100; ++i) {
    if (i % 4 != 3) statistics.on_packet(static_cast<std::uint16_t>(65'500 + i), i * 3000U, i * 33'333);
  }
  statistics.on_packet(static_cast<std::uint16_t>(65'500 + 100), 300'000, 3'333'300);
  ReportBlock block = statistics.report(7, 4'000'000);
  EXPECT_EQ(block.ssrc, 7U);
  EXPECT_EQ(block.fraction_lost, 25 * 256 / 101);
  EXPECT_EQ(block.cumulative_lost, 25);
  EXPECT_EQ(block.highest_sequence, 65'600U); // one wrap
  block = statistics.report(7, 5'000'000);
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 25);
}

TEST(ReceiveStatistics, DuplicatesMakeLossNegativeButNeverAFraction) {
  ReceiveStatistics statistics(48'000);
  for (int i = 0; i < 3; ++i)
    statistics.on_packet(10, 0, 0);
  const ReportBlock block = statistics.report(1, 0);
  EXPECT_EQ(block.cumulative_lost, -2);
  EXPECT_EQ(block.fraction_lost, 0);
}

TEST(ReceiveStatistics, JitterIsZeroForAnEvenStreamAndFollowsAnUnevenOne) {
  ReceiveStatistics even(48'000);
  ReceiveStatistics uneven(48'000);
  for (std::uint16_t i = 0; i < 500; ++i) {
    even.on_packet(i, i * 960U, i * 20'000);
    uneven.on_packet(i, i * 960U, i * 20'000 + (i % 2) * 10'000);
  }
  EXPECT_EQ(even.jitter(), 0U);
  EXPECT_NEAR(uneven.jitter(), 480, 10); // 10 ms of 48 kHz
}

TEST(ReceiveStatistics, TellsTheDelayOfTheLastSenderReport) {
  ReceiveStatistics statistics(90'000);
  statistics.on_packet(1, 0, 0);
  EXPECT_EQ(statistics.report(1, 0).last_sr, 0U);
  statistics.on_sender_report(0x0000'1234'5678'0000, 1'000'000);
  const ReportBlock block = statistics.report(1, 1'500'000);
  EXPECT_EQ(block.last_sr, 0x1234'5678U);
  EXPECT_EQ(block.delay_since_last_sr, 32'768U);
}

TEST(Clocks, NtpGoesThereAndBack) {
  for (const std::int64_t us : {0LL, 1LL, 999'999LL, 1'000'000LL, 3'912'345'678'901'234LL}) {
    EXPECT_EQ(ntp_to_us(us_to_ntp(us)), us);
  }
}

TEST(Clocks, RoundTripOfAReport) {
  const std::int64_t sent = 3'900'000'000'000'000;
  ReportBlock block;
  block.last_sr = static_cast<std::uint32_t>(us_to_ntp(sent) >> 16);
  block.delay_since_last_sr = 65'536 / 2;
  EXPECT_NEAR(static_cast<double>(round_trip_us(block, us_to_ntp(sent + 580'000))), 80'000, 50);
  EXPECT_EQ(round_trip_us(block, us_to_ntp(sent + 100'000)), 0); // a lie
  EXPECT_EQ(round_trip_us({}, us_to_ntp(sent)), 0);
}

TEST(Clocks, TheOffsetFollowsTheFastestWay) {
  ClockOffset offset;
  const std::int64_t theirs = 5'000'000'000;
  EXPECT_EQ(offset.on_sender_report(us_to_ntp(theirs), 1'080'000), 1'080'000);
  // Less delay: nearer to the truth at once.
  EXPECT_EQ(offset.on_sender_report(us_to_ntp(theirs + 1'000'000), 2'020'000), 2'020'000);
  // A report that stood in a queue for 200 ms hardly moves it.
  EXPECT_NEAR(static_cast<double>(offset.on_sender_report(us_to_ntp(theirs + 2'000'000), 3'220'000)),
              3'020'000, 7'000);
}

class NackTest : public testing::Test {
 protected:
  std::vector<std::uint16_t> collect(std::int64_t now_us, std::int64_t rtt_us = 0) {
    std::vector<std::uint16_t> out(2000);
    out.resize(nack_.collect(now_us, rtt_us, out));
    return out;
  }
  NackGenerator nack_;
};

TEST_F(NackTest, AsksForWhatIsMissingAfterAMomentForReordering) {
  nack_.on_packet(65'534, 0);
  nack_.on_packet(1, 1'000);
  EXPECT_TRUE(collect(2'000).empty());
  EXPECT_THAT(collect(6'000), ElementsAre(65'535, 0));
  EXPECT_TRUE(nack_.on_packet(0, 7'000));
  EXPECT_FALSE(nack_.on_packet(0, 7'000));
  EXPECT_THAT(collect(26'000), ElementsAre(65'535));
  EXPECT_EQ(nack_.recovered(), 1U);
  EXPECT_EQ(nack_.asked(), 3U);
}

TEST_F(NackTest, WhatIsMerelyOutOfOrderIsNeverAskedFor) {
  nack_.on_packet(10, 0);
  nack_.on_packet(12, 0);
  nack_.on_packet(11, 3'000);
  EXPECT_TRUE(collect(100'000).empty());
  EXPECT_EQ(nack_.recovered(), 0U);
}

TEST_F(NackTest, AsksTenTimesARoundTripApartThenWantsAKeyFrame) {
  nack_.on_packet(10, 0);
  nack_.on_packet(12, 0);
  std::vector<std::int64_t> asked;
  for (std::int64_t now = 0; now < 3'000'000; now += 10'000) {
    if (!collect(now, 100'000).empty()) asked.push_back(now);
  }
  ASSERT_EQ(asked.size(), 10U);
  for (std::size_t i = 1; i < asked.size(); ++i)
    EXPECT_EQ(asked[i] - asked[i - 1], 100'000);
  EXPECT_EQ(nack_.given_up(), 1U);
  EXPECT_EQ(nack_.outstanding(), 0U);
  EXPECT_TRUE(nack_.take_key_frame_wanted());
  EXPECT_FALSE(nack_.take_key_frame_wanted());
}

TEST_F(NackTest, NeverHoldsMoreThanAThousand) {
  nack_.on_packet(0, 0);
  nack_.on_packet(900, 0);
  EXPECT_EQ(nack_.outstanding(), 899U);
  EXPECT_FALSE(nack_.take_key_frame_wanted());
  nack_.on_packet(1200, 0);
  EXPECT_EQ(nack_.outstanding(), 0U);
  EXPECT_TRUE(nack_.take_key_frame_wanted());
  nack_.on_packet(1202, 0); // goes on as ever
  EXPECT_EQ(nack_.outstanding(), 1U);
}

TEST_F(NackTest, FillsNoMoreThanItIsGiven) {
  nack_.on_packet(0, 0);
  nack_.on_packet(100, 0);
  std::vector<std::uint16_t> few(10);
  EXPECT_EQ(nack_.collect(10'000, 0, few), 10U);
  EXPECT_EQ(collect(10'000).size(), 89U); // the rest
}

} // namespace
} // namespace viadux::rtp
