// Answers to browsers.
#include "core/sdp/negotiate.hpp"

#include "sdp/sdp_testing.hpp"

#include <gmock/gmock.h>

namespace viadux::sdp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SdpNegotiate, TakesAudioAndVideoInOneBundle) {
  auto local = webrtc_side();
  local.lines.resize(2);
  local.lines[1].source = LocalSource{1111, 2222, "cname", "stream", "track"};
  local.lines[1].max_receive_bps = 1'500'000;
  const auto agreed = negotiated(recorded_offer("chromium_sendrecv.sdp"), local);

  ASSERT_EQ(agreed.transports.size(), 1U);
  const auto& transport = agreed.transports[0];
  EXPECT_THAT(transport.lines, ElementsAre(0U, 1U));
  EXPECT_TRUE(transport.bundled);
  EXPECT_TRUE(transport.ice);
  EXPECT_TRUE(transport.rtcp_mux);
  EXPECT_TRUE(transport.remote_trickles);
  EXPECT_EQ(transport.protection, Protection::dtls);
  EXPECT_EQ(transport.local_setup, sdp::Setup::passive);
  EXPECT_TRUE(transport.new_dtls_association);
  EXPECT_FALSE(transport.ice_restart);
  EXPECT_FALSE(transport.remote_candidates.empty());

  const auto& audio = agreed.lines[0];
  EXPECT_EQ(audio.direction, Direction::sendrecv);
  ASSERT_EQ(audio.codecs.size(), 1U);
  EXPECT_EQ(audio.codecs[0].id, CodecId::opus);
  EXPECT_EQ(audio.codecs[0].payload_type, 111);
  EXPECT_TRUE(audio.codecs[0].opus_fec);
  EXPECT_EQ(audio.codecs[0].feedback, feedback_transport_cc);
  EXPECT_EQ(audio.extensions.audio_level, 1);
  EXPECT_EQ(audio.extensions.mid, 4);

  const auto& video = agreed.lines[1];
  ASSERT_EQ(video.codecs.size(), 1U);
  EXPECT_EQ(video.codecs[0].id, CodecId::vp8);
  EXPECT_EQ(video.codecs[0].payload_type, 96);
  EXPECT_EQ(video.codecs[0].rtx_payload_type, 97);
  EXPECT_EQ(video.extensions.transport_cc, 3);
  EXPECT_EQ(video.extensions.rid, 10);
  ASSERT_EQ(video.encodings.size(), 1U);
  EXPECT_NE(video.encodings[0].ssrc, 0U);
  EXPECT_NE(video.encodings[0].rtx_ssrc, 0U);
  EXPECT_EQ(video.local, local.lines[1].source);

  const auto text = write(agreed.answer);
  EXPECT_THAT(text, HasSubstr("a=group:BUNDLE 0 1\r\n"));
  EXPECT_THAT(text, HasSubstr("a=ice-lite\r\n"));
  EXPECT_THAT(text,
              HasSubstr("m=video 40000 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 192.0.2.1\r\nb=TIAS:1500000\r\n"));
  EXPECT_THAT(text, HasSubstr("a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n"));
  EXPECT_THAT(text, HasSubstr("a=ssrc-group:FID 1111 2222\r\n"));
  EXPECT_THAT(text, HasSubstr("a=msid:stream track\r\n"));
  // RFC 9143: the bundle's first line has the transport; Firefox wants credentials and fingerprint in each.
  const auto follower = text.substr(text.find("m=video"));
  for (const char* wanted : {"a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:"})
    EXPECT_THAT(follower, HasSubstr(wanted));
  EXPECT_THAT(follower, Not(HasSubstr("a=candidate")));
}

TEST(SdpNegotiate, TakesSimulcastLayersInTheirOrder) {
  auto local = webrtc_side();
  const auto offer = recorded_offer("chromium_simulcast.sdp");
  const auto agreed = negotiated(offer, local);
  ASSERT_EQ(agreed.lines[1].encodings.size(), 3U);
  EXPECT_EQ(agreed.lines[1].encodings[0].rid, "q");
  EXPECT_EQ(agreed.lines[1].encodings[2].rid, "f");
  EXPECT_EQ(agreed.lines[1].direction, Direction::recvonly);
  const auto text = write(agreed.answer);
  EXPECT_THAT(text, HasSubstr("a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n"));

  local.max_rids = 2;
  EXPECT_EQ(negotiated(offer, local).lines[1].encodings.size(), 2U);
  local.max_rids = 1;
  const auto single = negotiated(offer, local);
  EXPECT_FALSE(single.answer.media[1].simulcast);
  ASSERT_EQ(single.lines[1].encodings.size(), 1U);
  EXPECT_EQ(single.lines[1].encodings[0], RemoteEncoding{});
}

