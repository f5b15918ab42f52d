#include "core/congestion/publisher_cap.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace viadux::congestion {
namespace {

constexpr std::int64_t second = 1'000'000;

TEST(PublisherCap, FollowsTheWeakestReceiverAboveTheFloor) {
  PublisherCap cap(250'000, 2'500'000);
  const std::vector<std::int64_t> shares = {5'000'000, 400'000, 5'000'000};
  EXPECT_EQ(cap.update(shares, second), 400'000);
}

TEST(PublisherCap, AReceiverUnderTheFloorDoesNotDragTheRest) {
  PublisherCap cap(250'000, 2'500'000);
  const std::vector<std::int64_t> shares = {5'000'000, 80'000};
  EXPECT_EQ(cap.update(shares, second), 2'500'000);
}

TEST(PublisherCap, ReturnsToFullWithinFifteenSecondsWhenTheWeakOneLeaves) {
  PublisherCap cap(250'000, 1'500'000);
  std::vector<std::int64_t> shares = {5'000'000, 400'000};
  cap.update(shares, second);
  shares.pop_back();
  std::int64_t now = 2 * second;
  while (cap.cap_bps() < 1'500'000 && now < 60 * second)
    cap.update(shares, now += second / 5);
  EXPECT_LT(now, 26 * second);
  EXPECT_GT(now, 6 * second); // and not at once: five steady seconds first
}

TEST(PublisherCap, IsToldAtOnceWhenItFallsAndRepeatedEachSecond) {
  PublisherCap cap(250'000, 2'500'000);
  const std::vector<std::int64_t> low = {400'000};
  EXPECT_TRUE(cap.due(second));
  EXPECT_FALSE(cap.due(second + 100'000));
  cap.update(low, second + 250'000);
  EXPECT_TRUE(cap.due(second + 250'000));
  EXPECT_FALSE(cap.due(second + 300'000));
  EXPECT_TRUE(cap.due(2 * second + 260'000));
}

} // namespace
} // namespace viadux::congestion
