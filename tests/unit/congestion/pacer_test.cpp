#include "core/congestion/pacer.hpp"

#include <gtest/gtest.h>

namespace viadux::congestion {
namespace {

constexpr std::size_t packet = 1'200;

// A drop-tail queue of so many milliseconds before a link of such a rate.
struct Line {
  std::int64_t rate_bps, queue_us;
  std::int64_t busy_until_us = 0, longest_us = 0;
  int dropped = 0;
  void send(std::size_t bytes, std::int64_t now_us) {
    const std::int64_t waits_us = std::max<std::int64_t>(busy_until_us - now_us, 0);
    longest_us = std::max(longest_us, waits_us);
    if (waits_us > queue_us) {
      ++dropped;
      return;
    }
    busy_until_us = now_us + waits_us + static_cast<std::int64_t>(bytes) * 8'000'000 / rate_bps;
  }
};

TEST(Pacer, AKeyFrameInABurstOverflowsANarrowLineAndPacedItDoesNot) {
  constexpr int key_frame = 20; // packets: 24 kB, as 320 lines of texture may need
  Line burst{350'000, 300'000}, paced = burst;
  for (int i = 0; i < key_frame; ++i)
    burst.send(packet, 0);
  EXPECT_GT(burst.dropped, 0);

  Pacer pacer;
  pacer.set_rate(300'000 * 3 / 2, 0);
  int left = key_frame;
  std::int64_t now_us = 0;
  for (; left > 0; now_us += 1'000) {
    while (left > 0 && pacer.may_send(now_us)) {
      paced.send(packet, now_us);
      pacer.on_sent(packet, now_us);
      --left;
    }
  }
  EXPECT_EQ(paced.dropped, 0);
  EXPECT_LT(now_us, 500'000);
}

TEST(Pacer, HoldsItsRateOverAnySecondHoweverLateItIsAsked) {
  for (const std::int64_t step_us : {1'000, 7'000, 30'000}) {
    Pacer pacer;
    pacer.set_rate(2'000'000, 0);
    std::int64_t bits = 0;
    for (std::int64_t now_us = 0; now_us <= 1'000'000; now_us += step_us)
      while (pacer.may_send(now_us)) {
        pacer.on_sent(packet, now_us);
        bits += static_cast<std::int64_t>(packet) * 8;
      }
    EXPECT_LE(bits, 2'000'000 + 40'000 + 9'600) << step_us;
    if (step_us < 20'000) {
      EXPECT_GE(bits, 1'950'000) << step_us;
    }
  }
}

TEST(Pacer, SaysExactlyHowLongToWait) {
  Pacer pacer;
  pacer.set_rate(1'000'000, 1'000'000);
  std::int64_t now_us = 1'000'000;
  while (pacer.may_send(now_us))
    pacer.on_sent(packet, now_us);
  const std::int64_t wait_us = pacer.wait_us(now_us);
  ASSERT_GT(wait_us, 0);
  EXPECT_FALSE(pacer.may_send(now_us + wait_us - 1));
  EXPECT_TRUE(pacer.may_send(now_us + wait_us));
}

TEST(Pacer, SoundIsChargedButItsDebtIsBounded) {
  Pacer pacer;
  pacer.set_rate(100'000, 0);
  for (int i = 0; i < 1'000; ++i)
    pacer.on_sent(packet, 0);
  EXPECT_LE(pacer.wait_us(0), 200'001) << "two packets at 100 kbit/s";
}

} // namespace
} // namespace viadux::congestion
