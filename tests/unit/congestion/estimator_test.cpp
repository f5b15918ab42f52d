#include "congestion/simulation.hpp"

#include <gtest/gtest.h>

namespace viadux::congestion {
namespace {

constexpr std::int64_t kbps = 1000;

TEST(Estimator, FindsAWideLinkWithinThreeSeconds) {
  Simulation run({5'000 * kbps, 25'000}, 2'200 * kbps);
  run.run(10);
  EXPECT_LT(run.seconds_until(1'000'000, [](auto bps) { return bps >= 2'100 * kbps; }), 3.0);
  EXPECT_EQ(run.dropped, 0);
  EXPECT_LT(run.queue_p95_us(10), 50'000);
}

TEST(Estimator, UsesMostOfANarrowLinkWithoutFillingItsQueue) {
  Simulation run({1'000 * kbps, 50'000}, 3'000 * kbps);
  run.run(60);
  EXPECT_GT(run.mean_target(40), 0.70 * 1'000 * kbps);
  EXPECT_LT(run.mean_target(40), 1.05 * 1'000 * kbps);
  EXPECT_LT(run.queue_p95_us(40), 150'000);
}

TEST(Estimator, FollowsALinkThatShrinksAndGrows) {
  Simulation run({1'000 * kbps, 50'000}, 3'000 * kbps);
  run.run(40);
  run.link.rate_bps = 2'500 * kbps;
  const auto grown_at = run.now();
  run.run(20);
  EXPECT_LT(run.seconds_until(grown_at, [](auto bps) { return bps >= 2'000 * kbps; }), 12.0);
  run.link.rate_bps = 600 * kbps;
  const auto shrunk_at = run.now();
  run.run(20);
  EXPECT_LT(run.seconds_until(shrunk_at, [](auto bps) { return bps <= 600 * kbps; }), 0.9);
  EXPECT_GT(run.mean_target(10), 0.6 * 600 * kbps);
}

TEST(Estimator, RecoversAfterADeepDrop) {
  Simulation run({5'000 * kbps, 25'000}, 1'700 * kbps);
  run.run(20);
  run.link.rate_bps = 300 * kbps;
  const auto dropped_at = run.now();
  run.run(20);
  EXPECT_LT(run.seconds_until(dropped_at, [](auto bps) { return bps <= 300 * kbps; }), 1.6);
  run.link.rate_bps = 5'000 * kbps;
  const auto back_at = run.now();
  run.run(20);
  EXPECT_LT(run.seconds_until(back_at, [](auto bps) { return bps >= 1'600 * kbps; }), 15.0);
}

// A paused picture leaves sound and a frame now and then. Each such frame fills the queue for a moment, but
// the line takes more than the little that arrives: a target by the mean would keep the picture paused for
// ever.
TEST(Estimator, ALinkThatIsBusyOnlyAtTimesIsNotJudgedByItsMean) {
  Simulation run({350 * kbps, 25'000}, 50 * kbps);
  run.burst_bytes = 9'000;
  run.burst_every_us = 700'000;
  run.run(30);
  std::int64_t least = INT64_MAX;
  for (const auto& sample : run.samples)
    least = std::min(least, sample.target_bps);
  EXPECT_GT(least, 230 * kbps);
  EXPECT_LT(run.estimator.target_bps(), 700 * kbps) << "and not above what the line takes for long";
}

TEST(Estimator, RandomLossIsNotCongestion) {
  Simulation run({5'000 * kbps, 25'000, 0.05}, 1'700 * kbps);
  run.run(120);
  EXPECT_GT(run.mean_target(100), 0.6 * 1'700 * kbps);
  Simulation heavy({2'000 * kbps, 200'000, 0.10}, 3'000 * kbps);
  heavy.run(120);
  EXPECT_GT(heavy.estimator.target_bps(), 400 * kbps);
}

TEST(Estimator, RadioBunchingIsNotOveruse) {
  Link link{3'000 * kbps, 25'000};
  link.hold_us = 20'000;
  Simulation run(link, 1'000 * kbps);
  run.run(60);
  EXPECT_GT(run.mean_target(50), 0.7 * 1'000 * kbps);
}

TEST(Estimator, SurvivesLostFeedback) {
  Link link{2'000 * kbps, 50'000};
  link.feedback_loss = 0.2;
  Simulation run(link, 1'500 * kbps);
  run.run(40);
  EXPECT_GT(run.mean_target(20), 0.6 * 1'500 * kbps);
  run.link.feedback_loss = 1;
  const auto before = run.estimator.target_bps();
  run.run(5);
  EXPECT_LT(run.estimator.target_bps(), before);
  EXPECT_EQ(run.estimator.limit(), Limit::no_feedback);
  run.link.feedback_loss = 0;
  const auto back_at = run.now();
  run.run(10);
  EXPECT_LT(run.seconds_until(back_at, [](auto bps) { return bps >= 1'200 * kbps; }), 8.0);
}

TEST(Estimator, LeavesADeadLockByProbing) {
  Simulation run({2'000 * kbps, 50'000}, 1'500 * kbps, {30 * kbps, 30 * kbps, 20'000 * kbps});
  run.run(30);
  EXPECT_LT(run.seconds_until(1'000'000, [](auto bps) { return bps >= 150 * kbps; }), 10.0);
  EXPECT_GT(run.estimator.target_bps(), 1'200 * kbps);
}

TEST(Estimator, ObeysTheReceiversLimitAndLeavesItFast) {
  Simulation run({2'000 * kbps, 50'000}, 1'500 * kbps);
  run.run(10);
  run.estimator.on_receiver_limit(250 * kbps);
  run.run(1);
  EXPECT_EQ(run.estimator.target_bps(), 250 * kbps);
  EXPECT_EQ(run.estimator.limit(), Limit::receiver);
  run.estimator.on_receiver_limit(0);
  run.run(10);
  EXPECT_GT(run.estimator.target_bps(), 1'200 * kbps);
}

TEST(Estimator, IgnoresReportsOfWhatWasNeverSent) {
  BandwidthEstimator estimator({});
  const std::vector<FeedbackItem> invented = {{7, true, 1}, {9, false, 0}, {65535, true, -5}};
  estimator.on_feedback(invented, 1'000'000);
  EXPECT_FALSE(estimator.has_feedback());
  EXPECT_EQ(estimator.target_bps(), EstimatorOptions{}.start_bps);
}

TEST(Estimator, SequenceNumbersWrapWithoutABreak) {
  Simulation run({20'000 * kbps, 10'000}, 10'000 * kbps);
  run.run(30); // 33 packets a frame: the 16-bit sequence wraps more than once
  ASSERT_GT(run.sent, 20'000);
  EXPECT_GT(run.mean_target(5), 0.8 * 10'000 * kbps);
}

TEST(Estimator, SameSeedSameResult) {
  Simulation first({1'500 * kbps, 40'000, 0.02}, 3'000 * kbps),
      second({1'500 * kbps, 40'000, 0.02}, 3'000 * kbps);
  first.run(10);
  second.run(10);
  EXPECT_EQ(first.estimator.target_bps(), second.estimator.target_bps());
  EXPECT_EQ(first.sent, second.sent);
}

} // namespace
} // namespace viadux::congestion
