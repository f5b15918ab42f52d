#include "house.hpp"

namespace viadux {
namespace {

constexpr std::int64_t second = 1'000'000;

TEST(Guessing, TwentyWrongPinsAreSlowedAndNothingElseChanges) {
  House house;
  house.create("test", "1234");
  int wrong = 0;
  int slowed = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string answer = house.knock("test", "99" + std::to_string(10 + i));
    wrong += answer == "pin_wrong";
    slowed += answer == "pin_slowed";
  }
  EXPECT_EQ(wrong, 5);
  EXPECT_EQ(slowed, 15);
  EXPECT_EQ(house.rooms.counters().pin_wrong, 5U);
  EXPECT_EQ(house.rooms.counters().pin_slowed, 15U);
  EXPECT_EQ(house.rooms.participants(), 0U);
  // While slowed, right and wrong look the same.
  EXPECT_EQ(house.knock("test", "1234"), "pin_slowed");
  EXPECT_EQ(house.knock("test", "1234", "198.51.100.7"), "in") << "another address is not slowed";
  EXPECT_EQ(house.knock("test"), "in") << "nor is a guest without PIN";
}

TEST(Guessing, TheDelayDoublesToAMinuteAndIsForgotten) {
  GuessLimiter limiter;
  std::int64_t now = 1;
  const auto wrong = [&] {
    limiter.wrong("room", "a", now);
    return limiter.wait_us("room", "a", now);
  };
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(wrong(), 0);
  for (const std::int64_t expected : {1, 2, 4, 8, 16, 32, 60, 60}) {
    const std::int64_t wait = wrong();
    EXPECT_EQ(wait, expected * second);
    now += wait;
  }
  EXPECT_EQ(limiter.wait_us("room", "a", now), 0);
  now += 601 * second;
  EXPECT_EQ(wrong(), 0);
}

TEST(Guessing, ManyAddressesTogetherSlowTheRoomButLess) {
  GuessLimiter limiter;
  for (int i = 0; i < 19; ++i)
    limiter.wrong("room", "10.0.0." + std::to_string(i), 0);
  EXPECT_EQ(limiter.wait_us("room", "fresh", 0), 0);
  for (int i = 0; i < 20; ++i)
    limiter.wrong("room", "10.0.1." + std::to_string(i), 0);
  EXPECT_EQ(limiter.wait_us("room", "fresh", 0), 10 * second);
  EXPECT_EQ(limiter.wait_us("other", "fresh", 0), 0);
}

TEST(Guessing, WhoHasJustJoinedWellIsNeverRefusedItsOwnPin) {
  House house;
  house.create("test", "1234", "5678");
  EXPECT_EQ(house.knock("test", "5678", "ward"), "in");
  EXPECT_EQ(house.knock("test", "1234", "office"), "in");
  for (int i = 0; i < 60; ++i)
    house.knock("test", "0000", "attacker" + std::to_string(i));
  for (int i = 0; i < 10; ++i)
    house.knock("test", "0000", "ward");
  EXPECT_EQ(house.knock("test", "1234", "fresh"), "pin_slowed");
  EXPECT_EQ(house.knock("test", "5678", "ward"), "in");
  EXPECT_EQ(house.knock("test", "1234", "office"), "in");
  EXPECT_EQ(house.knock("test", "5678", "office"), "in") << "a host's address may also bring guests";
  // The guest PIN's holder may not try host PINs unslowed: right and wrong give the same answer.
  EXPECT_EQ(house.knock("test", "1234", "ward"), "pin_slowed");
  EXPECT_EQ(house.knock("test", "4321", "ward"), "pin_slowed");
  house.loop.advance(1000 * second);
  EXPECT_EQ(house.knock("test", "1234", "ward"), "in");
}

TEST(Guessing, TablesAreBounded) {
  GuessLimiter limiter({.entries = 100});
  for (int i = 0; i < 5000; ++i) {
    limiter.wrong("room" + std::to_string(i), "source", i);
    limiter.right("room" + std::to_string(i), "source", Role::guest, i);
  }
  EXPECT_LE(limiter.size(), 200U);
}

} // namespace
} // namespace viadux
