// A later offer on a running session: another network, more lines, fewer.
#include "house.hpp"

namespace viadux {
namespace {

template <class Base>
struct Updates : Base {
  Guest* alice = nullptr;
  Guest* bob = nullptr;

  void SetUp() override {
    alice = &this->enter({sends("audio"), sends("video")}, 1);
    bob = &this->enter({receives("audio"), receives("video")}, 2);
    ASSERT_TRUE(this->await_connection(*alice));
    ASSERT_TRUE(this->await_connection(*bob));
    this->fill(*bob, 0, alice->track(0));
    this->fill(*bob, 1, alice->track(1));
    ASSERT_TRUE(arrives(1, 5));
  }
  void on_turn() override {
    if (alice == nullptr || !alice->client.connected() || this->loop_.clock().now_us() < next_us_) return;
    next_us_ = this->loop_.clock().now_us() + 10'000;
    for (Source& source : alice->client.sources()) {
      if (source.rtx_ssrc == 0)
        alice->client.send_sound(source);
      else
        alice->client.send_frame(source, true, 1);
    }
  }
  std::size_t received(std::size_t line) const { return bob->client.of_line(line).size(); }
  bool arrives(std::size_t line, std::size_t more) {
    const std::size_t enough = received(line) + more;
    return this->until([&] { return received(line) >= enough; });
  }
  std::int64_t next_us_ = 0;
};

struct Update : Updates<House> {};
struct UpdateAcross : Updates<TwoWorkers> {};

TEST_F(Update, AnIceRestartChangesBothSidesAndMediaGoesOn) {
  const SessionAnswer before = alice->answer;
  const std::uint32_t responses = alice->client.check_responses();
  alice->client.new_ice_credentials();
  update(*alice, {sends("audio"), sends("video")});
  EXPECT_NE(alice->answer.ice_ufrag, before.ice_ufrag);
  EXPECT_NE(alice->answer.ice_pwd, before.ice_pwd);
  EXPECT_NE(alice->answer.answer.find("a=ice-ufrag:" + alice->answer.ice_ufrag), std::string::npos);
  ASSERT_EQ(alice->answer.tracks.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_EQ(alice->answer.tracks[i].id, before.tracks[i].id);
  ASSERT_TRUE(until([&] { return alice->client.check_responses() > responses; })) << "the new pair works";
  EXPECT_TRUE(arrives(0, 10));
  EXPECT_TRUE(arrives(1, 10));
  // And the other way about: who receives restarts.
  bob->client.new_ice_credentials();
  update(*bob, {receives("audio"), receives("video")});
  EXPECT_TRUE(arrives(1, 10));
  EXPECT_TRUE(media_.closed.empty());
}

TEST_F(Update, TheSameOfferAgainChangesNothing) {
  const SessionAnswer before = alice->answer;
  update(*alice, {sends("audio"), sends("video")});
  EXPECT_EQ(alice->answer.ice_ufrag, before.ice_ufrag);
  EXPECT_EQ(alice->answer.tracks.size(), before.tracks.size());
  EXPECT_TRUE(arrives(1, 5));
}

TEST_F(Update, ALineThatIsAddedIsATrackAndASlot) {
  update(*alice, {sends("audio"), sends("video"), sends("video")});
  ASSERT_EQ(alice->answer.tracks.size(), 3U);
  update(*bob, {receives("audio"), receives("video"), receives("video")});
  ASSERT_EQ(bob->answer.slots.size(), 3U);
  fill(*bob, 2, alice->track(2));
  EXPECT_TRUE(arrives(2, 10));
  EXPECT_TRUE(arrives(1, 10));
}

template <class T>
void a_line_made_inactive_ends_its_track(T& test) {
  Guest& alice = *test.alice;
  const TrackId gone = alice.track(1);
  std::string offer = alice.client.offer({sends("audio"), sends("video")});
  offer.replace(offer.rfind("a=sendonly"), 10, "a=inactive");
  auto answer = test.engine_->update(alice.id(), offer);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->tracks.size(), 1U);
  SlotFill fill;
  fill.track = gone;
  EXPECT_FALSE(test.engine_->fill_slot(test.bob->id(), 1, fill));
  EXPECT_TRUE(test.arrives(0, 10)) << "the sound goes on";
  const std::size_t before = test.received(1);
  test.pass(200);
  EXPECT_LE(test.received(1), before + 3);
  // It comes back as another track.
  test.update(alice, {sends("audio"), sends("video")});
  ASSERT_EQ(alice.answer.tracks.size(), 2U);
  EXPECT_NE(alice.track(1), gone);
  test.fill(*test.bob, 1, alice.track(1));
  EXPECT_TRUE(test.arrives(1, 10));
}

struct Inactive : Update {
  using House::engine_;
  using House::fill;
  using House::pass;
  using House::update;
};
struct InactiveAcross : UpdateAcross {
  using House::engine_;
  using House::fill;
  using House::pass;
  using House::update;
};
TEST_F(Inactive, ALineMadeInactiveEndsItsTrack) {
  a_line_made_inactive_ends_its_track<Inactive>(*this);
}
TEST_F(InactiveAcross, ALineMadeInactiveEndsItsTrackThereToo) {
  a_line_made_inactive_ends_its_track<InactiveAcross>(*this);
}

TEST_F(Update, ASlotThatIsNoLongerReceivedIsGone) {
  std::string offer = bob->client.offer({receives("audio"), receives("video")});
  offer.replace(offer.rfind("a=recvonly"), 10, "a=inactive");
  auto answer = engine_->update(bob->id(), offer);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->slots.size(), 1U);
  EXPECT_TRUE(arrives(0, 10));
  EXPECT_TRUE(until([&] { return figure(alice->id(), "/tracks/1/subscriptions") == 0; }));
}

// A refused offer leaves the session as it was, for media and for the next offer.
TEST_F(Update, ARefusedOfferChangesNothing) {
  const SessionAnswer before = alice->answer;
  const auto refused = [&](const std::string& offer) {
    const auto answer = engine_->update(alice->id(), offer);
    EXPECT_FALSE(answer) << offer;
    return answer ? std::string() : answer.error().reason;
  };
  const std::vector<bench::OfferLine> lines{sends("audio"), sends("video")};
  EXPECT_NE(refused("v=0\r\n"), "");
  WebClient other(77);
  EXPECT_NE(refused(other.offer({sends("audio")})), "") << "a line less than before";
  // A restart in an offer that cannot be taken: the credentials must stay the old ones.
  std::string stranger = other.offer({sends("audio"), sends("video"), sends("video")});
  for (auto at = stranger.find("a=fingerprint"); at != std::string::npos; at = stranger.find("a=fingerprint"))
    stranger.erase(at, stranger.find("\r\n", at) + 2 - at);
  EXPECT_NE(refused(stranger), "");
  std::string apart = other.offer({sends("audio"), sends("video"), sends("video")});
  apart.erase(apart.find("a=group:BUNDLE"),
              apart.find("\r\n", apart.find("a=group:BUNDLE")) + 2 - apart.find("a=group:BUNDLE"));
  EXPECT_NE(refused(apart), "");

  EXPECT_TRUE(arrives(1, 10));
  update(*alice, lines);
  EXPECT_EQ(alice->answer.ice_ufrag, before.ice_ufrag);
  ASSERT_EQ(alice->answer.tracks.size(), 2U);
  EXPECT_EQ(alice->answer.tracks[1].id, before.tracks[1].id);
  EXPECT_TRUE(arrives(1, 10));
  // A new line after refused ones gets a track that works.
  update(*alice, {sends("audio"), sends("video"), sends("video")});
  fill(*bob, 1, alice->track(2));
  EXPECT_TRUE(arrives(1, 10));
}

} // namespace
} // namespace viadux
