#include "core/net/timer_wheel.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

namespace viadux {
namespace {

TEST(TimerWheel, FiresOnceNeverEarlyAndWithinAMillisecond) {
  TimerWheel wheel(123'456);
  int fired = 0;
  Timer timer(wheel, [&] { ++fired; });
  timer.start(10'000);
  EXPECT_TRUE(timer.running());
  wheel.advance(133'455);
  EXPECT_EQ(fired, 0);
  wheel.advance(134'456);
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.running());
  wheel.advance(500'000);
  EXPECT_EQ(fired, 1);
}

TEST(TimerWheel, FiresAtTheRightTimesWhateverTheDelay) {
  TimerWheel wheel(0);
  std::mt19937 random(3);
  struct Entry {
    std::int64_t due_us = 0;
    std::int64_t fired_us = -1;
    std::unique_ptr<Timer> timer;
  };
  std::vector<Entry> entries(500);
  for (Entry& entry : entries) {
    entry.due_us = static_cast<std::int64_t>(random() % 30'000'000);
    entry.timer = std::make_unique<Timer>(wheel, [&entry, &wheel] { entry.fired_us = wheel.now_us(); });
    entry.timer->start(entry.due_us);
  }
  for (std::int64_t now = 0; now < 31'000'000; now += 700)
    wheel.advance(now);
  for (const Entry& entry : entries) {
    EXPECT_GE(entry.fired_us, entry.due_us);
    EXPECT_LT(entry.fired_us, entry.due_us + 2000);
  }
}

TEST(TimerWheel, AJumpOfAnHourFiresAllThatIsDueAndNothingElse) {
  TimerWheel wheel(0);
  int fired = 0;
  Timer soon(wheel, [&] { ++fired; });
  Timer later(wheel, [&] { ++fired; });
  Timer beyond(wheel, [&] { ++fired; });
  soon.start(1000);
  later.start(3'500'000'000);
  beyond.start(3'700'000'000);
  wheel.advance(3'600'000'000);
  EXPECT_EQ(fired, 2);
  EXPECT_TRUE(beyond.running());
}

TEST(TimerWheel, FiresInTheOrderOfTheDeadlines) {
  TimerWheel wheel(0);
  std::vector<int> order;
  Timer b(wheel, [&] { order.push_back(2); });
  Timer a(wheel, [&] { order.push_back(1); });
  Timer c(wheel, [&] { order.push_back(3); });
  b.start(20'000);
  c.start(30'000);
  a.start(10'000);
  wheel.advance(100'000);
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(TimerWheel, WhatFiresMayRestartItselfAndEndOthers) {
  TimerWheel wheel(0);
  int ticks = 0;
  int others = 0;
  std::unique_ptr<Timer> other = std::make_unique<Timer>(wheel, [&] { ++others; });
  Timer stopped(wheel, [&] { ++others; });
  Timer* self = nullptr;
  Timer timer(wheel, [&] {
    ++ticks;
    other.reset();
    stopped.cancel();
    self->start(0);
  });
  self = &timer;
  // Started last, so first in their common slot's list.
  other->start(5000);
  stopped.start(5000);
  timer.start(5000);
  wheel.advance(5000);
  EXPECT_EQ(ticks + others, 1) << "restarted with no delay it still waits for the next millisecond";
  wheel.advance(6000);
  wheel.advance(7000);
  EXPECT_EQ(ticks, 3);
  EXPECT_EQ(others, 0);
}

TEST(TimerWheel, TellsHowLongToWait) {
  TimerWheel wheel(10'000'000);
  EXPECT_EQ(wheel.until_next_us(1'000'000), 1'000'000);
  Timer timer(wheel, [] {});
  timer.start(250'000);
  EXPECT_EQ(wheel.until_next_us(1'000'000), 250'000);
  EXPECT_EQ(wheel.until_next_us(1000), 1000);
  wheel.advance(10'200'300);
  EXPECT_EQ(wheel.until_next_us(1'000'000), 49'700);
  timer.start(0);
  EXPECT_LE(wheel.until_next_us(1'000'000), 1000);
}

} // namespace
} // namespace viadux
