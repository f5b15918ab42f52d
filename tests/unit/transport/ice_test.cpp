// Checks, nomination, consent, restart and migration.
#include "transport_fixture.hpp"

namespace viadux {
namespace {

TEST_F(TransportTest, AWrongUfragIsNeverAnswered) {
  make_transport();
  auto check = good_check();
  check.username = "nobody:" + remote.ufrag;
  peer->check(check);
  turn(3);
  EXPECT_EQ(peer->answer(), std::nullopt);
  EXPECT_EQ(directory->counters().unknown_ufrag.get(), 1U);
}

TEST_F(TransportTest, AWrongPasswordIsRefusedAtALimitedRateAndBindsNothing) {
  make_transport();
  auto check = good_check();
  check.password += 'x';
  for (int i = 0; i < 40; ++i)
    peer->check(check);
  turn(3);
  int answers = 0;
  while (const auto code = peer->answer()) {
    EXPECT_EQ(*code, 401);
    ++answers;
  }
  EXPECT_EQ(answers, 10);
  EXPECT_EQ(transport->stats().ice_refused, 40U);
  EXPECT_FALSE(transport->selected_endpoint());
  clock.time_us += 1'000'000;
  peer->check(check);
  turn(3);
  EXPECT_EQ(peer->answer(), 401) << "the next second has answers of its own";
}

TEST_F(TransportTest, ThePeersHalfOfTheUsernameMustBeTheSignalledOne) {
  make_transport();
  auto check = good_check();
  check.username = local.ufrag + ":other";
  peer->check(check);
  turn(3);
  EXPECT_EQ(peer->answer(), 401);
}

TEST_F(TransportTest, APeerThatThinksItIsControlledIsTold) {
  make_transport();
  auto check = good_check();
  check.controlled = true;
  peer->check(check);
  turn(3);
  EXPECT_EQ(peer->answer(), 487);
  EXPECT_FALSE(transport->selected_endpoint());
}

TEST_F(TransportTest, TheFirstValidPairServesUntilOneIsNominated) {
  make_transport();
  auto check = good_check();
  check.nominate = false;
  peer->check(check);
  turn(3);
  const Endpoint first = peer->endpoint();
  EXPECT_EQ(transport->selected_endpoint(), first);
  peer->move();
  peer->check(check);
  turn(3);
  EXPECT_EQ(transport->selected_endpoint(), first) << "valid, but not nominated";
  check.nominate = true;
  peer->check(check);
  turn(3);
  EXPECT_EQ(transport->selected_endpoint(), peer->endpoint());
}

TEST_F(TransportTest, ASessionSurvivesAMoveToAnotherAddress) {
  connect();
  const Endpoint before = peer->endpoint();
  peer->move();
  ASSERT_NE(peer->endpoint(), before);
  peer->send(peer->protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_TRUE(listener.rtp.empty()) << "not before a check shows who it is";
  do_ice();
  EXPECT_EQ(transport->selected_endpoint(), peer->endpoint());
  EXPECT_EQ(transport->stats().pair_switches, 1U);
  peer->send(peer->protect_rtp(rtp_packet(2)));
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(2)});
  EXPECT_TRUE(send_rtp(rtp_packet(10)));
  turn();
  EXPECT_EQ(peer->unprotect_rtp(peer->receive().at(0)), rtp_packet(10));
  EXPECT_EQ(listener.connected, 1) << "told once";
}

TEST_F(TransportTest, PathsAreBoundedAndTheSelectedOneStays) {
  connect();
  const Endpoint selected = peer->endpoint();
  auto check = good_check();
  check.nominate = false;
  std::vector<std::unique_ptr<TestPeer>> others;
  for (int i = 0; i < 20; ++i) {
    clock.time_us += 1000;
    others.push_back(std::make_unique<TestPeer>(server()));
    others.back()->check(check);
    turn(2);
    EXPECT_EQ(others.back()->answer(), 0);
  }
  EXPECT_EQ(transport->selected_endpoint(), selected);
  peer->send(peer->protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_EQ(listener.rtp.size(), 1U);
}

TEST_F(TransportTest, WithoutChecksConsentRunsOutAfterThirtySeconds) {
  connect();
  for (int i = 0; i < 10; ++i) { // checks keep it alive
    clock.time_us += 20'000'000;
    do_ice();
  }
  EXPECT_FALSE(listener.closed);
  clock.time_us += 29'990'000;
  turn();
  EXPECT_FALSE(listener.closed);
  clock.time_us += 11'000;
  turn();
  EXPECT_EQ(listener.closed, CloseReason::ice_timeout);
  peer->check(good_check());
  turn(2);
  EXPECT_EQ(peer->answer(), std::nullopt) << "the ufrag is gone";
}

TEST_F(TransportTest, WrongChecksDoNotProlongConsent) {
  connect();
  auto check = good_check();
  check.password += 'x';
  for (int i = 0; i < 31; ++i) {
    clock.time_us += 1'000'000;
    peer->check(check);
    turn(2);
  }
  EXPECT_EQ(listener.closed, CloseReason::ice_timeout);
}

TEST_F(TransportTest, ARestartKeepsTheOldPairUntilTheNewOneIsNominated) {
  connect();
  const auto old_check = good_check();
  const Endpoint old_endpoint = peer->endpoint();
  const IceCredentials next_local = make_ice_credentials();
  const IceCredentials next_remote = make_ice_credentials();
  ASSERT_TRUE(transport->restart_ice(next_local, next_remote));
  EXPECT_FALSE(transport->restart_ice(next_local, next_remote)) << "the ufrag is in use";
  peer->check(old_check);
  turn(2);
  EXPECT_EQ(peer->answer(), 0) << "the old credentials still hold";
  EXPECT_TRUE(send_rtp(rtp_packet(1)));
  turn();
  EXPECT_EQ(peer->receive().size(), 1U);

  TestPeer::Check new_check{next_local.ufrag + ':' + next_remote.ufrag, next_local.pwd, false};
  peer->move();
  peer->check(new_check);
  turn(2);
  EXPECT_EQ(peer->answer(), 0);
  EXPECT_EQ(transport->selected_endpoint(), old_endpoint);
  new_check.nominate = true;
  peer->check(new_check);
  turn(2);
  EXPECT_EQ(peer->answer(), 0);
  EXPECT_EQ(transport->selected_endpoint(), peer->endpoint());
  peer->send(peer->protect_rtp(rtp_packet(9)));
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(9)}) << "the DTLS association goes on";
  peer->check(old_check);
  turn(2);
  EXPECT_EQ(peer->answer(), 401) << "the old credentials are void";
}

TEST_F(TransportTest, ARestartOnTheSamePairRetiresTheOldCredentialsToo) {
  connect();
  const auto old_check = good_check();
  const IceCredentials next_local = make_ice_credentials();
  ASSERT_TRUE(transport->restart_ice(next_local, remote));
  peer->check({next_local.ufrag + ':' + remote.ufrag, next_local.pwd});
  turn(2);
  EXPECT_EQ(peer->answer(), 0);
  peer->check(old_check);
  turn(2);
  EXPECT_EQ(peer->answer(), 401) << "bound, so asked, but no longer valid";
  peer->send(peer->protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_EQ(listener.rtp.size(), 1U);
}

TEST(IceCredentials, AreLongRandomAndMadeOfIceChars) {
  const IceCredentials one = make_ice_credentials();
  const IceCredentials two = make_ice_credentials();
  EXPECT_NE(one.ufrag, two.ufrag);
  EXPECT_NE(one.pwd, two.pwd);
  EXPECT_EQ(one.ufrag.size(), 8U);
  EXPECT_EQ(one.pwd.size(), 24U);
  for (const char c : one.ufrag + one.pwd)
    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/') << c;
}

} // namespace
} // namespace viadux
