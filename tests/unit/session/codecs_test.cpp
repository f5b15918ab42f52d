// What a policy says of a session: which codecs it may agree on, and the marks on what is sent.
#include "calls.hpp"

namespace viadux {
namespace {

using rtp::Codec;

struct Codecs : Calls {
  SessionRequest with(std::vector<Codec> codecs, const Call& call) const {
    SessionRequest asked = request(sip_offer({call.audio.media_line(), call.video.media_line()}));
    asked.profile = SdpProfile::sip;
    asked.video_codec = VideoCodec::h264;
    asked.codecs = std::move(codecs);
    return asked;
  }
  static bool has_picture(const SessionAnswer& answer) {
    return answer.answer.find("m=video 0 ") == std::string::npos;
  }
  double other_sound() { return metric("viadux_media_other_sound_total"); }
};

TEST_F(Codecs, TheFirstThatThePeerHasIsTakenAlsoLaterOn) {
  const Call unit("", "", {0, 8, 9, 100, 101});
  const auto answer = engine_->open(with({Codec::pcma, Codec::g722, Codec::h264}, unit));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(sounds(*answer), "8 101") << "keys pressed go beside any sound";
  EXPECT_TRUE(has_picture(*answer));
  const Call without("", "", {0, 9, 100});
  const auto later = engine_->update(answer->session, with({}, without).offer);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(sounds(*later), "9") << "neither Opus nor PCMU is among the codecs";
}

TEST_F(Codecs, WithoutACodecForPicturesThereIsSoundAlone) {
  const Call unit("", "");
  const auto answer = engine_->open(with({Codec::opus}, unit));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_FALSE(has_picture(*answer)) << answer->answer;
  EXPECT_EQ(sounds(*answer), "100");
  const auto vp8 = engine_->open(with({Codec::opus, Codec::vp8}, unit));
  ASSERT_TRUE(vp8) << vp8.error().message;
  EXPECT_FALSE(has_picture(*vp8)) << "nobody transcodes here, and the unit has no VP8";
}

TEST_F(Codecs, NobodyIsLeftWithoutSound) {
  const Call old("", "", {0, 8}), unit("", "");
  const auto other = engine_->open(with({Codec::opus, Codec::h264}, old));
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(sounds(*other), "8") << "of what the house knows, the best";
  EXPECT_TRUE(has_picture(*other));
  EXPECT_EQ(other_sound(), 1);
  const auto pictures = engine_->open(with({Codec::h264}, unit));
  ASSERT_TRUE(pictures) << pictures.error().message;
  EXPECT_EQ(sounds(*pictures), "100");
  EXPECT_EQ(other_sound(), 1) << "a wish for pictures alone says nothing of sound";
}

TEST_F(Codecs, OurOffersHaveNoOthers) {
  const Call unit("", "");
  SessionRequest asked = with({Codec::pcma, Codec::opus, Codec::vp8}, unit);
  asked.other_codecs = true;
  constexpr std::array lines{OfferedLine{MediaKind::audio, MediaContent::main},
                             OfferedLine{MediaKind::video, MediaContent::main}};
  const auto offered = engine_->offer(asked, lines);
  ASSERT_TRUE(offered) << offered.error().message;
  EXPECT_EQ(sounds(*offered), "8 111 126");
  EXPECT_NE(offered->answer.find("VP8/90000"), std::string::npos);
  EXPECT_EQ(offered->answer.find("H264"), std::string::npos);
  EXPECT_EQ(offered->answer.find("G722"), std::string::npos);
}

// The header's octet on what arrives at a phone that is sent sound and pictures, by line.
struct Marked : Codecs {
  void marks(std::optional<std::uint8_t> audio, std::optional<std::uint8_t> video, int on_sound,
             int on_picture) {
    Call alice("", ""), bob("", "");
    start(alice);
    phones.clear(); // bob's sockets are read below
    SessionRequest asked = with({}, bob);
    asked.dscp_audio = audio;
    asked.dscp_video = video;
    const auto answer = engine_->open(asked);
    ASSERT_TRUE(answer) << answer.error().message;
    bob.answer = *answer;
    ASSERT_TRUE(bob.audio.accept(answer->answer, 0) && bob.video.accept(answer->answer, 1));
    int octet = 0;
    ASSERT_TRUE(bob.audio.rtp().receive_marked(octet).empty());
    ASSERT_TRUE(bob.video.rtp().receive_marked(octet).empty());
    ASSERT_TRUE(until([&] { return media_.connected.contains(answer->session); }));
    ASSERT_NO_FATAL_FAILURE(connect(alice, bob));
    std::map<int, int> sound, picture; // packets by octet
    EXPECT_TRUE(until([&] {
      const std::uint16_t sequence = ++alice.sequence;
      alice.audio.send(100, 0xa0d10, sequence, Payload(160, 3));
      alice.video.send(97, 0x71de0, sequence, h264_key_frame(3));
      while (!bob.audio.rtp().receive_marked(octet).empty())
        ++sound[octet];
      while (!bob.video.rtp().receive_marked(octet).empty())
        ++picture[octet];
      return sound[on_sound] > 10 && picture[on_picture] > 10;
    }));
    EXPECT_EQ(sound.size(), 1U) << testing::PrintToString(sound);
    EXPECT_EQ(picture.size(), 1U) << testing::PrintToString(picture);
    ASSERT_TRUE(engine_->close(alice.answer.session));
    ASSERT_TRUE(engine_->close(bob.answer.session));
  }
};

TEST_F(Marked, AreThoseOfTheSession) {
  ASSERT_NO_FATAL_FAILURE(marks(std::nullopt, std::nullopt, 0, 0));
  ASSERT_NO_FATAL_FAILURE(marks(46, 34, 46 << 2, 34 << 2));
}

struct MarkedHouse : Marked {
  MarkedHouse() {
    restart([](EngineOptions& options) { options.dscp_audio = options.dscp_video = 10; });
  }
};
TEST_F(MarkedHouse, AreTheConfigurationsWhereASessionHasNone) {
  ASSERT_NO_FATAL_FAILURE(marks(std::nullopt, std::nullopt, 40, 40));
  ASSERT_NO_FATAL_FAILURE(marks(std::nullopt, 0, 40, 0));
}

} // namespace
} // namespace viadux
