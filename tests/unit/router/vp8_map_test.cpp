#include "core/router/vp8_map.hpp"

#include <gtest/gtest.h>

namespace viadux::router {
namespace {

rtp::Vp8Descriptor packet(unsigned picture, unsigned tl0 = 0, unsigned key = 0, unsigned bits = 15) {
  rtp::Vp8Descriptor d;
  d.picture_id_bits = static_cast<std::uint8_t>(bits);
  d.picture_id = static_cast<std::uint16_t>(picture & ((1U << bits) - 1));
  d.has_tl0_pic_idx = d.has_temporal_id = d.has_key_idx = true;
  d.tl0_pic_idx = static_cast<std::uint8_t>(tl0);
  d.key_idx = static_cast<std::uint8_t>(key & 0x1f);
  return d;
}

unsigned sent(Vp8Map& map, const rtp::Vp8Descriptor& d) {
  map.forward(d);
  return map.rewrite(d).picture_id;
}

TEST(Vp8Map, RunsOnOverAnotherEncoding) {
  Vp8Map map;
  map.start(packet(32'766, 254, 30));
  const unsigned first = sent(map, packet(32'766, 254, 30));
  const auto before = map.rewrite(packet(32'766, 254, 30));
  EXPECT_EQ(sent(map, packet(32'767, 255, 30)), first + 1);
  EXPECT_EQ(sent(map, packet(32'768, 0, 31)), first + 2); // all three wrap
  const auto last = map.rewrite(packet(32'768, 0, 31));
  EXPECT_EQ(static_cast<std::uint8_t>(last.tl0_pic_idx - before.tl0_pic_idx), 2);
  map.start(packet(500, 7, 3));
  EXPECT_EQ(sent(map, packet(500, 7, 3)), first + 3);
  const auto next = map.rewrite(packet(500, 7, 3));
  EXPECT_EQ(static_cast<std::uint8_t>(next.tl0_pic_idx - last.tl0_pic_idx), 1);
  EXPECT_EQ((next.key_idx - last.key_idx) & 0x1f, 1);
}

TEST(Vp8Map, ClosesUpOverFramesLeftOut) {
  Vp8Map map;
  map.start(packet(10));
  const unsigned first = sent(map, packet(10));
  EXPECT_EQ(map.fate(packet(11)), Vp8Map::Fate::fresh);
  map.drop(packet(11));
  EXPECT_EQ(map.fate(packet(11)), Vp8Map::Fate::dropped);
  EXPECT_EQ(sent(map, packet(12)), first + 1);
  EXPECT_EQ(map.fate(packet(12)), Vp8Map::Fate::sent);
}

TEST(Vp8Map, KeepsTheIdOfAFrameThatIsMissing) {
  Vp8Map map;
  map.start(packet(10));
  const unsigned first = sent(map, packet(10));
  EXPECT_EQ(sent(map, packet(12)), first + 2);
  map.drop(packet(13));
  EXPECT_EQ(sent(map, packet(15)), first + 4);
  EXPECT_EQ(map.fate(packet(11)), Vp8Map::Fate::missed);
  EXPECT_EQ(sent(map, packet(11)), first + 1);
  EXPECT_EQ(sent(map, packet(14)), first + 3); // behind the one left out
}

TEST(Vp8Map, WhatIsOutOfReachIsUnknown) {
  Vp8Map map;
  EXPECT_EQ(map.fate(packet(10)), Vp8Map::Fate::unknown);
  map.start(packet(10));
  sent(map, packet(10));
  EXPECT_EQ(map.fate(packet(9)), Vp8Map::Fate::unknown);
  for (unsigned i = 11; i < 200; ++i)
    sent(map, packet(i));
  EXPECT_EQ(map.fate(packet(11)), Vp8Map::Fate::unknown);
}

TEST(Vp8Map, IdsOfSevenBitsRunOnAsFifteen) {
  Vp8Map map;
  map.start(packet(120, 0, 0, 7));
  const unsigned first = sent(map, packet(120, 0, 0, 7));
  for (unsigned i = 1; i < 300; ++i)
    EXPECT_EQ(sent(map, packet(120 + i, 0, 0, 7)), first + i);
}

} // namespace
} // namespace viadux::router
