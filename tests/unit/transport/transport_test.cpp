// The whole way: checks, handshake, packets both ways.
#include "transport_fixture.hpp"

namespace viadux {
namespace {

TEST_F(TransportTest, ConnectsAndPacketsCrossBothWaysWithGcmAlthoughThePeerPrefersOther) {
  connect();
  EXPECT_EQ(transport->srtp_profile(), SrtpProfile::aead_aes_128_gcm);
  EXPECT_EQ(peer->profile(), "SRTP_AEAD_AES_128_GCM");
  EXPECT_EQ(peer->mapped(), peer->endpoint());
  EXPECT_EQ(transport->selected_endpoint(), peer->endpoint());
  EXPECT_TRUE(transport->is_writable());

  peer->send(peer->protect_rtp(rtp_packet(1)));
  peer->send(peer->protect_rtp(rtp_packet(2)));
  peer->send(peer->protect_rtcp(rtcp_packet()));
  turn(2);
  EXPECT_EQ(listener.rtp, (std::vector{rtp_packet(1), rtp_packet(2)}));
  EXPECT_EQ(listener.batches, std::vector<std::size_t>{2});
  EXPECT_EQ(listener.rtcp, std::vector{rtcp_packet()});

  EXPECT_TRUE(send_rtp(rtp_packet(10, 77)));
  EXPECT_TRUE(send_rtp(rtp_packet(11, 77)));
  EXPECT_TRUE(send_rtcp(rtcp_packet(77)));
  turn();
  const auto received = peer->receive();
  ASSERT_EQ(received.size(), 3U);
  EXPECT_NE(received[0].substr(12), rtp_packet(10, 77).substr(12)) << "encrypted";
  EXPECT_EQ(peer->unprotect_rtp(received[0]), rtp_packet(10, 77));
  EXPECT_EQ(peer->unprotect_rtp(received[1]), rtp_packet(11, 77));
  EXPECT_EQ(peer->unprotect_rtcp(received[2]), rtcp_packet(77));
  EXPECT_EQ(worker->counters().gso_packets_out.get(), 3U)
      << "one message, the shorter RTCP packet at its end";
}

TEST_F(TransportTest, TakesAesCmWhereThePeerHasNothingElse) {
  make_peer(false, "SRTP_AES128_CM_SHA1_80");
  connect();
  EXPECT_EQ(transport->srtp_profile(), SrtpProfile::aes_cm_128_hmac_sha1_80);
  peer->send(peer->protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(1)});
  EXPECT_TRUE(send_rtp(rtp_packet(10)));
  turn();
  EXPECT_EQ(peer->unprotect_rtp(peer->receive().at(0)), rtp_packet(10));
}

TEST_F(TransportTest, BeginsTheHandshakeItselfAsTheActiveSide) {
  make_transport(DtlsRole::active);
  do_ice();
  do_dtls(false);
  ASSERT_EQ(listener.connected, 1);
  peer->send(peer->protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(1)});
}

TEST_F(TransportTest, AFingerprintThatIsNotTheSignalledOneEndsItAndNoPacketPasses) {
  make_peer();
  config.ice = IceConfig{local, remote};
  Fingerprint wrong = peer->fingerprint();
  wrong.digest[31] ^= 1;
  config.dtls = DtlsConfig{DtlsRole::passive, certificate, {wrong}};
  open();
  do_ice();
  do_dtls();
  EXPECT_EQ(listener.connected, 0);
  EXPECT_EQ(listener.closed, CloseReason::dtls_failed);
  EXPECT_EQ(transport->stats().dtls_failure, DtlsFailure::fingerprint);
  EXPECT_FALSE(send_rtp(rtp_packet(1)));
}

TEST_F(TransportTest, APeerWithoutSrtpIsRefused) {
  make_peer(false, "");
  make_transport();
  do_ice();
  do_dtls();
  EXPECT_EQ(listener.closed, CloseReason::dtls_failed);
  EXPECT_EQ(transport->stats().dtls_failure, DtlsFailure::no_srtp_profile);
}

TEST_F(TransportTest, TheHandshakeSurvivesALossyNetwork) {
  make_transport();
  int sent = 0;
  peer->drop_outgoing_dtls = [&sent] { return ++sent % 3 == 2; };
  do_ice();
  const auto begin = std::chrono::steady_clock::now();
  while (!listener.connected && std::chrono::steady_clock::now() - begin < std::chrono::seconds(10)) {
    clock.time_us += 2000;
    peer->handshake();
    turn();
  }
  EXPECT_EQ(listener.connected, 1);
  EXPECT_GT(sent, 3);
}

