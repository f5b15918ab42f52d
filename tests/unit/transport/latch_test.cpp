// Ports without ICE: SDES keys, plain RTP, and who may send.
#include "core/transport/sdes.hpp"
#include "core/transport/srtp_session.hpp"
#include "transport_fixture.hpp"

namespace viadux {
namespace {

struct LatchTest : TransportTest {
  struct Nothing final : DatagramSink {
    void on_datagrams(std::span<Datagram>) override {}
  } nothing;
  PeerSocket phone;
  PeerSocket phone_rtcp;
  PeerSocket stranger;
  RtpPort port;

  LatchTest() { port = *worker->open_rtp_port({52'000, 59'999}, IpAddress::v4({127, 0, 0, 1}), nothing); }
  Endpoint rtp_port() const { return {IpAddress::v4({127, 0, 0, 1}), port.port}; }
  Endpoint rtcp_port() const {
    return {IpAddress::v4({127, 0, 0, 1}), static_cast<std::uint16_t>(port.port + 1)};
  }
  void open_latched(LatchConfig latch) {
    latch.port = port;
    config.latch = latch;
    open();
    turn();
  }
};

TEST_F(LatchTest, PlainRtpGoesToAndComesFromTheSignalledAddress) {
  LatchConfig latch;
  latch.rtp = phone.endpoint();
  latch.rtcp = phone_rtcp.endpoint();
  open_latched(latch);
  EXPECT_EQ(listener.connected, 1);
  EXPECT_TRUE(send_rtp(rtp_packet(1)));
  EXPECT_TRUE(send_rtcp(rtcp_packet()));
  turn();
  EXPECT_EQ(phone.receive(), rtp_packet(1));
  EXPECT_EQ(phone_rtcp.receive(), rtcp_packet());
  phone.send(rtp_port(), rtp_packet(2));
  phone_rtcp.send(rtcp_port(), rtcp_packet());
  turn(3);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(2)});
  EXPECT_EQ(listener.rtcp, std::vector{rtcp_packet()});
}

TEST_F(LatchTest, PlainRtpFromAnotherHostIsDroppedUnlessNatIsAllowed) {
  LatchConfig latch;
  latch.rtp = {*IpAddress::parse("192.0.2.7"), 4000};
  open_latched(latch);
  stranger.send(rtp_port(), rtp_packet(1));
  turn(2);
  EXPECT_TRUE(listener.rtp.empty());
  EXPECT_EQ(transport->stats().early_drops, 1U);
}

TEST_F(LatchTest, WithNatItLatchesToTheFirstSourceAndStaysThere) {
  LatchConfig latch;
  latch.rtp = {*IpAddress::parse("192.0.2.7"), 4000};
  latch.any_source = true;
  latch.rtcp_mux = true;
  open_latched(latch);
  phone.send(rtp_port(), rtp_packet(1));
  turn(2);
  stranger.send(rtp_port(), rtp_packet(2));
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(1)});
  EXPECT_EQ(transport->selected_endpoint(), phone.endpoint());
  EXPECT_TRUE(send_rtcp(rtcp_packet()));
  turn();
  EXPECT_EQ(phone.receive(), rtcp_packet()) << "rtcp-mux";
  transport->set_remote(stranger.endpoint(), {});
  stranger.send(rtp_port(), rtp_packet(3));
  turn(2);
  EXPECT_EQ(listener.rtp.back(), rtp_packet(3)) << "a re-INVITE opens the latch again";
}

TEST_F(LatchTest, WithSdesItLatchesToWhoeverHasTheKeys) {
  const SdesCrypto ours = make_sdes(1, SrtpProfile::aes_cm_128_hmac_sha1_80);
  const SdesCrypto theirs = make_sdes(1, SrtpProfile::aes_cm_128_hmac_sha1_80);
  config.keys = SrtpKeys{ours.profile, ours.key, theirs.key};
  auto phones_srtp = *SrtpSession::create({ours.profile, theirs.key, ours.key}, 8);
  LatchConfig latch;
  latch.rtp = stranger.endpoint(); // as signalled, but the phone is behind a NAT
  open_latched(latch);
  stranger.send(rtp_port(), rtp_packet(1));
  turn(2);
  EXPECT_EQ(transport->stats().auth_failures, 1U);
  EXPECT_EQ(transport->selected_endpoint(), stranger.endpoint());

  std::string packet = rtp_packet(2);
  std::size_t size = packet.size();
  packet.resize(size + srtp_max_overhead);
  ASSERT_EQ(phones_srtp->protect_rtp(reinterpret_cast<std::uint8_t*>(packet.data()), size), SrtpStatus::ok);
  packet.resize(size);
  phone.send(rtp_port(), packet);
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(2)});
  EXPECT_EQ(transport->selected_endpoint(), phone.endpoint());

  EXPECT_TRUE(send_rtp(rtp_packet(3)));
  turn();
  std::string received = phone.receive();
  size = received.size();
  ASSERT_EQ(phones_srtp->unprotect_rtp(reinterpret_cast<std::uint8_t*>(received.data()), size),
            SrtpStatus::ok);
  EXPECT_EQ(received.substr(0, size), rtp_packet(3));
}

TEST_F(LatchTest, TheSameKeysAgainChangeNothing) {
  const SdesCrypto ours = make_sdes(1, SrtpProfile::aead_aes_128_gcm);
  config.keys = SrtpKeys{ours.profile, ours.key, ours.key};
  LatchConfig latch;
  latch.rtp = phone.endpoint();
  open_latched(latch);
  EXPECT_TRUE(send_rtp(rtp_packet(1)));
  EXPECT_TRUE(transport->set_keys(*config.keys));
  EXPECT_FALSE(send_rtp(rtp_packet(1))) << "the stream knows what it has sent";
}

TEST_F(LatchTest, DtlsWithoutIceLatchesToThePeerWithTheFingerprint) {
  TestPeer dtls_phone(rtp_port());
  config.dtls = DtlsConfig{DtlsRole::passive, certificate, {dtls_phone.fingerprint()}};
  LatchConfig latch;
  latch.rtcp_mux = true;
  open_latched(latch);
  for (int i = 0; i < 200 && !(listener.connected && dtls_phone.handshake()); ++i) {
    dtls_phone.handshake();
    turn();
  }
  ASSERT_EQ(listener.connected, 1);
  dtls_phone.send(dtls_phone.protect_rtp(rtp_packet(1)));
  turn(2);
  EXPECT_EQ(listener.rtp, std::vector{rtp_packet(1)});
  EXPECT_EQ(transport->selected_endpoint(), dtls_phone.endpoint());
}

TEST_F(LatchTest, PacketsThatAreNotWholeAreCounted) {
  LatchConfig latch;
  latch.rtp = phone.endpoint();
  open_latched(latch);
  phone.send(rtp_port(), rtp_packet(1).substr(0, 11));
  std::string extension = rtp_packet(2, 1, 16);
  extension[0] = static_cast<char>(0x90);
  extension[14] = 0;
  extension[15] = 9; // nine words that are not there
  phone.send(rtp_port(), extension);
  phone.send(rtp_port(), std::string("\x8f\x60", 2) + rtp_packet(3).substr(2, 20)); // 15 CSRCs in 20 bytes
  phone.send(rtp_port(), std::string("\x70garbage", 8));
  turn(2);
  EXPECT_TRUE(listener.rtp.empty());
  EXPECT_EQ(transport->stats().malformed, 4U);
}

} // namespace
} // namespace viadux
