#include "core/router/packet_ring.hpp"

#include <gtest/gtest.h>

namespace viadux::router {
namespace {

PacketRing::Claim put(PacketRing& ring, std::int64_t sequence, std::int64_t now_us) {
  StoredPacket* slot = nullptr;
  const auto claim = ring.claim(sequence, now_us, slot);
  if (claim == PacketRing::Claim::fresh) {
    slot->sequence = sequence;
    slot->arrival_us = now_us;
    slot->payload[0] = static_cast<std::uint8_t>(sequence);
    slot->payload[rtp::max_packet_size - 1] = 1; // all of it is ours (the sanitizer watches)
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

} // namespace
} // namespace viadux::router
