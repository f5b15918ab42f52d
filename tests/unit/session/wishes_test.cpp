#include "core/session/wishes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace viadux {
namespace {

using router::TrackFeedback;
using testing::ElementsAre;
using testing::Pair;

TEST(Wishes, OfEachTrackTheNewestWaitsHoweverLongNobodyReads) {
  Wishes wishes;
  for (int round = 0; round < 10'000; ++round)
    for (const std::uint64_t track : {7U, 8U})
      wishes.add({.kind = round % 2 == 0 ? TrackFeedback::Kind::wanted : TrackFeedback::Kind::unwanted,
                  .track = track});
  wishes.add({.kind = TrackFeedback::Kind::wanted, .track = 7});
  EXPECT_EQ(wishes.size(), 2U);
  std::vector<std::pair<std::uint64_t, TrackFeedback::Kind>> said;
  const auto say_one = [&](TrackFeedback wish) {
    if (!said.empty()) return false;
    said.emplace_back(wish.track, wish.kind);
    return true;
  };
  wishes.say(say_one);
  EXPECT_THAT(said, ElementsAre(Pair(8, TrackFeedback::Kind::unwanted)));
  EXPECT_EQ(wishes.size(), 1U);
  said.clear();
  wishes.say(say_one);
  EXPECT_THAT(said, ElementsAre(Pair(7, TrackFeedback::Kind::wanted)));
}

} // namespace
} // namespace viadux
