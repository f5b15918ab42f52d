// Answers to room systems: no ICE, no bundle, keys in the description.
#include "core/sdp/negotiate.hpp"

#include "sdp/sdp_testing.hpp"

#include <gmock/gmock.h>

namespace viadux::sdp {
namespace {

using testing::HasSubstr;
using testing::Not;

SessionDescription room_system() {
  return parsed(recorded("sip_room_system.sdp"), Profile::sip);
}

TEST(SdpSip, AnswersARoomSystemLineByLine) {
  auto local = sip_side(5);
  MediaLine bfcp;
  bfcp.kind = Kind::application;
  bfcp.media = "application";
  bfcp.protocol = "UDP/BFCP";
  bfcp.formats = {"*"};
  bfcp.port = 31000;
  bfcp.other_lines = {"a=floorctrl:s-only"};
  local.lines[2].plugin_line = bfcp;
  const auto agreed = negotiated(room_system(), local);

  ASSERT_EQ(agreed.lines.size(), 5U);
  EXPECT_EQ(agreed.transports.size(), 4U); // audio, video, BFCP, slides; FECC is refused
  const auto& audio = agreed.lines[0];
  EXPECT_EQ(audio.codecs[0].id, CodecId::opus);
  EXPECT_EQ(audio.codecs[1].id, CodecId::telephone_event);
  EXPECT_EQ(audio.codecs[1].payload_type, 101);
  const auto& transport = agreed.transports[audio.transport];
  EXPECT_FALSE(transport.ice);
  EXPECT_FALSE(transport.bundled);
  EXPECT_FALSE(transport.rtcp_mux);
  EXPECT_EQ(transport.protection, Protection::sdes);
  EXPECT_EQ(transport.remote_address, "192.0.2.30");
  EXPECT_EQ(transport.remote_port, 16400);
  EXPECT_EQ(transport.remote_rtcp_port, 16401);
  EXPECT_EQ(transport.remote_crypto.suite, "AEAD_AES_128_GCM");
  EXPECT_EQ(transport.local_crypto.key, local.crypto[0].key);

  const auto& video = agreed.lines[1];
  EXPECT_EQ(video.codecs[0].payload_type, 97); // mode 1
  ASSERT_TRUE(video.codecs[0].h264);
  EXPECT_EQ(video.codecs[0].h264->level, 20);
  EXPECT_EQ(video.codecs[0].h264->max_fs, 9000U);
  EXPECT_EQ(video.max_send_bps, 1'920'000U);
  EXPECT_EQ(agreed.transports[video.transport].remote_crypto.suite, "AES_CM_128_HMAC_SHA1_80");
  EXPECT_EQ(agreed.lines[3].content, Content::slides);
  EXPECT_TRUE(agreed.lines[4].rejected);

  const auto text = write(agreed.answer);
  EXPECT_THAT(text, HasSubstr("m=audio 30000 RTP/SAVP 100 101\r\nc=IN IP4 192.0.2.2\r\n"));
  EXPECT_THAT(text, HasSubstr("a=crypto:1 AEAD_AES_128_GCM inline:" + local.crypto[0].key + "\r\n"));
  EXPECT_THAT(text, HasSubstr("m=application 31000 UDP/BFCP *\r\n"));
  EXPECT_THAT(text, HasSubstr("a=floorctrl:s-only\r\n"));
  EXPECT_THAT(text, HasSubstr("m=application 0 RTP/AVP 107\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("a=group")));
  EXPECT_THAT(text, Not(HasSubstr("a=ice")));
}

TEST(SdpSip, RepeatsTheTagOfTheKeyItTakes) {
  auto local = sip_side(5);
  local.crypto.erase(local.crypto.begin());
  const auto agreed = negotiated(room_system(), local);
  EXPECT_EQ(agreed.answer.media[0].transport.crypto[0].tag, 2U);
  EXPECT_EQ(agreed.transports[0].local_crypto.tag, 2U);
  EXPECT_EQ(agreed.transports[0].remote_crypto.key, room_system().media[0].transport.crypto[1].key);
}

TEST(SdpSip, TakesPlainRtpOnlyWhereItIsAllowed) {
  const auto offer = parsed(recorded("sip_untidy.sdp"), Profile::sip);
  auto local = sip_side(2);
  EXPECT_THAT(negotiate(offer, local, std::nullopt).error().message, HasSubstr("not encrypted"));
  local.allow_unprotected = true;
  const auto agreed = negotiated(offer, local);
  EXPECT_EQ(agreed.transports[0].protection, Protection::none);
  EXPECT_EQ(agreed.lines[0].codecs[0].id, CodecId::pcma);
  EXPECT_EQ(agreed.lines[0].ptime_ms, 20);
  // profile-level-id=4280D is no reason to refuse a picture.
  EXPECT_FALSE(agreed.lines[1].rejected);
  EXPECT_EQ(agreed.lines[1].codecs[0].h264->level, 13);
  EXPECT_EQ(agreed.lines[1].codecs[0].h264->max_br, 906U);
}

TEST(SdpSip, NeverAnswersEncryptionWithoutKeys) {
  auto offer = room_system();
  auto local = sip_side(5);
  local.allow_unprotected = true;
  for (auto& media : offer.media)
    media.transport.crypto.clear();
  EXPECT_THAT(negotiate(offer, local, std::nullopt).error().message, HasSubstr("a=crypto"));
  offer = room_system();
  for (auto& media : offer.media)
    for (auto& crypto : media.transport.crypto)
      crypto.session_parameters = "UNENCRYPTED_SRTP";
  EXPECT_FALSE(negotiate(offer, local, std::nullopt));
  offer = room_system();
  for (auto& media : offer.media)
    for (auto& crypto : media.transport.crypto)
      crypto.key = "short";
  EXPECT_FALSE(negotiate(offer, local, std::nullopt));
}

TEST(SdpSip, TakesKeysOnAvpLinesToo) { // RFC 8643
  auto offer = room_system();
  auto local = sip_side(5);
  local.allow_unprotected = true;
  for (auto& media : offer.media)
    if (media.protocol == "RTP/SAVP") media.protocol = "RTP/AVP";
  EXPECT_EQ(negotiated(offer, local).transports[0].protection, Protection::sdes);
}

TEST(SdpSip, DoesDtlsWithoutIce) {
  auto local = sip_side(2);
  local.fingerprints = {our_fingerprint()};
  local.lines[1].rtcp_port = 0;
  const auto agreed = negotiated(parsed(recorded("sip_dtls.sdp"), Profile::sip), local);
  ASSERT_EQ(agreed.transports.size(), 2U);
  EXPECT_EQ(agreed.transports[0].protection, Protection::dtls);
  EXPECT_EQ(agreed.transports[0].local_setup, sdp::Setup::passive);
  EXPECT_EQ(agreed.transports[0].remote_rtcp_port, 54405);
  EXPECT_TRUE(agreed.transports[1].rtcp_mux);
  EXPECT_EQ(agreed.transports[1].remote_rtcp_port, 0);
  EXPECT_EQ(agreed.answer.media[0].transport.setup, sdp::Setup::passive);
  // No asymmetry: the lower level holds (RFC 6184 section 8.2.2).
  EXPECT_EQ(agreed.lines[1].codecs[0].h264->level, 12);
  EXPECT_THAT(write(agreed.answer), HasSubstr("profile-level-id=42e00c"));
}

TEST(SdpSip, RefusesALineWithoutAPort) {
  auto local = sip_side(5);
  local.lines[1].port = 0;
  const auto agreed = negotiated(room_system(), local);
  EXPECT_TRUE(agreed.lines[1].rejected);
  EXPECT_FALSE(agreed.lines[0].rejected);
}

TEST(SdpSip, GoesWithoutIceBetweenLiteAgents) {
  auto offer = recorded_offer("chromium_sendrecv.sdp");
  offer.ice_lite = true;
  auto local = sip_side(2);
  local.ice_ufrag = "ours";
  local.ice_pwd = "0123456789abcdefghijklmn";
  local.fingerprints = {our_fingerprint()};
  local.video = {CodecId::vp8};
  const auto agreed = negotiated(offer, local);
  ASSERT_EQ(agreed.transports.size(), 2U); // and without ICE nothing is bundled
  EXPECT_FALSE(agreed.transports[0].ice);
  EXPECT_THAT(write(agreed.answer), Not(HasSubstr("a=ice-")));
}

} // namespace
} // namespace viadux::sdp
