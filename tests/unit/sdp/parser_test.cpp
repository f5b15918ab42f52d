#include "core/sdp/codecs.hpp"
#include "sdp/sdp_testing.hpp"

#include <gmock/gmock.h>

namespace viadux::sdp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* minimal = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

TEST(SdpParser, ReadsASimulcastOfferOfChromium) {
  const auto offer = recorded_offer("chromium_simulcast.sdp");
  ASSERT_EQ(offer.media.size(), 2U);
  ASSERT_EQ(offer.groups.size(), 1U);
  EXPECT_THAT(offer.groups[0].mids, ElementsAre("0", "1"));

  const auto& audio = offer.media[0];
  EXPECT_EQ(audio.kind, Kind::audio);
  EXPECT_EQ(audio.mid, "0");
  EXPECT_EQ(audio.direction, Direction::sendonly);
  EXPECT_EQ(audio.transport.ice_ufrag, "dy8Z");
  EXPECT_EQ(audio.transport.setup, sdp::Setup::actpass);
  EXPECT_TRUE(audio.transport.rtcp_mux);
  ASSERT_EQ(audio.transport.candidates.size(), 2U);
  EXPECT_EQ(audio.transport.candidates[0].port, 50410);
  EXPECT_EQ(audio.transport.candidates[0].extensions, "generation 0 network-cost 999");
  ASSERT_EQ(audio.sources.size(), 1U);
  EXPECT_EQ(audio.sources[0].cname, "1dJYifufDkcA5ayN");
  EXPECT_TRUE(audio.extmap_allow_mixed); // said at session level

  const auto& video = offer.media[1];
  EXPECT_EQ(video.codecs.size(), 23U);
  EXPECT_EQ(identify(video.codecs[0]), CodecId::vp8);
  EXPECT_EQ(video.codecs[0].feedback, feedback_nack | feedback_nack_pli | feedback_ccm_fir |
                                          feedback_transport_cc | feedback_goog_remb);
  ASSERT_NE(find_rtx(video, 96), nullptr);
  EXPECT_EQ(find_rtx(video, 96)->payload_type, 97);
  ASSERT_TRUE(video.simulcast);
  ASSERT_EQ(video.simulcast->send.size(), 3U);
  EXPECT_EQ(video.simulcast->send[2][0].rid, "f");
  EXPECT_EQ(video.rids.size(), 3U);
}

TEST(SdpParser, ReadsSourcesAndTheirPairs) {
  const auto offer = recorded_offer("chromium_max_compat.sdp");
  const auto& video = offer.media[1];
  ASSERT_EQ(video.source_groups.size(), 1U);
  EXPECT_EQ(video.source_groups[0].semantics, "FID");
  EXPECT_THAT(video.source_groups[0].ssrcs, ElementsAre(2700771352U, 4091452059U));
  EXPECT_EQ(video.sources[1].ssrc, 4091452059U);
}

TEST(SdpParser, ReadsARoomSystemAndKeepsWhatItDoesNotKnow) {
  const auto offer = parsed(recorded("sip_room_system.sdp"), Profile::sip);
  ASSERT_EQ(offer.media.size(), 5U);
  EXPECT_EQ(offer.bandwidth_as_bps, 1'920'000U);
  EXPECT_EQ(offer.media[0].connection, "192.0.2.30"); // said at session level
  EXPECT_EQ(offer.media[0].transport.crypto[1].key_details, "2^48");
  EXPECT_EQ(offer.media[1].bandwidth_tias_bps, 1'920'000U);
  EXPECT_EQ(offer.media[1].codecs[1].feedback, feedback_nack_pli | feedback_ccm_fir | feedback_ccm_tmmbr);
  EXPECT_EQ(offer.media[3].content, Content::slides);
  EXPECT_EQ(offer.media[3].label, "12");

  const auto& bfcp = offer.media[2];
  EXPECT_EQ(bfcp.kind, Kind::application);
  EXPECT_EQ(bfcp.protocol, "UDP/BFCP");
  EXPECT_THAT(bfcp.formats, ElementsAre("*"));
  EXPECT_THAT(bfcp.other_lines, ElementsAre("a=floorctrl:c-s", "a=confid:1", "a=floorid:2 mstrm:12",
                                            "a=userid:42", "a=connection:new"));
  EXPECT_EQ(offer.media[4].codecs[0].name, "H224");
}

TEST(SdpParser, ForgivesARoomSystemItsSpacesAndMissingLines) {
  const auto offer = parsed(recorded("sip_untidy.sdp"), Profile::sip);
  ASSERT_EQ(offer.media.size(), 2U);
  EXPECT_EQ(offer.media[0].port, 2326);
  EXPECT_EQ(offer.media[0].codecs.size(), 3U);
  EXPECT_EQ(offer.media[0].ptime_ms, 20);
  // Malformed attributes are kept where they stood, and mean nothing.
  EXPECT_THAT(offer.media[1].other_lines, ElementsAre("a=rtcp-fb:97", "a=extmap:zero urn:x"));
  EXPECT_FALSE(parse(recorded("sip_untidy.sdp"), Profile::webrtc));
}

