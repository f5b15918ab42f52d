// An egress that lets packets wait: what it asks for later is the same packet, and what never left leaves no
// trace.
#include "core/router/subscription.hpp"
#include "router/stage.hpp"

#include <deque>
#include <gtest/gtest.h>

namespace viadux::router::test {
namespace {

// Keeps only numbers; the subscription makes the packets again.
class Waiting final : public Egress {
 public:
  void send(std::span<const OutPacket> run) override {
    for (const OutPacket& packet : run) {
      if (held || !numbers.empty()) {
        numbers.push_back(packet.sequence);
        first_made.push_back(packet);
      } else {
        viewer.send(std::span(&packet, 1));
      }
    }
  }
  void retransmit(std::span<const OutPacket> run) override { viewer.retransmit(run); }
  std::optional<std::uint16_t> withdraw() override {
    if (numbers.empty()) return std::nullopt;
    const std::uint16_t first = numbers.front();
    numbers.clear();
    first_made.clear();
    return first;
  }
  // Lets all that waits go.
  void release(const Subscription& slot) {
    for (; !numbers.empty(); numbers.pop_front(), first_made.pop_front()) {
      const auto packet = slot.packet(numbers.front());
      ASSERT_TRUE(packet);
      EXPECT_EQ(packet->timestamp, first_made.front().timestamp);
      EXPECT_EQ(packet->marker, first_made.front().marker);
      EXPECT_EQ(packet->source, first_made.front().source);
      viewer.send(std::span(&*packet, 1));
    }
  }
  bool held = false;
  Viewer viewer;
  std::deque<std::uint16_t> numbers;
  std::deque<OutPacket> first_made;
};

class WaitingTest : public testing::Test {
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
  std::int64_t now_ = 10'000'000;
  Router router_;
  Stage stage_{router_, {.encodings = 2}};
  Waiting egress_;
  Subscription slot_{vp8_slot(), egress_};
};

TEST_F(WaitingTest, WhatWaitedIsTheSamePacket) {
  slot_.set_track(&stage_.track, now_);
  run(20);
  egress_.held = true;
  run(10);
  ASSERT_FALSE(egress_.numbers.empty());
  egress_.held = false;
  egress_.release(slot_);
  run(10);
  EXPECT_EQ(egress_.viewer.check(), "");
  EXPECT_EQ(egress_.viewer.holes(), 0U);
  EXPECT_EQ(slot_.counters().packets, egress_.viewer.packets.size());
}

TEST_F(WaitingTest, APauseTakesBackWhatNeverLeft) {
  slot_.set_track(&stage_.track, now_);
  run(20);
  egress_.held = true;
  run(5);
  ASSERT_GT(egress_.numbers.size(), 4U);
  slot_.pause();
  EXPECT_TRUE(egress_.numbers.empty());
  slot_.set_target({.encoding = 0}, now_);
  slot_.resume(now_);
  egress_.held = false;
  run(10);
  EXPECT_EQ(egress_.viewer.holes(), 0U) << "the numbers run on as if it had never been";
  EXPECT_EQ(egress_.viewer.check(true), "");
  EXPECT_EQ(slot_.counters().packets, egress_.viewer.packets.size());
  EXPECT_EQ(slot_.current()->encoding, 0U);
}

TEST_F(WaitingTest, SoDoesAChangeOfTrack) {
  Stage other(router_, {.track = 9});
  slot_.set_track(&stage_.track, now_);
  run(20);
  egress_.held = true;
  run(5);
  slot_.set_track(&other.track, now_);
  EXPECT_TRUE(egress_.numbers.empty());
  egress_.held = false;
  for (int i = 0; i < 10; ++i) {
    for (const SentPart& part : other.publisher.frame(now_))
      other.deliver(part, now_);
    router_.flush(now_);
    now_ += frame_us;
  }
  EXPECT_EQ(egress_.viewer.holes(), 0U);
  EXPECT_EQ(egress_.viewer.check(true), "");
}

TEST_F(WaitingTest, AfterAPauseNothingOlderIsRepeated) {
  slot_.set_track(&stage_.track, now_);
  run(20);
  const auto old = static_cast<std::uint16_t>(egress_.viewer.packets.rbegin()->first);
  slot_.pause();
  slot_.set_target({.encoding = 0}, now_);
  slot_.resume(now_);
  slot_.handle_nack(std::span(&old, 1), now_, 20'000);
  EXPECT_TRUE(egress_.viewer.repeated.empty());
  run(10);
  const auto fresh = static_cast<std::uint16_t>(egress_.viewer.packets.rbegin()->first);
  slot_.handle_nack(std::span(&fresh, 1), now_, 20'000);
  EXPECT_EQ(egress_.viewer.repeated.size(), 1U);
}

} // namespace
} // namespace viadux::router::test
