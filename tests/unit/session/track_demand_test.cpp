#include "core/session/track_demand.hpp"

#include <gtest/gtest.h>

namespace viadux {
namespace {

TEST(TrackDemand, TellsTheFirstReceiverAndTheLast) {
  TrackDemand demand(2);
  EXPECT_EQ(demand.set_wanted(0, true).wanted, true);
  EXPECT_EQ(demand.set_wanted(0, true).wanted, std::nullopt) << "said twice";
  EXPECT_EQ(demand.set_wanted(1, true).wanted, std::nullopt) << "it is wanted already";
  EXPECT_EQ(demand.set_wanted(0, false).wanted, std::nullopt);
  EXPECT_TRUE(demand.wanted());
  EXPECT_FALSE(demand.wanted(0));
  EXPECT_EQ(demand.set_wanted(1, false).wanted, false);
  EXPECT_FALSE(demand.wanted());
}

TEST(TrackDemand, WhatIsInUseIsOfAllWorkers) {
  TrackDemand demand(2);
  demand.set_wanted(0, true);
  EXPECT_EQ(demand.set_in_use(0, 0b001).in_use, 0b001);
  demand.set_wanted(1, true);
  EXPECT_EQ(demand.set_in_use(1, 0b100).in_use, 0b101);
  EXPECT_EQ(demand.set_wanted(0, false).in_use, 0b100) << "nobody there gets anything any more";
}

// A busy worker's first turn may say it in this order; it says each once.
TEST(TrackDemand, WhatIsSaidTooEarlyIsKept) {
  TrackDemand demand(1);
  EXPECT_EQ(demand.set_in_use(0, 0b010).in_use, std::nullopt) << "nobody wants it";
  const TrackDemand::Change change = demand.set_wanted(0, true);
  EXPECT_EQ(change.wanted, true);
  EXPECT_EQ(change.in_use, 0b010);
}

} // namespace
} // namespace viadux
