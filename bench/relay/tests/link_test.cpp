// The link in virtual time: what is stated in milliseconds holds exactly.
#include "bench/relay/link.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace viadux::bench {
namespace {

constexpr std::int64_t ms = 1000;

LinkSettings settings(const std::string& words) {
  auto parsed = parse_link({}, words);
  EXPECT_TRUE(parsed) << words;
  return parsed ? *parsed : LinkSettings{};
}

TEST(Link, AGoodLinkPassesAtOnce) {
  Link link(1);
  for (std::int64_t now = 0; now < 100 * ms; now += ms)
    EXPECT_EQ(link.offer(now, 1200), now);
  EXPECT_EQ(link.counters().offered, 100U);
}

TEST(Link, DelayIsAddedToEach) {
  Link link(1, settings("delay=40ms"));
  EXPECT_EQ(link.offer(0, 1200), 40 * ms);
  EXPECT_EQ(link.offer(5 * ms, 1200), 45 * ms);
}

TEST(Link, RateSerialises) {
  Link link(1, settings("rate=400k")); // 1000 bytes take 20 ms
  EXPECT_EQ(link.offer(0, 1000), 20 * ms);
  EXPECT_EQ(link.offer(0, 1000), 40 * ms);
  EXPECT_EQ(link.offer(100 * ms, 500), 110 * ms); // idle in between earns nothing
}

TEST(Link, QueueDropsItsTail) {
  Link link(1, settings("rate=400k queue=100ms"));
  int passed = 0;
  for (int i = 0; i < 20; ++i)
    passed += link.offer(0, 1000).has_value() ? 1 : 0;
  EXPECT_EQ(passed, 6); // five of 20 ms fill the queue; one more begins exactly at its end
  EXPECT_EQ(link.counters().overflowed, 14U);
  EXPECT_EQ(link.offer(120 * ms, 1000), 140 * ms) << "an emptied queue takes again";
}

TEST(Link, DeliveredRateIsTheRate) {
  Link link(7, settings("rate=1M queue=50ms"));
  std::size_t bytes = 0;
  for (std::int64_t now = 0; now < 10'000 * ms; now += 2 * ms)
    if (link.offer(now, 1000)) bytes += 1000;
  EXPECT_NEAR(static_cast<double>(bytes) * 8 / 10, 1e6, 1e4); // offered was 4 Mbit/s
}

TEST(Link, LosesItsShareAndTheSameOnesEachTime) {
  const auto fates = [](std::uint64_t seed) {
    Link link(seed, settings("loss=5%"));
    std::vector<bool> passed;
    passed.reserve(20'000);
    for (int i = 0; i < 20'000; ++i)
      passed.push_back(link.offer(i, 100).has_value());
    return passed;
  };
  const auto first = fates(42);
  EXPECT_EQ(first, fates(42));
  EXPECT_NE(first, fates(43));
  EXPECT_NEAR(static_cast<double>(std::ranges::count(first, false)), 1000, 120);
}

TEST(Link, OneSettingDoesNotChangeTheFateByAnother) {
  Link plain(9, settings("loss=10%"));
  Link busy(9, settings("loss=10% jitter=30ms reorder=5%"));
  for (int i = 0; i < 5000; ++i)
    ASSERT_EQ(plain.offer(i * ms, 100).has_value(), busy.offer(i * ms, 100).has_value()) << i;
}

TEST(Link, JitterSpreadsButKeepsTheOrder) {
  Link link(3, settings("delay=20ms jitter=10ms"));
  std::int64_t last = 0;
  std::int64_t most = 0;
  for (std::int64_t now = 0; now < 10'000 * ms; now += 3 * ms) {
    const auto leaves = link.offer(now, 200);
    ASSERT_TRUE(leaves);
    ASSERT_GE(*leaves, last);
    ASSERT_GE(*leaves, now + 20 * ms);
    ASSERT_LE(*leaves, now + 30 * ms);
    most = std::max(most, *leaves - now);
    last = *leaves;
  }
  EXPECT_GT(most, 28 * ms);
}

TEST(Link, ReorderingLetsLaterOnesOvertake) {
  Link link(3, settings("reorder=10% hold=20ms"));
  int overtaken = 0;
  std::int64_t highest = 0;
  for (std::int64_t now = 0; now < 2000 * ms; now += ms) {
    const auto leaves = link.offer(now, 200);
    ASSERT_TRUE(leaves);
    if (*leaves > now) ++overtaken;
    highest = std::max(highest, *leaves);
  }
  EXPECT_EQ(static_cast<std::uint64_t>(overtaken), link.counters().reordered);
  EXPECT_NEAR(overtaken, 200, 60);
}

TEST(ParseLink, KeepsWhatIsNotNamedAndClears) {
  const auto first = settings("loss=5% rate=2M delay=1s");
  EXPECT_DOUBLE_EQ(first.loss, 0.05);
  EXPECT_EQ(first.rate_bps, 2'000'000);
  EXPECT_EQ(first.delay_us, 1'000'000);
  const auto second = parse_link(first, "loss=0.5 queue=50ms");
  ASSERT_TRUE(second);
  EXPECT_DOUBLE_EQ(second->loss, 0.5);
  EXPECT_EQ(second->rate_bps, 2'000'000);
  EXPECT_EQ(second->queue_us, 50 * ms);
  EXPECT_EQ(parse_link(*second, "clear")->rate_bps, 0);
}

TEST(ParseLink, NamesTheWordThatIsWrong) {
  for (const auto* words :
       {"speed=5", "loss=150%", "rate=fast", "delay=5", "loss", "delay=-1ms", "rate=nan"}) {
    const auto parsed = parse_link({}, words);
    ASSERT_FALSE(parsed) << words;
    EXPECT_EQ(parsed.error().field, words);
  }
}

} // namespace
} // namespace viadux::bench