TEST(SdpNegotiate, TakesAlternativesAndPausedLayers) {
  auto offer = recorded_offer("chromium_simulcast.sdp");
  offer.media[1].simulcast->send = {{{"q", true}, {"h", false}}, {{"f", false}}};
  const auto agreed = negotiated(offer, webrtc_side());
  ASSERT_EQ(agreed.lines[1].encodings.size(), 2U);
  EXPECT_EQ(agreed.lines[1].encodings[0].rid, "q");
  EXPECT_TRUE(agreed.lines[1].encodings[0].paused);
  // A rid for another codec than ours is passed over.
  offer.media[1].rids[0].payload_types = {102};
  EXPECT_EQ(negotiated(offer, webrtc_side()).lines[1].encodings[0].rid, "h");
}

TEST(SdpNegotiate, RefusesAnOfferThatItCannotTakeWholeWhereThatIsWanted) {
  auto offer = recorded_offer("chromium_sendrecv.sdp");
  auto local = webrtc_side();
  local.whole_offer = true;
  EXPECT_TRUE(negotiate(offer, local, std::nullopt));
  local.video = {CodecId::rtx}; // nothing that can be taken
  const auto refused = negotiate(offer, local, std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "sdp_not_whole");
  EXPECT_THAT(refused.error().message, testing::HasSubstr("media line 1 (video"));
  EXPECT_THAT(refused.error().message, testing::HasSubstr("no codec in common"));
  local.whole_offer = false;
  EXPECT_TRUE(negotiate(offer, local, std::nullopt)) << "else the line alone is refused";
  // What the peer itself closes is not refused.
  local.whole_offer = true;
  local.video = {CodecId::vp8};
  offer.media[1].port = 0;
  offer.media[1].bundle_only = false;
  EXPECT_TRUE(negotiate(offer, local, std::nullopt));
}

TEST(SdpNegotiate, TakesOldSimulcastBySources) {
  auto offer = recorded_offer("chromium_sendrecv.sdp");
  offer.media[1].source_groups = {{"SIM", {1, 2, 3}}, {"FID", {1, 11}}, {"FID", {3, 13}}};
  const auto agreed = negotiated(offer, webrtc_side());
  EXPECT_THAT(agreed.lines[1].encodings,
              ElementsAre(RemoteEncoding{"", 1, 11, false}, RemoteEncoding{"", 2, 0, false},
                          RemoteEncoding{"", 3, 13, false}));
}

TEST(SdpNegotiate, MakesEverySlotASendingLine) {
  const auto offer = recorded_offer("chromium_recvonly_many.sdp");
  auto local = webrtc_side();
  local.lines.resize(offer.media.size());
  for (std::uint32_t i = 0; i < local.lines.size(); ++i)
    local.lines[i].source = LocalSource{100 + i, 200 + i, "c", "s" + std::to_string(i), "t"};
  const auto agreed = negotiated(offer, local);
  ASSERT_EQ(agreed.lines.size(), 6U);
  ASSERT_EQ(agreed.transports.size(), 1U);
  for (std::size_t i = 0; i < agreed.lines.size(); ++i) {
    EXPECT_EQ(agreed.lines[i].direction, Direction::sendonly);
    EXPECT_THAT(agreed.lines[i].encodings, IsEmpty());
    ASSERT_TRUE(agreed.lines[i].local);
    EXPECT_EQ(agreed.lines[i].local->ssrc, 100 + i);
    EXPECT_EQ(agreed.lines[i].local->rtx_ssrc, agreed.lines[i].kind == Kind::video ? 200 + i : 0);
  }
}

