#include "core/mixer/layout.hpp"

#include <gtest/gtest.h>

namespace viadux::mixer {
namespace {

using Ids = std::vector<std::uint64_t>;

TEST(Places, NoTwoOverlapAndAllAreInside) {
  for (const LayoutName& name : layout_names)
    for (const std::size_t people : {1U, 2U, 3U, 5U, 7U, 10U, 13U, 30U})
      for (const auto& [width, height] : {std::pair{1280, 720}, {640, 360}, {320, 180}}) {
        const Places places = places_of(name.layout, people, static_cast<std::uint16_t>(width),
                                        static_cast<std::uint16_t>(height));
        ASSERT_FALSE(places.areas.empty()) << name.word;
        std::vector<bool> taken(static_cast<std::size_t>(width * height));
        for (const Area& area : places.areas) {
          EXPECT_EQ((area.x | area.y | area.width | area.height) & 1, 0) << name.word;
          EXPECT_GE(area.width, 24) << name.word;
          EXPECT_NEAR(static_cast<double>(area.width) / area.height, 16.0 / 9, 0.25) << name.word;
          ASSERT_LE(area.x + area.width, width) << name.word;
          ASSERT_LE(area.y + area.height, height) << name.word;
          for (int y = area.y; y < area.y + area.height; y += 2)
            for (int x = area.x; x < area.x + area.width; x += 2) {
              const auto at = static_cast<std::size_t>(y * width + x);
              ASSERT_FALSE(taken[at]) << name.word << " at " << x << ',' << y;
              taken[at] = true;
            }
        }
      }
}

TEST(Places, AreAsManyAsTheNameSays) {
  const auto count = [](std::string_view word) { return place_count(*layout_from(word)); };
  EXPECT_EQ(count("1:0"), 1U);
  EXPECT_EQ(count("1:7"), 8U);
  EXPECT_EQ(count("1:21"), 22U);
  EXPECT_EQ(count("1:33"), 34U);
  EXPECT_EQ(count("2:21"), 23U);
  EXPECT_EQ(count("2x2"), 4U);
  EXPECT_EQ(count("3x3"), 9U);
  EXPECT_EQ(count("4x4"), 16U);
  EXPECT_EQ(count("5x5"), 25U);
  EXPECT_FALSE(layout_from("8x8"));
  for (const LayoutName& name : layout_names)
    EXPECT_EQ(places_of(name.layout, 4, 1280, 720).large, large_count(name.layout)) << name.word;
  EXPECT_EQ(places_of(Layout::equal, 2, 1280, 720).areas.size(), 2U);
  EXPECT_EQ(places_of(Layout::equal, 5, 1280, 720).areas.size(), 6U);
}

TEST(Seating, WhoBecomesLargeChangesPlacesWithWhoWas) {
  Seats seats;
  const Ids people{1, 2, 3, 4};
  EXPECT_EQ(seats.seat({.people = people, .first = Ids{}}), (Ids{1, 2, 3, 4}));
  EXPECT_EQ(seats.seat({.people = people, .first = Ids{3}}), (Ids{3, 2, 1, 4}));
  EXPECT_EQ(seats.seat({.people = people, .first = Ids{4, 3}}), (Ids{4, 2, 1, 3}));
  EXPECT_EQ(seats.seat({.people = people, .first = Ids{}}), (Ids{4, 2, 1, 3})) << "nobody moves for nothing";
}

TEST(Seating, WhoSpeaksDoesNotSeeHimselfLarge) {
  Seats seats;
  const Ids people{1, 2, 3};
  EXPECT_EQ(seats.seat({.people = people, .first = Ids{2, 1}, .not_large = 2}), (Ids{1, 2, 3}));
  EXPECT_EQ(seats.seat({.people = Ids{2}, .first = Ids{2}, .not_large = 2}), (Ids{2}))
      << "but for nothing else";
}

TEST(Seating, WhoLeavesMakesRoomAndWhoIsWantedIsSeen) {
  Seats seats;
  Ids people;
  for (std::uint64_t i = 1; i <= 12; ++i)
    people.push_back(i);
  EXPECT_EQ(seats.seat({.people = people, .first = Ids{}}), (Ids{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(seats.seat({.people = people, .first = Ids{12, 1}}), (Ids{12, 2, 3, 4, 5, 6, 7, 1}))
      << "the speaker before stays in sight";
  people.erase(people.begin() + 2);
  EXPECT_EQ(seats.seat({.people = people, .first = Ids{12, 1}}), (Ids{12, 2, 4, 5, 6, 7, 1, 8}));
  Seats equal;
  EXPECT_EQ(equal.seat({.layout = Layout::two_two, .people = people, .first = Ids{11}}), (Ids{1, 2, 4, 11}));
}

} // namespace
} // namespace viadux::mixer
