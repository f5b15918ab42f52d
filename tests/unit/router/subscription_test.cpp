#include "core/router/subscription.hpp"

#include "router/stage.hpp"

#include <gtest/gtest.h>

namespace viadux::router::test {
namespace {

class SubscriptionTest : public testing::Test {
 protected:
  // Lets `frames` frames of all stages pass without loss.
  void run(std::initializer_list<Stage*> stages, int frames) {
    for (int i = 0; i < frames; ++i) {
      for (Stage* stage : stages) {
        for (const SentPart& part : stage->publisher.frame(now_))
          stage->deliver(part, now_);
      }
      router_.flush(now_);
      router_.tick(now_);
      now_ += frame_us;
    }
  }
  std::int64_t now_ = 10'000'000;
  Router router_;
};

TEST_F(SubscriptionTest, ForwardsEveryFrameOfAStreamWithOneEncoding) {
  Stage stage(router_, {});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  ASSERT_TRUE(slot.set_track(&stage.track, now_));
  run({&stage}, 200);
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.holes(), 0U);
  EXPECT_EQ(viewer.shown.size(), 200U);
  EXPECT_EQ(viewer.packets.begin()->second.timestamp, 0xffff'fff0U);
  EXPECT_EQ(slot.counters().packets, viewer.packets.size());
}

TEST_F(SubscriptionTest, LateJoinerWaitsForAKeyFrameAndAsksForIt) {
  Stage stage(router_, {});
  run({&stage}, 50);
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  EXPECT_EQ(stage.requests, 1U);
  run({&stage}, 50);
  EXPECT_EQ(viewer.check(), "");
  ASSERT_FALSE(viewer.shown.empty());
  EXPECT_TRUE(viewer.shown.front().key);
  EXPECT_EQ(viewer.shown.size(), 50U);
}

TEST_F(SubscriptionTest, WhoJoinsSoonAfterAKeyFrameGetsItAtOnce) {
  Stage stage(router_, {});
  run({&stage}, 10);
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  EXPECT_EQ(stage.requests, 0U) << "the publisher is not asked for another";
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.shown.size(), 10U) << "and it comes with what followed it";
  run({&stage}, 10);
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.holes(), 0U);
  EXPECT_EQ(viewer.shown.size(), 20U);
  EXPECT_TRUE(viewer.shown.front().key);
}

TEST_F(SubscriptionTest, WhatIsKeptIsNoBeginningWithAHoleInIt) {
  Stage stage(router_, {});
  int part_count = 0;
  for (int i = 0; i < 10; ++i, now_ += frame_us) {
    for (const SentPart& part : stage.publisher.frame(now_))
      if (++part_count != 8) stage.deliver(part, now_);
    router_.flush(now_);
  }
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  EXPECT_EQ(stage.requests, 1U);
  EXPECT_TRUE(viewer.packets.empty());
  run({&stage}, 10);
  EXPECT_EQ(viewer.check(), "");
}

// A key frame is several packets, and a newcomer may stand in the door between two of them.
TEST_F(SubscriptionTest, WhoJoinsInTheMiddleOfAKeyFrameGetsAllOfIt) {
  Stage stage(router_, {});
  Viewer before;
  Subscription watched(vp8_slot(), before);
  ASSERT_TRUE(watched.set_track(&stage.track, now_));
  const std::vector<SentPart> key = stage.publisher.frame(now_);
  ASSERT_GT(key.size(), 2U);
  stage.deliver(key[0], now_);
  router_.flush(now_);
  stage.deliver(key[1], now_); // of this turn: offered to all at its end
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  for (std::size_t i = 2; i < key.size(); ++i)
    stage.deliver(key[i], now_);
  router_.flush(now_);
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.shown.size(), 1U);
  EXPECT_EQ(viewer.packets.size(), key.size());
  EXPECT_EQ(viewer.duplicates, 0U);
  EXPECT_EQ(stage.requests, 1U) << "the publisher is not asked for another";
}

TEST_F(SubscriptionTest, ARestartBeginsAnewForAReceiverThatHasSeenNothing) {
  Stage stage(router_, {});
  Viewer viewer;
  run({&stage}, 30);
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  run({&stage}, 5);
  const auto sent = viewer.packets.size();
  ASSERT_GT(sent, 0U);
  const auto first = static_cast<std::uint16_t>(viewer.packets.begin()->first);
  viewer.packets.clear(); // it was not connected yet
  slot.restart(now_);
  EXPECT_EQ(viewer.packets.size(), sent) << "the same once more, under new numbers";
  EXPECT_FALSE(slot.packet(first)) << "what nobody got is not repeated";
  run({&stage}, 5);
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.shown.size(), 10U);
}