TEST(SdpParser, TakesSessionLevelKeysForEveryLine) {
  const auto offer = parsed(recorded("sip_dtls.sdp"), Profile::sip);
  for (const auto& media : offer.media) {
    ASSERT_EQ(media.transport.fingerprints.size(), 2U);
    EXPECT_EQ(media.transport.fingerprints[0].algorithm, "sha-1");
    EXPECT_EQ(media.transport.fingerprints[1].value.substr(0, 8), "58:B8:E4");
    EXPECT_EQ(media.transport.setup, sdp::Setup::active);
  }
  EXPECT_EQ(offer.media[0].transport.rtcp_port, 54405);
  EXPECT_EQ(offer.media[0].codecs[0].name, "PCMU"); // a static payload type
}

TEST(SdpParser, AcceptsBareNewlinesAndLoneReturnsInSip) {
  const std::string text = "v=0\ro=- 1 1 IN IP4 1.2.3.4\rs=-\rt=0 0\rm=audio 4000 RTP/AVP 0\r";
  EXPECT_EQ(parsed(text, Profile::sip).media.size(), 1U);
  EXPECT_FALSE(parse(text, Profile::webrtc));
}

struct Malformed {
  const char* text; // after a minimal beginning
  const char* message;
};

class SdpParserRefuses : public testing::TestWithParam<Malformed> {};

TEST_P(SdpParserRefuses, WithTheLineAndWhatIsWrong) {
  const auto result = parse(minimal + std::string(GetParam().text), Profile::webrtc);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::bad_argument);
  EXPECT_EQ(result.error().reason, "sdp_invalid");
  EXPECT_THAT(result.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, SdpParserRefuses,
    testing::Values(
        Malformed{"m=audio\r\n", "line 5: m= has a port"},
        Malformed{"m=audio 70000 RTP/AVP 0\r\n", "line 5: m= has a port"},
        Malformed{"m=audio 9 RTP/AVP 128\r\n", "payload type '128' is not"},
        Malformed{"m=audio 9 RTP/AVP 0 0\r\n", "payload type 0 is named twice"},
        Malformed{"m=audio 9\r\n", "names a protocol"},
        Malformed{"nonsense\r\n", "line 5: a line is one letter"},
        Malformed{"a=setup:maybe\r\n", "line 5: a=setup is active"},
        Malformed{"a=ice-ufrag:a:b:c\r\n", "letters, digits"}, Malformed{"a=ice-pwd:short\r\n", "22 to 256"},
        Malformed{"a=fingerprint:sha-256 AB:CD\r\n", "32 hex pairs"},
        Malformed{"m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU\r\n", "line 6: a=rtpmap has a clock rate"},
        Malformed{"m=audio 9 RTP/AVP 0\r\na=candidate:1 1 udp x 1.2.3.4 5 typ host\r\n", "priority"},
        Malformed{"m=audio 9 RTP/AVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 key\r\n", "'inline:'"},
        Malformed{"m=audio 9 RTP/AVP 0\r\na=mid:a b\r\n", "a=mid is a word"},
        Malformed{"m=audio 9 RTP/AVP 0\r\na=simulcast:both a\r\n", "send or recv"},
        Malformed{"m=audio 9 RTP/AVP 0\r\na=rid:a both\r\n", "send or recv"},
        Malformed{"m=audio 9 RTP/AVP 0\r\na=ssrc:99999999999 cname:x\r\n", "32 bits"},
        Malformed{"m=audio 9 RTP/AVP 0\r\na=extmap:0 urn:x\r\n", "from 1 on"},
        Malformed{"c=IN IP4\r\n", "c= is IN"}, Malformed{"s=a\x01z\r\n", "control character"},
        Malformed{"b=AS:fast\r\n", "number after"}));

TEST(SdpParser, WantsTheFirstLinesInOrder) {
  EXPECT_THAT(parse("", Profile::webrtc).error().message, HasSubstr("empty"));
  EXPECT_THAT(parse("v=0\r\n", Profile::webrtc).error().message, HasSubstr("expected the line o="));
  EXPECT_THAT(parse("o=- 1 1 IN IP4 1.1.1.1\r\n", Profile::webrtc).error().message,
              HasSubstr("line 1: expected"));
  EXPECT_THAT(parse("v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nm=audio 9 RTP/AVP 0\r\n", Profile::webrtc)
                  .error()
                  .message,
              HasSubstr("t= is missing"));
  EXPECT_THAT(parse("v=1\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\n", Profile::webrtc).error().message,
              HasSubstr("line 1: v= is 0"));
}

TEST(SdpParser, NeverShowsKeysInMessages) {
  const auto crypto =
      parse(minimal + std::string("m=audio 9 RTP/SAVP 0\r\na=crypto:x suite inline:TOPSECRET\r\n"),
            Profile::webrtc);
  EXPECT_THAT(crypto.error().message, Not(HasSubstr("TOPSECRET")));
  const auto pwd = parse(minimal + std::string("a=ice-pwd:TOPSECRET\r\n"), Profile::webrtc);
  EXPECT_THAT(pwd.error().message, Not(HasSubstr("TOPSECRET")));
}

