#include "router/stage.hpp"

#include <gtest/gtest.h>

namespace viadux::router::test {
namespace {

class RetransmissionTest : public testing::Test {
 protected:
  void run(int frames) {
    for (int i = 0; i < frames; ++i) {
      for (const SentPart& part : stage_.publisher.frame(now_))
        stage_.deliver(part, now_);
      router_.flush(now_);
      router_.tick(now_);
      now_ += frame_us;
    }
  }
  void nack(std::initializer_list<std::int64_t> sequences, std::int64_t rtt_us = 30'000) {
    std::vector<std::uint16_t> list;
    for (const std::int64_t s : sequences)
      list.push_back(static_cast<std::uint16_t>(s));
    slot_.handle_nack(list, now_, rtt_us);
  }
  std::int64_t newest() const { return viewer_.packets.rbegin()->first; }

  std::int64_t now_ = 10'000'000;
  Router router_;
  Stage stage_{router_, {.encodings = 2}};
  Viewer viewer_;
  Subscription slot_{vp8_slot(), viewer_};
};

TEST_F(RetransmissionTest, IsTheFirstSendingByteForByte) {
  slot_.set_track(&stage_.track, now_);
  run(30);
  // Changes of layer in between: each packet keeps the rewriting of its time.
  slot_.set_target({0, 1}, now_);
  run(40);
  slot_.set_target({1, 2}, now_);
  run(40);
  const std::int64_t last = newest();
  for (std::int64_t s = last - 60; s <= last; ++s)
    nack({s});
  ASSERT_EQ(viewer_.repeated.size(), 61U);
  for (std::size_t i = 0; i < viewer_.repeated.size(); ++i) {
    EXPECT_EQ(viewer_.repeated[i], viewer_.packets.at(last - 60 + static_cast<std::int64_t>(i)).bytes);
  }
}

TEST_F(RetransmissionTest, IsLimitedInNumberAndSpacing) {
  slot_.set_track(&stage_.track, now_);
  run(10);
  const std::int64_t wanted = newest() - 2;
  nack({wanted});
  nack({wanted}); // too soon
  EXPECT_EQ(viewer_.repeated.size(), 1U);
  now_ += 25'000;
  nack({wanted}, 100'000); // a round trip has not passed
  EXPECT_EQ(viewer_.repeated.size(), 1U);
  nack({wanted}, 10'000);
  now_ += 25'000;
  nack({wanted}, 10'000);
  now_ += 25'000;
  nack({wanted}, 10'000); // the fourth
  EXPECT_EQ(viewer_.repeated.size(), 3U);
  EXPECT_EQ(slot_.counters().nack_limited, 3U);
  EXPECT_EQ(slot_.counters().retransmitted, 3U);
}

TEST_F(RetransmissionTest, CountsWhatItCannotGive) {
  slot_.set_track(&stage_.track, now_);
  run(10);
  nack({newest() + 1, newest() + 30'000, viewer_.packets.begin()->first - 1});
  EXPECT_TRUE(viewer_.repeated.empty());
  EXPECT_EQ(slot_.counters().nack_unknown, 3U);
  const std::int64_t old = newest();
  run(900); // long gone from the ring
  nack({old});
  EXPECT_TRUE(viewer_.repeated.empty());
  EXPECT_EQ(slot_.counters().nack_unknown, 4U);
}

TEST_F(RetransmissionTest, NothingOfAnotherPersonIsRepeated) {
  Stage other(router_, {.track = 9});
  slot_.set_track(&stage_.track, now_);
  run(10);
  const std::int64_t wanted = newest();
  slot_.set_track(&other.track, now_);
  nack({wanted});
  EXPECT_TRUE(viewer_.repeated.empty());
}

TEST_F(RetransmissionTest, RepeatsTheNewestForAProbe) {
  slot_.set_track(&stage_.track, now_);
  EXPECT_EQ(slot_.repeat_newest(5), 0U);
  run(10);
  EXPECT_EQ(slot_.repeat_newest(5), 5U);
  EXPECT_EQ(viewer_.repeated_sequences.front(), static_cast<std::uint16_t>(newest()));
  EXPECT_EQ(slot_.counters().retransmitted, 0U);
}

TEST_F(RetransmissionTest, RtxWrapsTheSamePayload) {
  slot_.set_track(&stage_.track, now_);
  class Wrapper final : public Egress {
   public:
    void send(std::span<const OutPacket>) override {}
    void retransmit(std::span<const OutPacket> run) override {
      for (const OutPacket& out : run) {
        bytes.resize(1600);
        const Written written = write_rtx_packet(out, rtx, {}, bytes);
        bytes.resize(written.size);
      }
    }
    RtxStream rtx{.ssrc = 99, .payload_type = 101, .sequence = 0xffff};
    std::vector<std::uint8_t> bytes;
  } wrapper;
  Subscription slot(vp8_slot(), wrapper);
  slot.set_track(&stage_.track, now_);
  run(3);
  ASSERT_EQ(slot.repeat_newest(1), 1U);
  const auto view = rtp::parse(wrapper.bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->ssrc, 99U);
  EXPECT_EQ(view->payload_type, 101);
  EXPECT_EQ(view->sequence, 0xffff);
  EXPECT_EQ(wrapper.rtx.sequence, 0);
  const auto& original = viewer_.packets.rbegin()->second;
  const auto first = rtp::parse(original.bytes);
  EXPECT_EQ(view->payload[0] << 8 | view->payload[1], first->sequence);
  EXPECT_TRUE(std::ranges::equal(view->payload.subspan(2), first->payload));
}

} // namespace
} // namespace viadux::router::test
