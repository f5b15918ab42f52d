#include "core/router/sequence_map.hpp"

#include <gtest/gtest.h>

namespace viadux::router {
namespace {

TEST(SequenceMap, KnowsNothingBeforeItsStart) {
  SequenceMap map(100);
  EXPECT_FALSE(map.forward(5));
  map.start(1000);
  EXPECT_FALSE(map.forward(999));
  EXPECT_EQ(map.forward(1000), 100);
}

TEST(SequenceMap, ClosesUpOverWhatIsLeftOut) {
  SequenceMap map(100);
  map.start(10);
  EXPECT_EQ(map.forward(10), 100);
  map.drop(11);
  map.drop(12);
  EXPECT_EQ(map.forward(13), 101);
  map.drop(14);
  EXPECT_EQ(map.forward(15), 102);
}

TEST(SequenceMap, KeepsTheNumbersOfWhatIsMissing) {
  SequenceMap map(100);
  map.start(10);
  EXPECT_EQ(map.forward(10), 100);
  EXPECT_EQ(map.forward(13), 103); // 11 and 12 are on the way
  map.drop(15);                    // so is 14
  EXPECT_EQ(map.forward(16), 105);
  EXPECT_EQ(map.forward(12), 102);
  EXPECT_EQ(map.forward(14), 104);
  EXPECT_EQ(map.forward(11), 101);
}

TEST(SequenceMap, GoesOnWhereAnotherEncodingBegins) {
  SequenceMap map(100);
  map.start(10);
  map.forward(10);
  map.forward(12);
  map.start(5000);
  EXPECT_EQ(map.forward(5000), 103);
  EXPECT_FALSE(map.forward(11)); // of the one before
}

TEST(SequenceMap, BeginningTwiceWithoutPacketsLeavesNoGap) {
  SequenceMap map(7);
  map.start(10);
  map.start(90);
  EXPECT_EQ(map.forward(90), 7);
}

TEST(SequenceMap, DropAtTheVeryStartAndAfterAGap) {
  SequenceMap map(0);
  map.start(10);
  map.drop(10);
  map.drop(13); // 11 and 12 keep their numbers 0 and 1
  EXPECT_EQ(map.forward(14), 2);
  EXPECT_EQ(map.forward(11), 0);
  EXPECT_EQ(map.forward(12), 1);
}

TEST(SequenceMap, ForgetsWhatIsVeryOldInsteadOfGuessing) {
  SequenceMap map(0);
  map.start(0);
  map.forward(0);
  // A hole at 1, then many groups of left-out packets.
  std::int64_t in = 2;
  for (int i = 0; i < 200; ++i) {
    map.forward(in++);
    map.drop(in++);
  }
  EXPECT_FALSE(map.forward(1));
}

} // namespace
} // namespace viadux::router
