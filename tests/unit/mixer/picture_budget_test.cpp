#include "core/mixer/picture_budget.hpp"

#include <gtest/gtest.h>

namespace viadux::mixer {
namespace {

// A thread whose turns cost `busy_us` at full size; a smaller picture costs less.
struct Thread {
  PictureBudget budget{30};
  std::int64_t now_us = 1'000'000;
  void run(std::int64_t busy_us, int seconds) {
    for (const std::int64_t end = now_us + seconds * 1'000'000LL; now_us < end;) {
      const Effort effort = budget.effort();
      std::int64_t cost = effort.most_height < 720 ? busy_us * 2 / 3 : busy_us;
      if (!effort.small_tiles) cost /= 4;
      budget.spent(cost, now_us);
      now_us += std::max<std::int64_t>(1'000'000 / effort.fps, cost);
    }
  }
};

TEST(PictureBudget, LeavesOutNothingWhileThereIsTime) {
  Thread thread;
  thread.run(20'000, 20);
  EXPECT_EQ(thread.budget.effort(), (Effort{30, 1080, true}));
}

TEST(PictureBudget, GivesUpFirstRateThenSizeThenSmallTiles) {
  Thread thread;
  thread.run(35'000, 10);
  EXPECT_EQ(thread.budget.effort().fps, 20U);
  EXPECT_EQ(thread.budget.effort().most_height, 1080);
  thread.run(95'000, 10);
  EXPECT_EQ(thread.budget.effort(), (Effort{10, 360, true}));
  thread.run(200'000, 10);
  EXPECT_FALSE(thread.budget.effort().small_tiles);
}

TEST(PictureBudget, ComesBackStepByStepAndDoesNotSwing) {
  Thread thread;
  thread.run(200'000, 15);
  ASSERT_EQ(thread.budget.step(), PictureBudget::steps.size() - 1);
  thread.run(5'000, 60);
  EXPECT_EQ(thread.budget.step(), 0U);
  thread.run(35'000, 5);
  const std::size_t step = thread.budget.step();
  for (int i = 0; i < 30; ++i) {
    thread.run(35'000, 1);
    EXPECT_EQ(thread.budget.step(), step) << "second " << i;
  }
}

TEST(PictureBudget, KeepsToTheConfiguredRate) {
  PictureBudget budget(12);
  EXPECT_EQ(budget.effort().fps, 12U);
}

} // namespace
} // namespace viadux::mixer