TEST(SdpParser, HoldsItsLimitsInBothProfiles) {
  const auto repeated = [](const std::string& line, int times) {
    std::string text = minimal;
    text += "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n";
    for (int i = 0; i < times; ++i)
      text += line + std::to_string(i) + "\r\n";
    return text;
  };
  for (const auto profile : {Profile::webrtc, Profile::sip}) {
    EXPECT_THAT(parse(std::string(70000, 'x'), profile).error().message, HasSubstr("more than 65536"));
    EXPECT_THAT(parse(repeated("m=audio 9 RTP/AVP ", 64), profile).error().message,
                HasSubstr("more than 64 media lines"));
    EXPECT_THAT(parse(repeated("a=ssrc:", 129), profile).error().message, HasSubstr("more than 128 sources"));
    EXPECT_THAT(parse(repeated("a=x", 129), profile).error().message,
                HasSubstr("more than 128 unknown lines"));
    EXPECT_THAT(parse(repeated("a=candidate:1 1 udp 1 1.2.3.4 5 typ host x ", 129), profile).error().message,
                HasSubstr("more than 128 candidates"));
    EXPECT_THAT(parse(std::string(minimal) + "a=" + std::string(5000, 'x') + "\r\n", profile).error().message,
                HasSubstr("line 5: longer than 4096"));
  }
}

TEST(SdpParser, LeavesOutAttributesOfPayloadTypesThatAreNotListed) {
  const auto offer =
      parsed(minimal + std::string("m=audio 9 RTP/AVP 0\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 x=1\r\n"));
  EXPECT_EQ(offer.media[0].codecs.size(), 1U);
  EXPECT_THAT(offer.media[0].other_lines, ElementsAre("a=rtpmap:96 opus/48000/2", "a=fmtp:96 x=1"));
}

TEST(SdpParser, ReadsTcpCandidates) {
  const auto offer =
      parsed(minimal + std::string("m=audio 9 RTP/AVP 0\r\n"
                                   "a=candidate:9 1 TCP 2128609279 2001:db8::1 9 typ srflx raddr 10.0.0.1 "
                                   "rport 8998 tcptype active generation 0\r\n"
                                   "a=candidate:9 1 ssltcp 1 10.0.0.1 9 typ host\r\n"));
  ASSERT_EQ(offer.media[0].transport.candidates.size(), 1U); // unknown transports are no candidates
  const auto& candidate = offer.media[0].transport.candidates[0];
  EXPECT_EQ(candidate.transport, CandidateTransport::tcp);
  EXPECT_EQ(candidate.tcp_type, TcpType::active);
  EXPECT_EQ(candidate.related_port, 8998);
  EXPECT_EQ(write_candidate(candidate), "candidate:9 1 tcp 2128609279 2001:db8::1 9 typ srflx raddr 10.0.0.1 "
                                        "rport 8998 tcptype active generation 0");
}

// Found by the fuzzers: what came back from the writer was not what had been read.
TEST(SdpParser, ReadsBackWhatIsOutOfOrderOrOdd) {
  const auto survives = [](const std::string& lines) {
    const auto description = parsed(minimal + lines, Profile::sip);
    EXPECT_EQ(parsed(write(description), Profile::sip), description) << write(description);
    return description;
  };
  survives("m=audio 9 RTP/AVP 0\r\na=unknown\r\ni=title\r\na =other\r\n");
  survives("a=unknown\r\ne=someone\r\n");
  survives("m=audio 9 RTP/AVP 0\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host rport 7\r\n");
  EXPECT_EQ(survives("m=audio 9 RTP/AVxP 0\r\n").media[0].codecs.size(), 0U); // no profile of RTP
  const std::string key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAEC\r\n";
  EXPECT_EQ(survives("m=audio 9 RTP/SAVP 0\r\n" + key + key).media[0].transport.crypto.size(), 1U);
}

class SdpRoundTrip : public testing::TestWithParam<std::string> {};

TEST_P(SdpRoundTrip, KeepsEverything) {
  const auto profile = GetParam().starts_with("sip") ? Profile::sip : Profile::webrtc;
  const auto text = recorded(GetParam());
  const auto description = parsed(text, profile);
  const auto written = write(description);
  EXPECT_EQ(parsed(written, profile), description) << written;
  EXPECT_EQ(write(parsed(written, profile)), written);
  // All lines of a browser come back as they were; only their order is ours.
  if (!GetParam().starts_with("chromium")) return;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line.resize(line.find_last_not_of('\r') + 1);
    EXPECT_THAT(written, HasSubstr(line + "\r\n"));
  }
}

INSTANTIATE_TEST_SUITE_P(WebRtc, SdpRoundTrip, testing::ValuesIn(webrtc_recordings()));
INSTANTIATE_TEST_SUITE_P(Sip, SdpRoundTrip, testing::ValuesIn(sip_recordings()));

} // namespace
} // namespace viadux::sdp
