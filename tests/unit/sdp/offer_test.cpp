// Our own offers, and that both ways of the exchange come to the same.
#include "core/sdp/negotiate.hpp"

#include "sdp/sdp_testing.hpp"

#include <gmock/gmock.h>

namespace viadux::sdp {
namespace {

using testing::HasSubstr;

const std::vector<WantedLine> audio_video_slides{{Kind::audio, Content::main, Direction::sendrecv, ""},
                                                 {Kind::video, Content::main, Direction::sendrecv, ""},
                                                 {Kind::video, Content::slides, Direction::sendonly, ""}};

LocalCapabilities other_side() {
  auto peer = webrtc_side();
  peer.ice_lite = false;
  peer.ice_ufrag = "theirs";
  peer.ice_pwd = "zyxwvutsrqponmlkjihgfedc";
  peer.video = {CodecId::h264, CodecId::vp8};
  peer.candidates = {host_candidate("2001:db8::7", 50000)};
  return peer;
}

TEST(SdpOffer, IsAnsweredAndAccepted) {
  auto local = webrtc_side();
  local.lines.resize(3);
  local.lines[0].source = LocalSource{1, 0, "c", "s", "a"};
  local.lines[1].source = LocalSource{2, 3, "c", "s", "v"};
  const auto offer = make_offer(local, audio_video_slides);
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_THAT(write(*offer), HasSubstr("a=group:BUNDLE 0 1 2\r\n"));
  EXPECT_THAT(write(*offer), HasSubstr("a=setup:actpass\r\n"));

  auto peer = other_side();
  peer.setup = sdp::Setup::active;
  const auto theirs = negotiated(parsed(write(*offer)), peer);
  const auto ours = accept_answer(*offer, parsed(write(theirs.answer)));
  ASSERT_TRUE(ours) << ours.error().message;
  ASSERT_EQ(ours->transports.size(), 1U);
  EXPECT_EQ(ours->transports[0].local_setup, sdp::Setup::passive);
  EXPECT_EQ(theirs.transports[0].local_setup, sdp::Setup::active);
  EXPECT_EQ(ours->transports[0].remote_ufrag, "theirs");
  EXPECT_EQ(theirs.transports[0].remote_ufrag, "ours");
  EXPECT_TRUE(theirs.transports[0].remote_ice_lite);
  EXPECT_EQ(ours->lines[2].direction, Direction::sendonly);
  EXPECT_EQ(theirs.lines[2].direction, Direction::recvonly);
  EXPECT_EQ(ours->lines[2].content, Content::slides);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(ours->lines[i].codecs[0].payload_type, theirs.lines[i].codecs[0].payload_type);
    EXPECT_EQ(ours->lines[i].codecs[0].rtx_payload_type, theirs.lines[i].codecs[0].rtx_payload_type);
    EXPECT_EQ(ours->lines[i].extensions, theirs.lines[i].extensions);
  }
  EXPECT_EQ(theirs.lines[1].encodings[0], (RemoteEncoding{"", 2, 3, false}));
  EXPECT_EQ(ours->lines[1].local, local.lines[1].source);
  EXPECT_EQ(ours->local_origin, offer->origin);
}

TEST(SdpOffer, CountsItsVersionUp) {
  const auto first = negotiated(recorded_offer("chromium_sendrecv.sdp"), webrtc_side());
  const auto offer = make_offer(webrtc_side(), audio_video_slides, first);
  EXPECT_EQ(offer->origin.version, first.local_origin.version + 1);
}

TEST(SdpOffer, ToRoomSystemsHasPortsAndKeys) {
  auto local = sip_side(3);
  const auto offer = make_offer(local, audio_video_slides);
  ASSERT_TRUE(offer) << offer.error().message;
  const auto text = write(*offer);
  EXPECT_THAT(text, HasSubstr("m=audio 30000 RTP/SAVP 111 9 8 0 126\r\n"));
  EXPECT_THAT(text, HasSubstr("a=crypto:1 AEAD_AES_128_GCM inline:"));
  EXPECT_THAT(text, HasSubstr("a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:"));
  EXPECT_THAT(text, HasSubstr("a=content:slides\r\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("a=mid")));

  auto peer = sip_side(3);
  peer.address = "192.0.2.9";
  peer.crypto.erase(peer.crypto.begin());
  const auto theirs = negotiated(parsed(text, Profile::sip), peer);
  const auto ours = accept_answer(*offer, parsed(write(theirs.answer), Profile::sip));
  ASSERT_TRUE(ours) << ours.error().message;
  EXPECT_EQ(ours->transports.size(), 3U);
  EXPECT_EQ(ours->transports[0].local_crypto.key, local.crypto[1].key);
  EXPECT_EQ(ours->transports[0].remote_crypto.key, peer.crypto[0].key);
  EXPECT_EQ(ours->transports[1].remote_address, "192.0.2.9");
  EXPECT_EQ(ours->transports[1].remote_port, 30002);
}

TEST(SdpOffer, NeedsTransportCodecsAndPorts) {
  auto local = webrtc_side();
  local.ice_ufrag.clear();
  EXPECT_THAT(make_offer(local, audio_video_slides).error().message, HasSubstr("ufrag"));
  local = webrtc_side();
  local.fingerprints.clear();
  EXPECT_THAT(make_offer(local, audio_video_slides).error().message, HasSubstr("fingerprint or crypto"));
  local = webrtc_side();
  local.video.clear();
  EXPECT_THAT(make_offer(local, audio_video_slides).error().message,
              HasSubstr("line 1 of our offer has no codec"));
  EXPECT_THAT(make_offer(sip_side(1), audio_video_slides).error().message,
              HasSubstr("line 1 of our offer has no port"));
}

// An answer may name another payload type than we offered for what it receives (RFC 3264 section 6.1).
TEST(SdpOffer, KeepsPayloadTypesOfBothWaysApart) {
  const auto offer = make_offer(webrtc_side(), audio_video_slides);
  auto answer = negotiated(*offer, other_side()).answer;
  answer.media[0].codecs[0].payload_type = 97;
  const auto ours = accept_answer(*offer, answer);
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->lines[0].codecs[0].payload_type, 97);
  EXPECT_EQ(ours->lines[0].codecs[0].receive_payload_type, 111);
}

TEST(SdpOffer, RefusesAnswersThatDoNotAnswerIt) {
  const auto offer = make_offer(webrtc_side(), audio_video_slides);
  const auto good = negotiated(*offer, other_side()).answer;
  const auto refused = [&](const char* message, const auto& spoil) {
    auto answer = good;
    spoil(answer);
    const auto result = accept_answer(*offer, answer);
    ASSERT_FALSE(result) << message;
    EXPECT_THAT(result.error().message, HasSubstr(message));
  };
  refused("has 2 media lines, the offer 3", [](auto& a) { a.media.pop_back(), a.groups[0].mids.pop_back(); });
  refused("answers a line of audio", [](auto& a) { std::swap(a.media[0], a.media[1]); });
  refused("another mid", [](auto& a) { a.media[1].mid = "9", a.groups[0].mids[1] = "9"; });
  refused("none of the codecs", [](auto& a) {
    a.media[1].codecs[0].name = "VP9";
    a.media[1].codecs.resize(1);
  });
  refused("no usable keys", [](auto& a) { a.media[0].transport.fingerprints.clear(); });
  // Nor by rejecting the line that has the keys for the others.
  refused("is rejected, but bundled", [](auto& a) { a.media[0].port = 0; });
}

TEST(SdpOffer, DoesNotLetAnAnswerSwapKeys) {
  const auto offer = make_offer(sip_side(3), audio_video_slides);
  auto answer = negotiated(*offer, sip_side(3)).answer;
  answer.media[0].transport.crypto[0].suite = "NULL_HMAC_SHA1_80";
  EXPECT_THAT(accept_answer(*offer, answer).error().message, HasSubstr("no usable keys"));
  answer.media[0].transport.crypto.clear();
  EXPECT_THAT(accept_answer(*offer, answer).error().message, HasSubstr("no usable keys"));
}

// Whatever we answer, a peer of our own kind accepts, and sees the mirror image of what we see.
class SdpBothWays : public testing::TestWithParam<std::tuple<std::string, bool>> {};

TEST_P(SdpBothWays, AnAnswerOfOursIsAccepted) {
  const auto& [name, h264] = GetParam();
  const bool sip = name.starts_with("sip");
  const auto profile = sip ? Profile::sip : Profile::webrtc;
  const auto offer = parsed(recorded(name), profile);
  auto local = sip ? sip_side(offer.media.size()) : webrtc_side();
  local.video = {h264 ? CodecId::h264 : CodecId::vp8};
  local.allow_unprotected = sip;
  if (sip) local.fingerprints = {our_fingerprint()};
  local.lines.resize(offer.media.size());
  for (std::uint32_t i = 0; i < local.lines.size(); ++i)
    local.lines[i].source = LocalSource{10 + i, 90 + i, "c", "s", "t"};

  const auto ours = negotiated(offer, local);
  const auto answer = parsed(write(ours.answer), profile);
  EXPECT_EQ(answer, ours.answer) << write(ours.answer);
  const auto theirs = accept_answer(offer, answer);
  ASSERT_TRUE(theirs) << theirs.error().message << "\n" << write(ours.answer);
  ASSERT_EQ(theirs->lines.size(), ours.lines.size());
  ASSERT_EQ(theirs->transports.size(), ours.transports.size());
  for (std::size_t i = 0; i < ours.lines.size(); ++i) {
    EXPECT_EQ(theirs->lines[i].rejected, ours.lines[i].rejected);
    EXPECT_EQ(theirs->lines[i].direction, reversed(ours.lines[i].direction));
    EXPECT_EQ(theirs->lines[i].transport, ours.lines[i].transport);
    EXPECT_EQ(theirs->lines[i].extensions, ours.lines[i].extensions);
    ASSERT_EQ(theirs->lines[i].codecs.size(), ours.lines[i].codecs.size());
    for (std::size_t k = 0; k < ours.lines[i].codecs.size(); ++k)
      EXPECT_EQ(theirs->lines[i].codecs[k].payload_type, ours.lines[i].codecs[k].receive_payload_type);
    if (ours.lines[i].local) EXPECT_EQ(theirs->lines[i].encodings[0].ssrc, ours.lines[i].local->ssrc);
  }
  for (std::size_t i = 0; i < ours.transports.size(); ++i) {
    EXPECT_EQ(theirs->transports[i].protection, ours.transports[i].protection);
    EXPECT_EQ(theirs->transports[i].ice, ours.transports[i].ice);
    EXPECT_EQ(theirs->transports[i].remote_crypto, ours.transports[i].local_crypto);
    EXPECT_EQ(theirs->transports[i].local_crypto, ours.transports[i].remote_crypto);
  }
}

INSTANTIATE_TEST_SUITE_P(WebRtc, SdpBothWays,
                         testing::Combine(testing::ValuesIn(webrtc_recordings()), testing::Bool()));
INSTANTIATE_TEST_SUITE_P(Sip, SdpBothWays,
                         testing::Combine(testing::ValuesIn(sip_recordings()), testing::Values(true)));

} // namespace
} // namespace viadux::sdp
