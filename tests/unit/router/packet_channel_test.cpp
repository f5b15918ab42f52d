#include "core/router/packet_channel.hpp"

#include "core/router/spsc_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

namespace viadux::router {
namespace {

TEST(PacketChannel, ShowsNothingBeforeItIsPublished) {
  PacketChannel channel;
  const std::vector<std::uint8_t> payload(100, 7);
  const auto take = [](const ChannelRecord&, std::span<const std::uint8_t>) {};
  EXPECT_TRUE(channel.push({.track = 5}, payload));
  EXPECT_EQ(channel.drain(take), 0U);
  EXPECT_TRUE(channel.publish()); // it had nothing: wake it
  EXPECT_FALSE(channel.publish());
  EXPECT_TRUE(channel.push({.track = 6}, payload));
  EXPECT_FALSE(channel.publish()); // it has not even begun
  EXPECT_EQ(channel.drain(take), 2U);
}

TEST(PacketChannel, RefusesWhatDoesNotFitAndGoesOnAfterwards) {
  PacketChannel channel(1); // the smallest: 64 KiB
  const std::vector<std::uint8_t> payload(1200, 1);
  std::size_t pushed = 0;
  while (channel.push({.sequence = static_cast<std::uint16_t>(pushed)}, payload))
    ++pushed;
  EXPECT_GT(pushed, 45U);
  EXPECT_LT(pushed, 55U);
  channel.publish();
  std::uint16_t expected = 0;
  const auto take = [&](const ChannelRecord& record, std::span<const std::uint8_t> bytes) {
    EXPECT_EQ(record.sequence, expected++);
    EXPECT_EQ(bytes.size(), 1200U);
  };
  EXPECT_EQ(channel.drain(take, 3), 3U);
  EXPECT_TRUE(channel.push({.sequence = static_cast<std::uint16_t>(pushed)}, payload));
  channel.publish();
  EXPECT_EQ(channel.drain(take), pushed - 2);
}

// Run under the thread sanitizer in CI.
TEST(PacketChannel, CarriesEverythingInOrderBetweenTwoThreads) {
  constexpr std::uint32_t total = 60'000;
  PacketChannel channel(64U << 10);
  std::thread consumer([&] {
    std::uint32_t expected = 0;
    while (expected < total) {
      const std::size_t taken =
          channel.drain([&](const ChannelRecord& record, std::span<const std::uint8_t> bytes) {
            ASSERT_EQ(record.timestamp, expected);
            ASSERT_EQ(bytes.size(), 1 + expected % 1400);
            ASSERT_EQ(bytes.front(), static_cast<std::uint8_t>(expected));
            ASSERT_EQ(bytes.back(), static_cast<std::uint8_t>(expected));
            ++expected;
          });
      if (taken == 0) std::this_thread::yield();
    }
  });
  std::vector<std::uint8_t> payload(1500);
  for (std::uint32_t i = 0; i < total;) {
    const std::size_t size = 1 + i % 1400;
    payload[0] = payload[size - 1] = static_cast<std::uint8_t>(i);
    if (channel.push({.timestamp = i}, std::span(payload).first(size))) {
      ++i;
      if (i % 7 == 0) channel.publish();
    } else {
      channel.publish();
      std::this_thread::yield();
    }
  }
  channel.publish();
  consumer.join();
}

TEST(PacketChannel, AConsumerThatSleepsWhenEmptyIsAlwaysWoken) {
  constexpr std::uint32_t total = 20'000;
  PacketChannel channel(64U << 10);
  std::atomic<bool> bell{false};
  std::thread consumer([&] {
    std::uint32_t taken = 0;
    while (taken < total) {
      taken += static_cast<std::uint32_t>(
          channel.drain([](const ChannelRecord&, std::span<const std::uint8_t>) {}));
      if (taken == total) break;
      while (!bell.exchange(false))
        std::this_thread::yield(); // hangs here if a wake is forgotten
    }
  });
  for (std::uint32_t i = 0; i < total;) {
    if (channel.push({}, {})) ++i;
    if (channel.publish()) bell = true;
  }
  consumer.join();
}

TEST(SpscQueue, KeepsOrderAndBound) {
  SpscQueue<int> queue(4);
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(queue.push(int{i}));
  EXPECT_FALSE(queue.push(9));
  int value = -1;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(queue.pop(value));
    EXPECT_EQ(value, i);
  }
  EXPECT_FALSE(queue.pop(value));
}

TEST(SpscQueue, CarriesEverythingBetweenTwoThreads) {
  constexpr int total = 100'000;
  SpscQueue<int> queue(64);
  std::thread consumer([&] {
    for (int expected = 0; expected < total;) {
      int value = 0;
      if (!queue.pop(value)) {
        std::this_thread::yield();
        continue;
      }
      ASSERT_EQ(value, expected++);
    }
  });
  for (int i = 0; i < total;) {
    if (queue.push(int{i})) {
      ++i;
    } else {
      std::this_thread::yield();
    }
  }
  consumer.join();
}

} // namespace
} // namespace viadux::router