TEST_F(SubscriptionTest, ManyJoinersCostThePublisherOneKeyFrame) {
  Stage stage(router_, {});
  run({&stage}, 50);
  std::vector<std::unique_ptr<Viewer>> viewers;
  std::vector<std::unique_ptr<Subscription>> slots;
  for (int i = 0; i < 30; ++i) {
    viewers.push_back(std::make_unique<Viewer>());
    slots.push_back(std::make_unique<Subscription>(vp8_slot(), *viewers.back()));
    slots.back()->set_track(&stage.track, now_);
  }
  run({&stage}, 20);
  EXPECT_EQ(stage.requests, 1U);
  for (const auto& viewer : viewers)
    EXPECT_EQ(viewer->shown.size() + viewer->packets.size() > 0, true);
}

TEST_F(SubscriptionTest, ThinsByTemporalLayerWithoutATrace) {
  for (unsigned top = 0; top < 3; ++top) {
    Stage stage(router_, {});
    Viewer viewer;
    Subscription slot(vp8_slot(), viewer);
    slot.set_track(&stage.track, now_);
    slot.set_target({0, top}, now_);
    run({&stage}, 160);
    EXPECT_EQ(viewer.check(), "") << top;
    EXPECT_EQ(viewer.holes(), 0U);
    EXPECT_EQ(viewer.shown.size(), 160U >> (2 - top));
    for (const Label& label : viewer.shown)
      EXPECT_LE(label.temporal, top);
  }
}

TEST_F(SubscriptionTest, TemporalLayersGoDownAtOnceAndUpAtASyncFrame) {
  Stage stage(router_, {});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  for (const unsigned top : {2U, 0U, 1U, 2U, 0U, 2U, 1U, 0U}) {
    slot.set_target({0, top}, now_);
    run({&stage}, 21);
    EXPECT_EQ(slot.current()->temporal, top);
  }
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.holes(), 0U);
}

TEST_F(SubscriptionTest, EncodingsChangeAtKeyFramesWithTheOldGoingOnMeanwhile) {
  Stage stage(router_, {.encodings = 3});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  run({&stage}, 60);
  EXPECT_EQ(slot.current()->encoding, 2U);
  for (const unsigned encoding : {0U, 1U, 2U, 0U, 2U}) {
    stage.report(now_);
    slot.set_target({encoding, 2}, now_);
    EXPECT_EQ(slot.awaited(), encoding);
    run({&stage}, 40); // the throttle is a second
    EXPECT_EQ(slot.current()->encoding, encoding);
  }
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.holes(), 0U);
  // Not one picture is missing; at a change upwards one may come in both sizes.
  EXPECT_GE(viewer.shown.size(), 260U);
  EXPECT_LE(viewer.shown.size(), 260U + slot.counters().switches);
  EXPECT_GE(slot.counters().switches, 5U);
}

TEST_F(SubscriptionTest, TimestampsFollowTheMediaClockOverEncodings) {
  Stage stage(router_, {.encodings = 2, .temporal_layers = false});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  stage.report(now_);
  slot.set_target({0, 0}, now_);
  run({&stage}, 40);
  stage.report(now_);
  slot.set_target({1, 0}, now_);
  // From now on everything comes 70 ms later than before: a queue on the way, which must not show in
  // timestamps.
  for (int i = 0; i < 40; ++i) {
    for (const SentPart& part : stage.publisher.frame(now_))
      stage.deliver(part, now_ + 70'000);
    router_.flush(now_ + 70'000);
    now_ += frame_us;
  }
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(slot.current()->encoding, 1U);
  // Where the picture changes size it comes twice: the second is a millisecond later, as timestamps never
  // stand still.
  std::vector<std::uint32_t> steps;
  std::uint32_t last = viewer.packets.begin()->second.timestamp;
  for (const auto& [sequence, packet] : viewer.packets) {
    if (packet.timestamp != last) steps.push_back(packet.timestamp - last);
    last = packet.timestamp;
  }
  EXPECT_EQ(std::count(steps.begin(), steps.end(), 90U), 1);
  std::erase(steps, 90U);
  for (const std::uint32_t step : steps)
    EXPECT_NEAR(step, 3000, 2);
}

TEST_F(SubscriptionTest, AnotherPersonEntersTheSlot) {
  Stage anna(router_, {.track = 1, .first_sequence = 5, .first_picture_id = 9});
  Stage bo(router_,
           {.track = 2, .first_sequence = 40'000, .first_picture_id = 20'000, .first_timestamp = 12});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&anna.track, now_);
  run({&anna, &bo}, 47);
  slot.set_track(&bo.track, now_);
  run({&anna, &bo}, 50);
  slot.set_track(&anna.track, now_);
  run({&anna, &bo}, 50);
  ASSERT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.holes(), 0U);
  EXPECT_EQ(viewer.shown.back().track, 1U);
  EXPECT_GE(viewer.shown.size(), 140U);
}

