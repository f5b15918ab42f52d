#include "core/congestion/allocator.hpp"

#include <gtest/gtest.h>

namespace viadux::congestion {
namespace {

constexpr std::int64_t second = 1'000'000;

Demand simulcast(std::uint8_t priority) {
  Demand demand;
  demand.priority = priority;
  demand.steps = 3;
  demand.step_bps = {150'000, 500'000, 1'500'000};
  demand.highest = 2;
  return demand;
}

TEST(Allocator, TheFirstPriorityIsServedFirst) {
  Demand demands[] = {simulcast(2), simulcast(0)};
  allocate(demands, 1'700'000, second);
  EXPECT_EQ(demands[1].step, 2);
  EXPECT_EQ(demands[0].step, 0);
}

TEST(Allocator, EverybodyGetsSomethingBeforeTheRestGetMore) {
  Demand demands[] = {simulcast(0), simulcast(2), simulcast(2)};
  const Allocation result = allocate(demands, 500'000, second);
  EXPECT_EQ(demands[0].step, 0);
  EXPECT_EQ(demands[1].step, 0);
  EXPECT_EQ(demands[2].step, 0);
  EXPECT_EQ(result.used_bps, 450'000);
  EXPECT_EQ(result.wanted_bps, 4'500'000);
}

TEST(Allocator, WithNoRoomThePictureIsPaused) {
  Demand demands[] = {simulcast(0)};
  allocate(demands, 100'000, second);
  EXPECT_EQ(demands[0].step, paused);
}

TEST(Allocator, DownAtOnceUpOnlyAfterAWait) {
  Demand demands[] = {simulcast(0)};
  allocate(demands, 2'000'000, second);
  ASSERT_EQ(demands[0].step, 2);
  allocate(demands, 600'000, 2 * second);
  EXPECT_EQ(demands[0].step, 1);
  for (int at = 3; at <= 12; ++at) {
    allocate(demands, 2'000'000, at * second);
    EXPECT_EQ(demands[0].step, 1) << "at " << at << " s";
  }
  allocate(demands, 2'000'000, 13 * second);
  allocate(demands, 2'000'000, 15 * second);
  EXPECT_EQ(demands[0].step, 2);
}

TEST(Allocator, RepeatedFallsMakeItWaitLonger) {
  Demand demands[] = {simulcast(0)};
  std::int64_t now = second;
  allocate(demands, 2'000'000, now);
  const auto seconds_to_recover = [&] {
    allocate(demands, 600'000, now += second);
    const std::int64_t fell_at = now;
    while (demands[0].step < 2 && now < fell_at + 200 * second)
      allocate(demands, 2'000'000, now += second);
    return (now - fell_at) / second;
  };
  const auto first = seconds_to_recover(), again = seconds_to_recover();
  EXPECT_GE(again, first + 8);
}

TEST(Allocator, SeveralStepsDownWithinSecondsAreOneFall) {
  Demand demands[] = {simulcast(0)};
  allocate(demands, 2'000'000, second);
  allocate(demands, 600'000, 2 * second);
  allocate(demands, 200'000, 2 * second + second / 2);
  ASSERT_EQ(demands[0].step, 0);
  EXPECT_EQ(demands[0].penalty_us, 10 * second);
  allocate(demands, 100'000, 3 * second);
  EXPECT_EQ(demands[0].penalty_us, 10 * second);
  for (int at = 4; at <= 20 && demands[0].step < 2; ++at)
    allocate(demands, 2'000'000, at * second);
  EXPECT_EQ(demands[0].step, 2) << "back on top within 17 s";
}

TEST(Allocator, AtTheEdgeItDoesNotFlap) {
  Demand demands[] = {simulcast(0)};
  allocate(demands, 1'400'000, second);
  int switches = 0;
  for (int i = 0; i < 600; ++i) {
    const auto before = demands[0].step;
    allocate(demands, i % 2 == 0 ? 1'600'000 : 1'450'000, 2 * second + i * second / 10);
    switches += demands[0].step != before;
  }
  EXPECT_LE(switches, 2);
}

} // namespace
} // namespace viadux::congestion
