// Tracks that no session brings: what a plugin plays into a room.
#include "house.hpp"

namespace viadux {
namespace {

constexpr TrackId tune = 900, film = 901;

struct Played : testing::Test {
  Played() {
    house.create("demo");
    viewer = house.enter("demo", "-audio -video");
    auto request = House::request("demo");
    request.control_only = true;
    player = house.admit(request)->participant;
  }
  static TrackInfo track(TrackId id, MediaKind kind) { return {id, "", kind, MediaContent::main}; }

  House house;
  House::Guest viewer;
  ParticipantId player = 0;
};

TEST_F(Played, AreShownUntilTheyAreWithdrawn) {
  ASSERT_TRUE(house.rooms.publish_track(player, track(tune, MediaKind::audio)));
  ASSERT_TRUE(house.rooms.publish_track(player, track(film, MediaKind::video)));
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(viewer.session, 0), tune);
  EXPECT_EQ(house.media.in_slot(viewer.session, 1), film);
  house.rooms.withdraw_track(film);
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(viewer.session, 0), tune);
  EXPECT_EQ(house.media.in_slot(viewer.session, 1), 0U);
  house.rooms.withdraw_track(film); // twice, and one that never was
  house.rooms.withdraw_track(77);
  EXPECT_EQ(house.media.closed, 0) << "it was no session of the media's";
}

TEST_F(Played, FollowRightsAndMute) {
  ASSERT_TRUE(house.rooms.publish_track(player, track(tune, MediaKind::audio)));
  house.loop.run();
  ASSERT_TRUE(house.rooms.set_muted(player, true));
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(viewer.session, 0), 0U);
  ASSERT_TRUE(house.rooms.set_muted(player, false));
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(viewer.session, 0), tune);
}

TEST_F(Played, GoWithTheirParticipant) {
  ASSERT_TRUE(house.rooms.publish_track(player, track(tune, MediaKind::audio)));
  house.loop.run();
  ASSERT_TRUE(house.rooms.leave(player));
  house.loop.run();
  EXPECT_EQ(house.media.in_slot(viewer.session, 0), 0U);
  house.rooms.withdraw_track(tune);
  EXPECT_EQ(house.rooms.publish_track(player, track(tune, MediaKind::audio)).error().reason,
            "participant_gone");
  EXPECT_EQ(house.media.closed, 0);
}

TEST_F(Played, AreBoundedAsSessionsAre) {
  for (TrackId id = 1000; id < 1000 + sessions_per_participant; ++id)
    ASSERT_TRUE(house.rooms.publish_track(player, track(id, MediaKind::video)));
  EXPECT_EQ(house.rooms.publish_track(player, track(2000, MediaKind::video)).error().reason, "sessions_full");
}

} // namespace
} // namespace viadux
