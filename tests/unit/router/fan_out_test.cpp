#include "core/router/fan_out.hpp"

#include "router/stage.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace viadux::router::test {
namespace {

class FanOutTest : public testing::Test {
 protected:
  void publish(int frames, bool drain = true) {
    for (int i = 0; i < frames; ++i) {
      for (const SentPart& part : stage_.publisher.frame(now_))
        stage_.deliver(part, now_);
      here_.flush(now_);
      here_.tick(now_);
      link_.packets.publish();
      if (drain) receive();
      now_ += frame_us;
    }
  }
  void receive() {
    link_.packets.drain([&](const ChannelRecord& record, std::span<const std::uint8_t> payload) {
      EXPECT_EQ(record.track, 1U);
      replica_.receive(record, payload);
    });
    there_.flush(now_);
    there_.tick(now_);
    replica_.tick(0);
    TrackFeedback message;
    while (link_.feedback.pop(message))
      fan_out_.apply(message, now_);
  }

  std::int64_t now_ = 10'000'000;
  Router here_;
  Router there_;
  WorkerLink link_{PacketChannel(64U << 10)};
  Stage stage_{here_, {.encodings = 2}};
  FanOut fan_out_{stage_.track, link_.packets};
  Replica replica_{stage_.track.config(), there_, link_.feedback};
  Viewer viewer_;
  Subscription slot_{vp8_slot(), viewer_};
};

TEST_F(FanOutTest, AReplicaIsATrackLikeAnyOther) {
  publish(10);
  slot_.set_track(&replica_.track(), now_);
  publish(60);
  slot_.set_target({0, 1}, now_);
  publish(60);
  EXPECT_EQ(viewer_.check(), "");
  EXPECT_EQ(viewer_.holes(), 0U);
  EXPECT_EQ(slot_.current()->encoding, 0U);
  EXPECT_GE(viewer_.shown.size(), 88U);
  EXPECT_EQ(fan_out_.dropped(), 0U);
}

TEST_F(FanOutTest, KeyFrameRequestsAndSharesGoBackToTheOrigin) {
  publish(40);
  slot_.set_track(&replica_.track(), now_);
  slot_.set_share_bps(333'000);
  publish(2);
  EXPECT_GE(stage_.requests, 1U);
  EXPECT_EQ(stage_.track.lowest_share_bps(100'000), 333'000U);
  slot_.set_track(nullptr, now_);
  publish(1);
  EXPECT_EQ(stage_.track.lowest_share_bps(100'000), 0U);
}

TEST_F(FanOutTest, AFullChannelDropsWholeFramesAndAsksForAKeyFrame) {
  slot_.set_track(&replica_.track(), now_);
  publish(40);
  const unsigned before = stage_.requests;
  publish(200, false); // the other worker is stuck
  EXPECT_GT(fan_out_.dropped(), 0U);
  EXPECT_GT(stage_.requests, before);
  receive();
  publish(90);
  ASSERT_EQ(viewer_.check(true), "");
  EXPECT_GT(viewer_.shown.back().frame, 300);
  // Behind the gap everything is decodable again: it began with a key frame.
  EXPECT_LE(viewer_.undecodable, 3U);
}

TEST_F(FanOutTest, SenderReportsCross) {
  slot_.set_track(&replica_.track(), now_);
  publish(5);
  stage_.report(now_);
  publish(1);
  const auto timestamp = slot_.timestamp_at(now_);
  ASSERT_TRUE(timestamp);
  const auto& last = viewer_.packets.rbegin()->second;
  EXPECT_NEAR(static_cast<double>(*timestamp - last.timestamp), 3000, 5);
}

// What the house makes itself: sizes that nobody gets are not made, and yet are there to be chosen.
TEST(OnDemand, CountsAsThereAndItsSourceKnowsWhatIsInUse) {
  TrackConfig config{.id = 1, .codec = rtp::Codec::vp8, .encodings = 3};
  config.on_demand_bps = {200'000, 600'000, 1'500'000};
  Router router;
  SpscQueue<TrackFeedback> feedback{64};
  Replica replica{config, router, feedback};
  std::int64_t now = 10'000'000;
  EXPECT_TRUE(replica.track().encoding(2, now).active);
  EXPECT_EQ(replica.track().encoding(1, now).bitrate_bps[0], 600'000U);
  int asked = 0;
  unsigned in_use = 0, asked_for = 0;
  const auto listen = [&] {
    replica.tick(0);
    TrackFeedback message;
    while (feedback.pop(message)) {
      if (message.kind == TrackFeedback::Kind::in_use) in_use = message.encoding;
      if (message.kind != TrackFeedback::Kind::key_frame) continue;
      ++asked;
      asked_for = message.encoding;
    }
  };
  Viewer viewer;
  Subscription slot{vp8_slot(), viewer};
  slot.set_track(&replica.track(), now);
  listen();
  EXPECT_EQ(asked_for, 2U);
  EXPECT_EQ(in_use, 1U << 2);
  slot.set_target({0, 3}, now);
  listen();
  EXPECT_EQ(asked_for, 0U);
  EXPECT_EQ(in_use, 1U << 0);
  const int before = asked;
  slot.request_key_frame(now + 100'000);
  listen();
  EXPECT_EQ(asked, before) << "merged";
  slot.request_key_frame(now + 250'000);
  listen();
  EXPECT_EQ(asked, before + 1) << "but nobody waits for a second";
  slot.set_track(nullptr, now);
  listen();
  EXPECT_EQ(in_use, 0U);
}

} // namespace
} // namespace viadux::router::test
