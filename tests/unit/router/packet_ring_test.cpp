#include "core/router/packet_ring.hpp"

#include <gtest/gtest.h>

namespace viadux::router {
namespace {

PacketRing::Claim put(PacketRing& ring, std::int64_t sequence, std::int64_t now_us,
                      std::size_t size = rtp::max_packet_size) {
  StoredPacket* slot = nullptr;
  const auto claim = ring.claim(sequence, now_us, slot);
  if (claim == PacketRing::Claim::fresh) {
    ring.place(*slot, size, now_us);
    slot->sequence = sequence;
    slot->arrival_us = now_us;
    slot->payload[0] = static_cast<std::uint8_t>(sequence);
    slot->payload[size - 1] = 1; // all of it is ours (the sanitizer watches)
  }
  return claim;
}

TEST(PacketRing, TakesNoMemoryBeforeTheFirstPacket) {
  PacketRing ring(512);
  EXPECT_EQ(ring.slots(), 0U);
  EXPECT_EQ(ring.find(7), nullptr);
}

TEST(PacketRing, StaysSmallForAThinStreamAndGrowsForAThickOne) {
  PacketRing thin(512);
  for (std::int64_t i = 0; i < 1000; ++i)
    put(thin, 1000 + i, i * 30'000);
  EXPECT_EQ(thin.slots(), 64U);
  PacketRing thick(512);
  for (std::int64_t i = 0; i < 1000; ++i)
    put(thick, 1000 + i, i * 2'000);
  EXPECT_EQ(thick.slots(), 512U);
}

TEST(PacketRing, GrowingKeepsEveryPacketWhereItIs) {
  PacketRing ring(512);
  for (std::int64_t i = 0; i < 64; ++i)
    put(ring, 1000 + i, 0);
  std::vector<const StoredPacket*> before;
  for (std::int64_t i = 0; i < 64; ++i)
    before.push_back(ring.find(1000 + i));
  for (std::int64_t i = 64; i < 400; ++i)
    put(ring, 1000 + i, 0);
  for (std::int64_t i = 0; i < 64; ++i) {
    ASSERT_EQ(ring.find(1000 + i), before[static_cast<std::size_t>(i)]);
    EXPECT_EQ(ring.find(1000 + i)->payload[0], static_cast<std::uint8_t>(1000 + i));
  }
  EXPECT_EQ(ring.highest(), 1399);
}

TEST(PacketRing, NeverGrowsPastItsBound) {
  PacketRing ring(128);
  for (std::int64_t i = 0; i < 5000; ++i)
    put(ring, i, 0);
  EXPECT_EQ(ring.slots(), 128U);
  EXPECT_EQ(ring.find(4999 - 128), nullptr);
  EXPECT_NE(ring.find(4999 - 127), nullptr);
}

TEST(PacketRing, TellsDuplicatesAndWhatIsTooLate) {
  PacketRing ring(64);
  EXPECT_EQ(put(ring, 100, 0), PacketRing::Claim::fresh);
  EXPECT_EQ(put(ring, 100, 0), PacketRing::Claim::duplicate);
  EXPECT_EQ(put(ring, 99, 0), PacketRing::Claim::fresh); // out of order
  EXPECT_EQ(put(ring, 163, 0), PacketRing::Claim::fresh);
  EXPECT_EQ(put(ring, 98, 0), PacketRing::Claim::late);
}

TEST(PacketRing, SoundTakesNoMoreMemoryThanItHas) {
  PacketRing ring(128);
  for (std::int64_t i = 0; i < 5'000; ++i)
    put(ring, i, i * 20'000, 100);
  EXPECT_LE(ring.payload_bytes(), 16U * 1024);
  EXPECT_NE(ring.find(4'999 - 49), nullptr) << "a second of it is here";
}

TEST(PacketRing, MemoryFollowsTheBitRateUpAndDown) {
  PacketRing ring(512);
  std::int64_t now_us = 0, sequence = 0;
  const auto run = [&](int packets, std::int64_t apart_us) {
    for (int i = 0; i < packets; ++i, now_us += apart_us)
      ASSERT_EQ(put(ring, sequence++, now_us, 1'200), PacketRing::Claim::fresh);
  };
  run(1'500, 6'400); // 1.5 Mbit/s
  EXPECT_GE(ring.payload_bytes(), 187'500U);
  EXPECT_LE(ring.payload_bytes(), 250'000U);
  for (std::int64_t back = 1; back * 6'400 < PacketRing::kept_us; ++back)
    ASSERT_NE(ring.find(sequence - back), nullptr) << back;
  run(600, 40'000); // 240 kbit/s
  EXPECT_LE(ring.payload_bytes(), 130'000U);
  for (std::int64_t back = 1; back * 40'000 < PacketRing::kept_us; ++back)
    ASSERT_NE(ring.find(sequence - back), nullptr) << back;
  const auto before = ring.payload_bytes();
  run(600, 40'000);
  EXPECT_EQ(ring.payload_bytes(), before) << "and stays";
}

TEST(PacketRing, WhatIsOverwrittenIsNotFound) {
  PacketRing ring(64);
  for (std::int64_t i = 0; i < 2'000; ++i)
    put(ring, i, i * 1'000'000, 1'200); // each alone in its second
  for (std::int64_t i = 1'999 - 63; i < 2'000; ++i) {
    const StoredPacket* packet = ring.find(i);
    if (packet != nullptr) {
      EXPECT_EQ(packet->payload[0], static_cast<std::uint8_t>(i));
    }
  }
  EXPECT_NE(ring.find(1'999), nullptr);
  EXPECT_EQ(ring.find(1'999 - 40), nullptr);
}

} // namespace
} // namespace viadux::router