TEST(SdpNegotiate, GrantsDirectionsByRights) {
  struct Case {
    bool may_send, may_receive;
    Direction ours;
  };
  for (const auto& [may_send, may_receive, ours] :
       {Case{true, true, Direction::sendrecv}, Case{true, false, Direction::recvonly},
        Case{false, true, Direction::sendonly}, Case{false, false, Direction::inactive}}) {
    auto local = webrtc_side();
    local.lines.resize(2);
    local.lines[0].peer_may_send = may_send;
    local.lines[0].peer_may_receive = may_receive;
    const auto agreed = negotiated(recorded_offer("chromium_sendrecv.sdp"), local);
    EXPECT_EQ(agreed.lines[0].direction, ours);
    EXPECT_EQ(agreed.answer.media[0].direction, ours);
    EXPECT_EQ(agreed.lines[1].direction, Direction::sendrecv);
    EXPECT_EQ(agreed.lines[0].encodings.empty(), !may_send);
  }
}

TEST(SdpNegotiate, RejectsWhatItCannotTakeInPlace) {
  auto local = webrtc_side();
  const auto offer = recorded_offer("chromium_slides_datachannel.sdp");
  const auto agreed = negotiated(offer, local);
  ASSERT_EQ(agreed.lines.size(), 4U);
  EXPECT_EQ(agreed.lines[2].direction, Direction::inactive);
  EXPECT_FALSE(agreed.lines[2].rejected);
  EXPECT_TRUE(agreed.lines[3].rejected);
  const auto text = write(agreed.answer);
  EXPECT_THAT(text, HasSubstr("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
  EXPECT_THAT(text, HasSubstr("a=group:BUNDLE 0 1 2\r\n"));

  local.lines.resize(2);
  local.lines[1].refuse = true;
  const auto without_video = negotiated(offer, local);
  EXPECT_EQ(without_video.answer.media[1].port, 0);
  EXPECT_THAT(without_video.transports[0].lines, ElementsAre(0U, 2U));
}

// RFC 9143 section 7.3.3: it gives the others their transport.
TEST(SdpNegotiate, NeverRejectsTheFirstLineOfABundleAlone) {
  auto local = webrtc_side();
  auto offer = recorded_offer("chromium_sendrecv.sdp");
  local.lines.resize(1);
  local.lines[0].refuse = true;
  const auto unwanted = negotiated(offer, local);
  EXPECT_FALSE(unwanted.lines[0].rejected);
  EXPECT_EQ(unwanted.lines[0].direction, Direction::inactive);
  EXPECT_EQ(unwanted.lines[1].direction, Direction::sendrecv);

  offer.media[0].codecs.clear();
  EXPECT_THAT(negotiate(offer, local, std::nullopt).error().message,
              HasSubstr("mid 1): the first line of its bundle cannot be used"));
  offer.groups[0].mids = {"1", "0"}; // the group's order counts, not the lines'
  EXPECT_FALSE(negotiated(offer, local).lines[1].rejected);
}

TEST(SdpNegotiate, AnswersSlidesAsSlides) {
  auto offer = recorded_offer("chromium_slides_datachannel.sdp");
  offer.media[2].content = Content::slides;
  offer.media[2].content_said = true;
  offer.media[2].direction = Direction::recvonly;
  const auto agreed = negotiated(offer, webrtc_side());
  EXPECT_EQ(agreed.lines[2].content, Content::slides);
  EXPECT_EQ(agreed.lines[2].direction, Direction::sendonly);
  EXPECT_THAT(write(agreed.answer), HasSubstr("a=content:slides\r\n"));
}

TEST(SdpNegotiate, ChoosesTheH264OfOurPreference) {
  auto local = webrtc_side();
  local.video = {CodecId::h264};
  const auto offer = recorded_offer("chromium_sendrecv.sdp");
  auto agreed = negotiated(offer, local);
  ASSERT_EQ(agreed.lines[1].codecs.size(), 1U);
  EXPECT_EQ(agreed.lines[1].codecs[0].payload_type, 108); // 42e01f in mode 1, not the 42001f before it
  EXPECT_EQ(agreed.lines[1].codecs[0].rtx_payload_type, 109);
  ASSERT_TRUE(agreed.lines[1].codecs[0].h264);
  EXPECT_EQ(agreed.lines[1].codecs[0].h264->level, 31);
  EXPECT_THAT(
      write(agreed.answer),
      HasSubstr("a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"));

  local.h264 = {{H264Profile::constrained_baseline, 31, 0, true, 0, 0, 0}};
  EXPECT_EQ(negotiated(offer, local).lines[1].codecs[0].payload_type, 114);

  auto baseline_only = offer;
  std::erase_if(baseline_only.media[1].codecs, [](const Codec& codec) { return codec.payload_type == 114; });
  agreed = negotiated(baseline_only, local);
  EXPECT_EQ(agreed.lines[1].codecs[0].payload_type, 104);                      // plain baseline fits
  EXPECT_THAT(write(agreed.answer), HasSubstr("profile-level-id=42001f\r\n")); // the digits are the offer's

  local.h264 = {{H264Profile::high, 31, 1, true, 0, 0, 0}};
  EXPECT_TRUE(negotiated(offer, local).lines[1].rejected);
}

TEST(SdpNegotiate, ReadsTransportFromTheFirstLineOfABundle) {
  const auto agreed = negotiated(recorded_offer("firefox_style_bundle_only.sdp"), webrtc_side());
  ASSERT_EQ(agreed.transports.size(), 1U);
  EXPECT_EQ(agreed.transports[0].remote_ufrag, "9b5e0a1c");
  EXPECT_FALSE(agreed.lines[1].rejected);
  EXPECT_EQ(agreed.lines[1].codecs[0].payload_type, 120);
  EXPECT_EQ(agreed.lines[1].encodings[0], (RemoteEncoding{"", 2410483083, 1305340153, false}));
  EXPECT_TRUE(agreed.lines[0].codecs[0].opus_stereo);
  EXPECT_NE(agreed.answer.media[1].port, 0);

  auto local = webrtc_side();
  local.lines.resize(1);
  local.lines[0].refuse = true;
  EXPECT_EQ(negotiated(recorded_offer("firefox_style_bundle_only.sdp"), local).transports[0].remote_ufrag,
            "9b5e0a1c");
}

TEST(SdpNegotiate, FindsIceRestartsAndKeepsTheDtlsRole) {
  auto local = webrtc_side();
  const auto first = negotiated(recorded_offer("chromium_max_compat.sdp"), local);
  const auto restart = recorded_offer("chromium_ice_restart.sdp");
  EXPECT_FALSE(restarts_ice(recorded_offer("chromium_max_compat.sdp"), first));
  EXPECT_TRUE(restarts_ice(restart, first));
  local.setup = sdp::Setup::active; // a new wish, but the association lives
  const auto second = negotiated(restart, local, first);
  EXPECT_TRUE(second.transports[0].ice_restart);
  EXPECT_FALSE(second.transports[0].new_dtls_association);
  EXPECT_EQ(second.transports[0].local_setup, sdp::Setup::passive);
  EXPECT_EQ(second.answer.origin.session_id, first.answer.origin.session_id);
  EXPECT_EQ(second.answer.origin.version, first.answer.origin.version + 1);

  const auto third = negotiated(restart, local, second);
  EXPECT_FALSE(third.transports[0].ice_restart);
  auto other_certificate = restart;
  for (auto& media : other_certificate.media)
    media.transport.fingerprints = {our_fingerprint()};
  EXPECT_TRUE(negotiated(other_certificate, local, third).transports[0].new_dtls_association);
}

TEST(SdpNegotiate, LetsALaterOfferAddLinesButNotChangeThem) {
  const auto two = recorded_offer("chromium_recvonly.sdp");
  const auto first = negotiated(two, webrtc_side());
  auto three = two;
  three.media.push_back(three.media[1]);
  three.media[2].mid = "2";
  three.groups[0].mids.push_back("2");
  EXPECT_EQ(negotiated(three, webrtc_side(), first).lines.size(), 3U);

  auto fewer = two;
  fewer.media.pop_back();
  fewer.groups[0].mids.pop_back();
  EXPECT_THAT(negotiate(fewer, webrtc_side(), first).error().message, HasSubstr("fewer than the 2 before"));
  auto swapped = two;
  std::swap(swapped.media[0], swapped.media[1]);
  EXPECT_THAT(negotiate(swapped, webrtc_side(), first).error().message, HasSubstr("another kind"));
  auto renamed = two;
  renamed.media[1].mid = "x";
  renamed.groups[0].mids[1] = "x";
  EXPECT_THAT(negotiate(renamed, webrtc_side(), first).error().message, HasSubstr("another mid"));
  auto closed = two;
  for (auto& media : closed.media)
    media.port = 0;
  const auto ended = negotiated(closed, webrtc_side(), first);
  EXPECT_THAT(ended.transports, IsEmpty());
  EXPECT_TRUE(ended.lines[0].rejected);
}

// Out here, since testing::Test has a member called Setup.
struct SetupCase {
  Setup offered;
  Setup wish;
  Setup ours;
};
using Role = Setup;

TEST(SdpNegotiate, AnswersTheSetupItIsAskedFor) {
  for (const auto& [offered, wish, ours] : {SetupCase{Role::actpass, Role::passive, Role::passive},
                                            SetupCase{Role::actpass, Role::active, Role::active},
                                            SetupCase{Role::active, Role::active, Role::passive},
                                            SetupCase{Role::passive, Role::passive, Role::active}}) {
    auto offer = recorded_offer("chromium_recvonly.sdp");
    for (auto& media : offer.media)
      media.transport.setup = offered;
    auto local = webrtc_side();
    local.setup = wish;
    const auto agreed = negotiated(offer, local);
    EXPECT_EQ(agreed.transports[0].local_setup, ours);
    EXPECT_EQ(agreed.answer.media[0].transport.setup, ours);
  }
}

TEST(SdpNegotiate, ReadsThePeersBandwidth) {
  auto offer = recorded_offer("chromium_recvonly.sdp");
  offer.media[1].bandwidth_as_bps = 800'000;
  EXPECT_EQ(negotiated(offer, webrtc_side()).lines[1].max_send_bps, 800'000U);
  offer.media[1].bandwidth_tias_bps = 700'000;
  EXPECT_EQ(negotiated(offer, webrtc_side()).lines[1].max_send_bps, 700'000U);
}

struct Refusal {
  const char* name;
  void (*spoil)(SessionDescription&);
  ErrorCode code;
  const char* message;
};

class SdpNegotiateRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(SdpNegotiateRefuses, AndSaysWhy) {
  auto offer = recorded_offer("chromium_recvonly.sdp");
  GetParam().spoil(offer);
  const auto result = negotiate(offer, webrtc_side(), std::nullopt);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, GetParam().code);
  EXPECT_THAT(result.error().message, HasSubstr(GetParam().message));
}

template <class Change>
void each(SessionDescription& offer, Change change) {
  for (auto& media : offer.media)
    change(media);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SdpNegotiateRefuses,
    testing::Values(
        Refusal{"fingerprint", [](auto& o) { each(o, [](auto& m) { m.transport.fingerprints.clear(); }); },
                ErrorCode::unsupported, "media line 0 (audio, mid 0): it has no a=fingerprint"},
        Refusal{"ice", [](auto& o) { each(o, [](auto& m) { m.transport.ice_ufrag.clear(); }); },
                ErrorCode::unsupported, "no a=ice-ufrag"},
        Refusal{"mux", [](auto& o) { each(o, [](auto& m) { m.transport.rtcp_mux = false; }); },
                ErrorCode::unsupported, "no a=rtcp-mux"},
        Refusal{"lite", [](auto& o) { o.ice_lite = true; }, ErrorCode::unsupported,
                "both sides are ICE-lite"},
        Refusal{"codecs", [](auto& o) { each(o, [](auto& m) { m.codecs.clear(); }); }, ErrorCode::unsupported,
                "no codec in common"},
        Refusal{"empty", [](auto& o) { o.media.clear(), o.groups.clear(); }, ErrorCode::unsupported,
                "no media lines"},
        Refusal{"mid", [](auto& o) { o.media[1].mid = "0"; }, ErrorCode::bad_argument, "mid of another line"},
        Refusal{"group", [](auto& o) { o.groups[0].mids.push_back("7"); }, ErrorCode::bad_argument,
                "names the mid '7'"},
        Refusal{"twice", [](auto& o) { o.groups.push_back(o.groups[0]); }, ErrorCode::bad_argument,
                "stands twice"},
        Refusal{"extension",
                [](auto& o) {
                  for (auto& extension : o.media[1].extensions)
                    if (extension.uri.ends_with("sdes:mid")) extension.id = 1;
                },
                ErrorCode::bad_argument, "extension id 1 another meaning"},
        Refusal{"payload type", [](auto& o) { o.media[1].codecs[0].payload_type = 111; },
                ErrorCode::bad_argument, "payload type 111 another meaning"}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::erase(name, ' ');
      return name;
    });

} // namespace
} // namespace viadux::sdp
