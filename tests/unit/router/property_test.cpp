// Random losses, reordering, late packets and changes of everything, over many seeds: what the receiver is
// promised (subscription.hpp) holds in all of them.
#include "router/stage.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace viadux::router::test {
namespace {

struct Road {
  double loss = 0;      // never comes
  double late = 0;      // comes 20-300 ms later: a retransmission
  double reordered = 0; // comes within the next 10 ms
};

struct Outcome {
  std::string complaint;
  std::size_t holes = 0;
  unsigned undecodable = 0;
  std::size_t shown = 0;
  std::size_t troubled = 0; // packets that did not come in order
};

// `thinned` is the highest temporal layer asked for where nothing is switched.
Outcome play(unsigned seed, const Road& road, bool switching, unsigned thinned = 2) {
  std::mt19937 random(seed);
  const auto chance = [&](double p) { return std::uniform_real_distribution<>(0, 1)(random) < p; };
  const auto pick = [&](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); };

  Router router;
  std::vector<std::unique_ptr<Stage>> stages;
  for (std::uint8_t track = 1; track <= 2; ++track) {
    stages.push_back(std::make_unique<Stage>(
        router, Vp8PublisherConfig{.track = track,
                                   .encodings = switching ? 1 + pick(3) : 1,
                                   .first_sequence = static_cast<std::uint16_t>(random()),
                                   .first_picture_id = static_cast<std::uint16_t>(random()),
                                   .first_timestamp = static_cast<std::uint32_t>(random())}));
  }
  Viewer viewer;
  Subscription slot({.ssrc = 7,
                     .formats = {{rtp::Codec::vp8, 100, 0}},
                     .first_sequence = static_cast<std::uint16_t>(random()),
                     .first_timestamp = static_cast<std::uint32_t>(random())},
                    viewer);
  std::int64_t now = 50'000'000;
  slot.set_track(&stages[0]->track, now);
  if (!switching) slot.set_target({0, thinned}, now);

  std::multimap<std::int64_t, std::pair<Stage*, SentPart>> on_the_way;
  Outcome outcome;
  for (int i = 0; i < 900; ++i) {
    for (const auto& stage : stages) {
      for (const SentPart& part : stage->publisher.frame(now)) {
        std::int64_t at = now + 20'000;
        // The end stays clean, so that what is late can come and be judged.
        if (i < 800 && chance(road.loss)) {
          ++outcome.troubled;
          continue;
        }
        if (i < 800 && chance(road.late)) {
          at += 20'000 + static_cast<std::int64_t>(pick(280'000));
          ++outcome.troubled;
        } else if (i < 800 && chance(road.reordered)) {
          at += pick(10'000);
          ++outcome.troubled;
        }
        on_the_way.emplace(at, std::pair(stage.get(), part));
      }
      if (i % 30 == 0) stage->report(now);
    }
    now += frame_us;
    // A turn every 5 ms or so.
    std::int64_t turn = now - frame_us;
    while (!on_the_way.empty() && on_the_way.begin()->first <= now) {
      const auto& [at, what] = *on_the_way.begin();
      if (at - turn > 5'000) {
        router.flush(at);
        turn = at;
      }
      what.first->deliver(what.second, at);
      on_the_way.erase(on_the_way.begin());
    }
    router.flush(now);
    router.tick(now);
    if (switching && chance(0.02)) slot.set_target({pick(3), pick(3)}, now);
    if (switching && chance(0.005)) slot.set_track(&stages[pick(2)]->track, now);
    if (road.loss > 0 && i % 60 == 0) slot.request_key_frame(now); // as a real receiver does when it is stuck
  }
  const bool trouble = road.loss + road.late + road.reordered > 0;
  outcome.complaint = viewer.check(trouble);
  outcome.holes = viewer.holes();
  outcome.undecodable = viewer.undecodable;
  outcome.shown = viewer.shown.size();
  return outcome;
}

class PropertyTest : public testing::TestWithParam<unsigned> {};

TEST_P(PropertyTest, WithoutLossEveryChangeIsSeamless) {
  const Outcome outcome = play(GetParam(), {}, true);
  EXPECT_EQ(outcome.complaint, "");
  EXPECT_EQ(outcome.holes, 0U);
  EXPECT_GT(outcome.shown, 150U);
}

TEST_P(PropertyTest, WhatComesLateFitsInAndNothingIsMissingInTheEnd) {
  const Outcome outcome = play(GetParam(), {.late = 0.05, .reordered = 0.2}, false);
  EXPECT_EQ(outcome.complaint, "");
  EXPECT_EQ(outcome.holes, 0U);
  EXPECT_EQ(outcome.undecodable, 0U);
  EXPECT_GT(outcome.shown, 850U);
}

TEST_P(PropertyTest, WhatComesLateFitsInWhereLayersAreLeftOut) {
  for (const unsigned thinned : {0U, 1U}) {
    const Outcome outcome = play(GetParam(), {.late = 0.05, .reordered = 0.2}, false, thinned);
    EXPECT_EQ(outcome.complaint, "");
    EXPECT_EQ(outcome.holes, 0U);
    EXPECT_EQ(outcome.undecodable, 0U);
    EXPECT_GE(outcome.shown, 900U >> (2 - thinned));
  }
}

TEST_P(PropertyTest, WhatIsLostLeavesItsHoleAndNoOther) {
  const Outcome outcome = play(GetParam(), {.loss = 0.03}, false);
  EXPECT_EQ(outcome.complaint, "");
  EXPECT_GT(outcome.holes, 0U);
  EXPECT_LE(outcome.holes, outcome.troubled);
  EXPECT_GT(outcome.shown, 100U);
}

TEST_P(PropertyTest, EverythingAtOnce) {
  const Outcome outcome = play(GetParam(), {.loss = 0.02, .late = 0.05, .reordered = 0.1}, true);
  EXPECT_EQ(outcome.complaint, "");
  EXPECT_LE(outcome.holes, outcome.troubled);
  EXPECT_GT(outcome.shown, 100U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PropertyTest, testing::Range(1U, 41U));

} // namespace
} // namespace viadux::router::test
