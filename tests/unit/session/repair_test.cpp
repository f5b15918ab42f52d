// Lost packets are asked for and sent again, on both legs; key frames are asked for once, not by everybody.
#include "bench/client/payload.hpp"
#include "house.hpp"

namespace viadux {
namespace {

struct Repair : House {
  Guest* alice = nullptr;
  Guest* bob = nullptr;

  void SetUp() override {
    alice = &enter({sends("audio"), sends("video")});
    bob = &enter({receives("audio"), receives("video")});
    ASSERT_TRUE(await_connection(*alice));
    ASSERT_TRUE(await_connection(*bob));
    // Far from the wrap: the test compares numbers plainly.
    alice->client.source(1).sequence = 1000;
    fill(*bob, 1, alice->track(1));
    ASSERT_TRUE(until([&] { return alice->client.key_frame_requests[video().ssrc] > 0; }));
  }
  Source& video() { return alice->client.source(1); }
  std::set<std::uint32_t> counters_at_bob() {
    std::set<std::uint32_t> counters;
    for (const Arrival& arrival : bob->client.of_line(1)) {
      const auto read = bench::read_vp8(arrival.payload, true);
      EXPECT_TRUE(read && read->intact);
      if (read) counters.insert(read->stamp.counter);
    }
    return counters;
  }
  void on_turn() override { // a picture without key frames, where the test wants one to flow
    if (!flowing || loop_.clock().now_us() < next_flow_us_) return;
    next_flow_us_ = loop_.clock().now_us() + 20'000;
    alice->client.send_frame(video(), false, 1);
  }
  bool flowing = false;
  std::int64_t next_flow_us_ = 0;
  // Sends `frames` frames, one every 5 ms, and waits until all of their packets are there.
  bool all_arrive(int frames) {
    int sent = 0;
    std::int64_t next_us = 0;
    return until([&] {
      if (sent < frames && loop_.clock().now_us() >= next_us) {
        next_us = loop_.clock().now_us() + 5'000;
        alice->client.send_frame(video(), sent++ == 0, 2);
      }
      return sent == frames && counters_at_bob().size() == video().counter;
    });
  }
};

TEST_F(Repair, WhatIsLostOnTheWayToUsIsAskedForAndCarriedOn) {
  std::set<std::uint16_t> lost;
  alice->client.lose_outgoing = [&](std::uint16_t sequence) {
    return sequence % 7 == 3 && sequence > 1000 && lost.insert(sequence).second;
  };
  EXPECT_TRUE(all_arrive(60));
  EXPECT_GE(lost.size(), 15U);
  for (const std::uint16_t sequence : lost)
    EXPECT_TRUE(alice->client.nacked.contains(sequence)) << sequence;
  EXPECT_EQ(metric("viadux_rtp_recovered_total"), static_cast<double>(lost.size()));
  EXPECT_EQ(metric("viadux_rtp_given_up_total"), 0);
  // Its place in what the viewer gets was kept for it.
  std::set<std::uint16_t> numbers;
  const std::uint16_t first = bob->client.of_line(1).front().header.sequence;
  for (const Arrival& arrival : bob->client.of_line(1))
    numbers.insert(static_cast<std::uint16_t>(arrival.header.sequence - first));
  EXPECT_EQ(numbers.size(), std::size_t{*numbers.rbegin()} + 1);
}

TEST_F(Repair, WhatIsLostOnTheWayToTheViewerIsSentAgain) {
  std::set<std::uint16_t> lost;
  int packets = 0;
  const std::uint32_t media_ssrc = bob->client.answered()[1].ssrc;
  bob->client.lose_incoming = [&](std::uint16_t sequence) {
    return ++packets % 7 == 3 && lost.insert(sequence).second;
  };
  std::int64_t next_us = 0;
  // NACK as a receiver would, from the numbers seen; the newest of a burst included.
  const auto nack_losses = [&] {
    if (loop_.clock().now_us() < next_us) return;
    next_us = loop_.clock().now_us() + 30'000;
    std::set<std::uint16_t> missing = lost;
    for (const Arrival& arrival : bob->client.of_line(1))
      missing.erase(arrival.header.sequence);
    if (!missing.empty()) bob->client.send_nack(media_ssrc, {missing.begin(), missing.end()});
  };
  int sent = 0;
  std::int64_t next_frame_us = 0;
  EXPECT_TRUE(until([&] {
    if (sent < 60 && loop_.clock().now_us() >= next_frame_us) {
      next_frame_us = loop_.clock().now_us() + 5'000;
      alice->client.send_frame(video(), sent++ == 0, 2);
    }
    nack_losses();
    return sent == 60 && counters_at_bob().size() == video().counter;
  }));
  EXPECT_GE(lost.size(), 10U);
  const auto arrived = bob->client.of_line(1);
  EXPECT_TRUE(std::any_of(arrived.begin(), arrived.end(), [](const Arrival& each) { return each.by_rtx; }));
  EXPECT_GE(figure(bob->id(), "/slots/1/retransmitted"), 10);
  EXPECT_TRUE(alice->client.nacked.empty()) << "the publisher is not bothered with the viewer's losses";
}

TEST_F(Repair, WhatNeverComesIsGivenUpAndAKeyFrameAskedFor) {
  alice->client.answers_nacks = false;
  alice->client.lose_outgoing = [&](std::uint16_t sequence) { return sequence >= 1010 && sequence < 1014; };
  std::int64_t next_us = 0;
  const int before = alice->client.key_frame_requests[video().ssrc];
  int frames = 0;
  EXPECT_TRUE(until([&] {
    if (loop_.clock().now_us() >= next_us) {
      next_us = loop_.clock().now_us() + 20'000;
      alice->client.send_frame(video(), frames++ == 0, 2);
    }
    return metric("viadux_rtp_given_up_total") >= 4 &&
           alice->client.key_frame_requests[video().ssrc] > before;
  }));
}

TEST_F(Repair, ManyViewersWishesAreOneWish) {
  ASSERT_TRUE(all_arrive(5));
  flowing = true;
  pass(1100); // the throttle's second is over
  const int before = alice->client.key_frame_requests[video().ssrc];
  const std::uint32_t ssrc = bob->client.answered()[1].ssrc;
  for (int i = 0; i < 20; ++i) {
    bob->client.send_pli(ssrc);
    pass(5);
  }
  ASSERT_TRUE(until([&] { return alice->client.key_frame_requests[video().ssrc] > before; }));
  EXPECT_LE(alice->client.key_frame_requests[video().ssrc], before + 2);
  EXPECT_GE(metric("viadux_key_frame_requests_total{direction=\"in\"}"), 20);
  // It stays a wish until it is granted, and then no longer.
  ASSERT_TRUE(until([&] { return alice->client.key_frame_requests[video().ssrc] > before + 1; }));
  alice->client.send_frame(video(), true);
  pass(100);
  const int granted = alice->client.key_frame_requests[video().ssrc];
  pass(1300);
  EXPECT_EQ(alice->client.key_frame_requests[video().ssrc], granted);
}

TEST_F(Repair, ReportsGoBothWays) {
  std::int64_t next_us = 0;
  EXPECT_TRUE(until([&] {
    if (loop_.clock().now_us() >= next_us) {
      next_us = loop_.clock().now_us() + 20'000;
      alice->client.send_frame(video(), true, 1);
    }
    return alice->client.feedback > 3 && alice->client.receiver_reports > 0 &&
           bob->client.reporters.contains(bob->client.answered()[1].ssrc);
  }));
}

} // namespace
} // namespace viadux