TEST_F(TransportTest, AHandshakeThatNeverEndsTimesOut) {
  make_transport();
  do_ice();
  clock.time_us += 14'000'000;
  turn();
  EXPECT_FALSE(listener.closed);
  clock.time_us += 1'100'000;
  turn();
  EXPECT_EQ(listener.closed, CloseReason::dtls_failed);
  EXPECT_EQ(transport->stats().dtls_failure, DtlsFailure::timeout);
}

TEST_F(TransportTest, DtlsBeforeAValidCheckIsDropped) {
  make_transport();
  peer->handshake();
  turn(3);
  EXPECT_FALSE(peer->handshake());
  EXPECT_EQ(worker->counters().packets_out.get(), 0U);
  EXPECT_EQ(directory->counters().not_stun.get(), 1U);
}

TEST_F(TransportTest, ForgedPacketsAreCountedAndNothingElseChanges) {
  connect();
  std::string forged = peer->protect_rtp(rtp_packet(1));
  forged[20] = static_cast<char>(forged[20] ^ 1);
  peer->send(forged);
  peer->send(rtp_packet(2)); // not encrypted at all
  std::string forged_rtcp = peer->protect_rtcp(rtcp_packet());
  forged_rtcp[9] = static_cast<char>(forged_rtcp[9] ^ 1);
  peer->send(forged_rtcp);
  turn(2);
  EXPECT_TRUE(listener.rtp.empty());
  EXPECT_TRUE(listener.rtcp.empty());
  EXPECT_EQ(transport->stats().auth_failures, 3U);
  peer->send(peer->protect_rtp(rtp_packet(3)));
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(3)});
  EXPECT_FALSE(listener.closed);
}

TEST_F(TransportTest, AReplayedPacketIsCountedAndDropped) {
  connect();
  const std::string packet = peer->protect_rtp(rtp_packet(1));
  peer->send(packet);
  peer->send(packet);
  turn(2);
  EXPECT_EQ(listener.rtp.size(), 1U);
  EXPECT_EQ(transport->stats().replays, 1U);
}

TEST_F(TransportTest, AnotherSourceCannotSendInto) {
  connect();
  const PeerSocket stranger;
  stranger.send(server(), peer->protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_TRUE(listener.rtp.empty());
  EXPECT_EQ(directory->counters().not_stun.get(), 1U);
}

TEST_F(TransportTest, WithGcmASequenceNumberNeverLeavesTwice) {
  connect();
  EXPECT_TRUE(send_rtp(rtp_packet(5)));
  EXPECT_FALSE(send_rtp(rtp_packet(5)));
  EXPECT_EQ(transport->stats().protect_failures, 1U);
}

TEST_F(TransportTest, ReceivesABoundedNumberOfSsrcs) {
  connect();
  for (std::uint32_t ssrc = 0; ssrc < Transport::max_receive_ssrcs + 5; ++ssrc) {
    peer->send(peer->protect_rtp(rtp_packet(1, 1000 + ssrc)));
    turn();
  }
  turn(3);
  EXPECT_EQ(listener.rtp.size(), Transport::max_receive_ssrcs);
  EXPECT_EQ(transport->stats().ssrc_limit_drops, 5U);
  peer->send(peer->protect_rtp(rtp_packet(2, 1000)));
  turn(2);
  EXPECT_EQ(listener.rtp.back(), rtp_packet(2, 1000)) << "those known go on";
}

TEST_F(TransportTest, CloseNotifyEndsIt) {
  connect();
  peer->say_goodbye();
  turn(3);
  EXPECT_EQ(listener.closed, CloseReason::closed_by_peer);
  EXPECT_FALSE(transport->is_writable());
}

TEST_F(TransportTest, CloseSaysGoodbyeAndCallsNobody) {
  connect();
  transport->close();
  turn(2);
  peer->handshake();
  EXPECT_TRUE(peer->heard_goodbye());
  EXPECT_FALSE(listener.closed);
  peer->send(peer->protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_TRUE(listener.rtp.empty());
}

TEST_F(TransportTest, WorksOverTcp) {
  make_peer(true);
  make_transport();
  for (int i = 0; i < 5; ++i)
    turn();
  do_ice();
  do_dtls();
  ASSERT_EQ(listener.connected, 1);
  EXPECT_TRUE(transport->selected_is_tcp());
  peer->send(peer->protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(1)});
  EXPECT_TRUE(send_rtp(rtp_packet(10)));
  EXPECT_TRUE(send_rtp(rtp_packet(11)));
  turn();
  const auto received = peer->receive();
  ASSERT_EQ(received.size(), 2U);
  EXPECT_EQ(peer->unprotect_rtp(received[1]), rtp_packet(11));
  peer.reset();
  turn(3);
  EXPECT_FALSE(transport->is_writable());
  EXPECT_FALSE(listener.closed) << "it may come back until consent runs out";
}

} // namespace
} // namespace viadux
