// The server decides what a participant sends and receives, whatever its client does.
#include "house.hpp"

namespace viadux {
namespace {

struct Rights : House {
  Guest* alice = nullptr;
  Guest* bob = nullptr;

  void SetUp() override {
    alice = &enter({sends("audio"), sends("video")});
    bob = &enter({receives("audio"), receives("video")});
    ASSERT_TRUE(await_connection(*alice));
    ASSERT_TRUE(await_connection(*bob));
    fill(*bob, 0, alice->track(0));
    fill(*bob, 1, alice->track(1));
    ASSERT_TRUE(arrives(0, 5));
    ASSERT_TRUE(arrives(1, 5));
  }
  void on_turn() override {
    if (alice == nullptr || !alice->client.connected() || loop_.clock().now_us() < next_us_) return;
    next_us_ = loop_.clock().now_us() + 10'000;
    alice->client.send_sound(alice->client.source(0));
    alice->client.send_frame(alice->client.source(1), true, 1);
    ++rounds_;
  }
  std::size_t received(std::size_t line) const { return bob->client.of_line(line).size(); }
  bool arrives(std::size_t line, std::size_t more) {
    const std::size_t enough = received(line) + more;
    return until([&] { return received(line) >= enough; });
  }
  // What is on its way may still come; then nothing for thirty rounds of sending.
  bool silent(std::size_t line) {
    pass(60);
    const std::size_t before = received(line);
    const int rounds = rounds_ + 30;
    until([&] { return rounds_ >= rounds; });
    return received(line) == before;
  }
  void set(const Guest& guest, const MediaRights& rights) {
    ASSERT_TRUE(engine_->set_rights(guest.id(), rights));
    pass(40);
  }
  double not_allowed() { return metric("viadux_rtp_dropped_total{reason=\"not_allowed\"}"); }

  int rounds_ = 0;
  std::int64_t next_us_ = 0;
};

TEST_F(Rights, AMutedSenderIsNotHeardAndCounted) {
  MediaRights mute;
  mute.send_audio = false;
  EXPECT_EQ(not_allowed(), 0);
  set(*alice, mute);
  EXPECT_TRUE(silent(0));
  EXPECT_TRUE(arrives(1, 5)) << "the picture goes on";
  EXPECT_GE(not_allowed(), 30);
  media_.levels.clear();
  pass(450);
  EXPECT_TRUE(media_.levels.empty()) << "nobody is told that a muted participant speaks";
  set(*alice, {});
  EXPECT_TRUE(arrives(0, 5));
}

TEST_F(Rights, AMutedPictureIsNotSeen) {
  MediaRights mute;
  mute.send_video = false;
  set(*alice, mute);
  EXPECT_TRUE(silent(1));
  EXPECT_TRUE(arrives(0, 5));
  EXPECT_GE(not_allowed(), 30);
  set(*alice, {});
  EXPECT_TRUE(arrives(1, 5));
}

TEST_F(Rights, WhoMayNotReceiveGetsNothingUntilItMay) {
  MediaRights deaf;
  deaf.receive_audio = false;
  deaf.receive_video = false;
  set(*bob, deaf);
  EXPECT_TRUE(silent(0));
  EXPECT_TRUE(silent(1));
  fill(*bob, 1, alice->track(1)); // the director goes on deciding meanwhile
  EXPECT_TRUE(silent(1));
  set(*bob, {});
  EXPECT_TRUE(arrives(0, 5)) << "what the director wanted is there again by itself";
  EXPECT_TRUE(arrives(1, 5));
}

TEST_F(Rights, OnesThatAreMissingFromTheStartAreAnsweredAway) {
  WebClient carol(99);
  SessionRequest asked = request(carol.offer({sends("audio"), sends("video"), receives("video")}));
  asked.rights.send_video = false;
  asked.rights.receive_video = false;
  const auto answer = engine_->open(asked);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->tracks.size(), 1U);
  EXPECT_EQ(answer->tracks[0].kind, MediaKind::audio);
  EXPECT_TRUE(answer->slots.empty());
}

} // namespace
} // namespace viadux