TEST_F(SubscriptionTest, AnEncodingThatDiesIsReplacedByTheNextLower) {
  Stage stage(router_, {.encodings = 3});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  run({&stage}, 60);
  ASSERT_EQ(slot.current()->encoding, 2U);
  for (int i = 0; i < 120; ++i) { // the sender turns its largest layer off
    for (const SentPart& part : stage.publisher.frame(now_)) {
      if (part.encoding != 2) stage.deliver(part, now_);
    }
    router_.flush(now_);
    router_.tick(now_);
    now_ += frame_us;
  }
  EXPECT_EQ(slot.current()->encoding, 1U);
  EXPECT_EQ(viewer.check(), "");
}

TEST_F(SubscriptionTest, PausedSlotSendsNothingAndResumesWithAKeyFrame) {
  Stage stage(router_, {});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  run({&stage}, 40);
  slot.pause();
  const std::size_t before = viewer.packets.size();
  run({&stage}, 40);
  EXPECT_EQ(viewer.packets.size(), before);
  slot.resume(now_);
  run({&stage}, 40);
  EXPECT_EQ(viewer.check(true), "");
  EXPECT_EQ(viewer.undecodable, 0U);
  EXPECT_EQ(viewer.shown.size(), 80U);
}

TEST_F(SubscriptionTest, PictureIdsOfSevenBitsBecomeFifteen) {
  Stage stage(router_, {.first_picture_id = 120, .picture_id_bits = 7});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  run({&stage}, 400); // over several wraps of the source's ids
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.shown.size(), 400U);
}

TEST_F(SubscriptionTest, ATrackThatLeavesEmptiesItsSlots) {
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  {
    Stage stage(router_, {});
    slot.set_track(&stage.track, now_);
    run({&stage}, 10);
    for (const SentPart& part : stage.publisher.frame(now_))
      stage.deliver(part, now_); // still on the turn's run
  }
  router_.flush(now_);
  EXPECT_EQ(slot.track(), nullptr);
  const std::uint16_t any = 65'531;
  slot.handle_nack({&any, 1}, now_, 0);
  EXPECT_TRUE(viewer.repeated.empty());
}

TEST_F(SubscriptionTest, ASenderThatBeginsAnewIsFollowed) {
  Stage stage(router_, {});
  Viewer viewer;
  Subscription slot(vp8_slot(), viewer);
  slot.set_track(&stage.track, now_);
  run({&stage}, 40);
  // The same SSRC from a restarted encoder: all its numbers jump.
  stage.publisher = Vp8Publisher({.first_sequence = 20'000, .first_picture_id = 5, .first_timestamp = 77});
  run({&stage}, 40);
  EXPECT_EQ(viewer.check(), "");
  EXPECT_EQ(viewer.holes(), 0U);
  EXPECT_EQ(viewer.shown.size(), 80U);
}

TEST_F(SubscriptionTest, MeasuresWhatTheAllocatorNeeds) {
  Stage stage(router_, {.encodings = 2});
  run({&stage}, 90);
  const EncodingState small = stage.track.encoding(0, now_);
  const EncodingState large = stage.track.encoding(1, now_);
  EXPECT_TRUE(small.active);
  EXPECT_EQ(small.width, 320);
  EXPECT_EQ(large.width, 640);
  EXPECT_EQ(small.temporal_layers, 3U);
  EXPECT_GT(small.bitrate_bps[1], small.bitrate_bps[0]);
  EXPECT_GT(small.bitrate_bps[2], small.bitrate_bps[1]);
  // 30 packets a second of some 128 bytes.
  EXPECT_NEAR(small.bitrate_bps[3], 30 * 128 * 8, 3000);
  EXPECT_FALSE(stage.track.encoding(0, now_ + 3'000'000).active);
  EXPECT_EQ(stage.track.encoding(0, now_ + 3'000'000).bitrate_bps[3], 0U);
}

TEST_F(SubscriptionTest, AKeyFrameDoesNotMakeItsLayerLookDear) {
  Stage stage(router_, {});
  run({&stage}, 90);
  const double before = stage.track.encoding(0, now_).bitrate_bps[3];
  stage.publisher.request_key_frame(0); // five packets where a frame has one
  run({&stage}, 3);
  EXPECT_NEAR(stage.track.encoding(0, now_).bitrate_bps[3], before, 0.05 * before);
}

TEST_F(SubscriptionTest, ThePublishersCapIsTheLowestShareAboveTheFloor) {
  Stage stage(router_, {});
  Viewer viewer;
  Subscription a(vp8_slot(), viewer);
  Subscription b(vp8_slot(), viewer);
  Subscription c(vp8_slot(), viewer);
  for (Subscription* slot : {&a, &b, &c})
    slot->set_track(&stage.track, now_);
  EXPECT_EQ(stage.track.lowest_share_bps(100'000), 0U);
  a.set_share_bps(900'000);
  b.set_share_bps(400'000);
  c.set_share_bps(60'000); // under the floor: thinned instead, and does not drag the others down
  EXPECT_EQ(stage.track.lowest_share_bps(100'000), 400'000U);
}

} // namespace
} // namespace viadux::router::test
