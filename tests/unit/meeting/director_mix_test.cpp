// One line for sound, one for a picture: who is forwarded, who gets the mix, who a still.
#include "core/meeting/director.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>

namespace viadux {
namespace {

constexpr TrackId mix_base = 5000;     // and the owner who is left out
constexpr TrackId still_base = 9000;   // and the text
constexpr TrackId view_base = 7000;    // and who is not to be large
constexpr TrackId channel_base = 6000; // and the owner who is left out
constexpr TrackId made_base = 20000;   // and what it is made from
using rtp::Codec;

struct OneLine : testing::Test {
  OneLine() {
    director.use_mixer(
        {[](ParticipantId without, const std::string& channel, Codec) {
           return channel.empty() ? mix_base + without : channel_base + without;
         },
         [](StillText text, Codec) { return still_base + static_cast<TrackId>(text); },
         [](const MixView& view, Codec) { return view_base + view.not_large + (view.slides ? 500 : 0); },
         [](TrackId track, Codec codec) { return made_base + track + (codec == Codec::h264 ? 1000 : 0); }});
  }
  // Participant n: tracks n*10 (audio) and n*10+1 (video), slots 0 (audio) and 1 (video).
  void join(ParticipantId n, Codec codec = Codec::opus, bool camera = true, std::size_t audio_slots = 1,
            const MediaRights& rights = {}) {
    ParticipantSession session;
    session.id = n;
    session.auto_audio = session.auto_video = session.stills = true;
    session.tracks = {{n * 10, "0", MediaKind::audio, MediaContent::main, codec},
                      {n * 10 + 1, "1", MediaKind::video, MediaContent::main, Codec::vp8}};
    for (std::uint32_t i = 0; i < audio_slots; ++i)
      session.slots.push_back({i == 0 ? 0 : i + 1, "", MediaKind::audio, MediaContent::main, {codec}});
    session.slots.push_back({1, "", MediaKind::video, MediaContent::main, {Codec::vp8}});
    director.set_participant(n, n, rights);
    director.set_session(n, session);
    director.set_active(n * 10, true);
    director.set_active(n * 10 + 1, camera);
  }
  TrackId heard(ParticipantId n) {
    director.decide(now);
    return director.filled_with(n, 0);
  }
  TrackId seen(ParticipantId n) {
    director.decide(now);
    return director.filled_with(n, 1);
  }
  Director director;
  std::int64_t now = 1'000'000;
};

TEST_F(OneLine, TwoAreForwardedAndNothingIsMixed) {
  join(1);
  EXPECT_EQ(heard(1), 0U);
  join(2);
  EXPECT_EQ(heard(1), 20U);
  EXPECT_EQ(heard(2), 10U);
  EXPECT_TRUE(director.voices().empty());
}

TEST_F(OneLine, ThreeGetTheMixWithoutThemselves) {
  for (ParticipantId n = 1; n <= 3; ++n)
    join(n);
  for (ParticipantId n = 1; n <= 3; ++n)
    EXPECT_EQ(heard(n), mix_base + n);
  EXPECT_EQ(director.voices(), (std::vector<MixVoice>{{10, 1}, {20, 2}, {30, 3}}));
}

TEST_F(OneLine, AMuteDoesNotFlap) {
  for (ParticipantId n = 1; n <= 3; ++n)
    join(n);
  EXPECT_EQ(heard(1), mix_base + 1);
  MediaRights muted;
  muted.send_audio = false;
  director.set_participant(3, 3, muted);
  now += 1'000'000;
  EXPECT_EQ(heard(1), mix_base + 1) << "for a while";
  EXPECT_EQ(director.voices(), (std::vector<MixVoice>{{10, 1}, {20, 2}})) << "but who is muted is in no mix";
  now += Director::mix_hold_us;
  EXPECT_EQ(heard(1), 20U);
  director.set_participant(3, 3, {});
  EXPECT_EQ(heard(1), mix_base + 1) << "at once: somebody would not be heard";
}

TEST_F(OneLine, CodecsThatDoNotAgreeAreMixedAlways) {
  join(1, Codec::opus);
  join(2, Codec::pcma);
  EXPECT_EQ(heard(1), mix_base + 1);
  EXPECT_EQ(heard(2), mix_base + 2);
  EXPECT_EQ(director.voices().size(), 2U);
}

TEST_F(OneLine, SeveralAudioLinesAreForwardedAsEver) {
  join(1, Codec::opus, true, 3);
  for (ParticipantId n = 2; n <= 4; ++n)
    join(n);
  EXPECT_LT(heard(1), mix_base);
  EXPECT_NE(heard(1), 0U);
}

// ---- channels: 1 is the doctor, 2 the citizen, 3 the interpreter

struct Interpreted : OneLine {
  Interpreted() {
    for (ParticipantId n = 1; n <= 3; ++n)
      join(n);
    director.set_channels(2, "", "ar");
    director.set_channels(3, "ar", "");
  }
};

TEST_F(Interpreted, WhoHearsAChannelGetsItsMixAndTheFloorIsAsIfTheInterpreterWereNotThere) {
  EXPECT_EQ(heard(1), 20U) << "the one other on the floor is forwarded";
  EXPECT_EQ(heard(2), channel_base + 2);
  EXPECT_EQ(heard(3), mix_base + 3);
  EXPECT_EQ(director.voices(), (std::vector<MixVoice>{{10, 1}, {20, 2}, {30, 3, "ar"}}));
  director.set_channels(2, "", "");
  EXPECT_EQ(heard(2), 10U) << "what it heard before";
  EXPECT_EQ(director.voices(), (std::vector<MixVoice>{{10, 1}, {20, 2}})) << "a channel that nobody hears";
  director.set_channels(3, "", "");
  for (ParticipantId n = 1; n <= 3; ++n)
    EXPECT_EQ(heard(n), mix_base + n);
}

TEST_F(Interpreted, OfSeveralAudioLinesTheFirstHasTheChannelAndTheOthersNothing) {
  join(4, Codec::opus, true, 3); // lines 0, 2 and 3
  EXPECT_NE(heard(4), 30U);
  const std::vector<TrackId> before{heard(4), director.filled_with(4, 2), director.filled_with(4, 3)};
  EXPECT_EQ(std::ranges::count(before, 30U), 0) << "an interpreter is no voice of the floor";
  EXPECT_EQ(std::ranges::count(before, 0U), 1);
  director.set_channels(4, "", "ar");
  EXPECT_EQ(heard(4), channel_base + 4);
  EXPECT_EQ(director.filled_with(4, 2), 0U);
  EXPECT_EQ(director.filled_with(4, 3), 0U);
  director.set_channels(4, "", "");
  EXPECT_EQ((std::vector<TrackId>{heard(4), director.filled_with(4, 2), director.filled_with(4, 3)}), before);
}

TEST_F(Interpreted, ASessionThatIsForwardedOnlyHearsAChannelAsWell) {
  ParticipantSession plain;
  plain.id = 4;
  plain.slots = {{0, "", MediaKind::audio, MediaContent::main, {Codec::opus}}};
  director.set_participant(4, 4, {});
  director.set_session(4, plain);
  EXPECT_LT(heard(4), 30U);
  director.set_channels(4, "", "ar");
  EXPECT_EQ(heard(4), channel_base + 4);
  MediaRights deaf;
  deaf.receive_audio = false;
  director.set_participant(4, 4, deaf);
  EXPECT_EQ(heard(4), 0U);
}

TEST_F(Interpreted, WithoutAMixTheFloorIsBetterThanNothing) {
  director.use_mixer({[](ParticipantId, const std::string&, Codec) { return TrackId{0}; },
                      [](StillText, Codec) { return TrackId{0}; }});
  EXPECT_EQ(heard(2), 10U);
}

TEST_F(Interpreted, AnInterpreterIsNotTheSpeaker) {
  const auto talks = [&](TrackId track) {
    for (int i = 0; i < 20; ++i)
      director.add_levels(std::array{AudioLevel{track, 10}}, now += 200'000);
  };
  talks(20);
  talks(30);
  EXPECT_EQ(director.speaker(), 2U);
  director.set_channels(3, "", "");
  talks(30);
  EXPECT_EQ(director.speaker(), 3U);
  director.set_channels(3, "ar", "");
  EXPECT_EQ(director.speaker(), 2U) << "nor is who begins to interpret";
}

TEST_F(OneLine, WhoWaitsHearsNothingAndSeesThatItWaits) {
  join(1);
  join(2);
  join(3, Codec::opus, true, 1, {false, false, false, false, false, false});
  EXPECT_EQ(heard(3), 0U);
  EXPECT_EQ(seen(3), still_base + 1);
  EXPECT_EQ(heard(1), 20U) << "nor is it heard";
  EXPECT_EQ(seen(1), 21U);
}

TEST_F(OneLine, AloneOrWithoutACameraThereIsAStill) {
  join(1);
  EXPECT_EQ(seen(1), still_base + 2);
  join(2, Codec::opus, false);
  EXPECT_EQ(seen(1), still_base + 3);
  director.set_active(21, true);
  EXPECT_EQ(seen(1), 21U);
  director.remove_participant(2);
  EXPECT_EQ(seen(1), still_base + 2);
}

TEST_F(OneLine, TwoSeeEachOtherForwardedAndThreeAComposedPicture) {
  join(1);
  join(2);
  EXPECT_EQ(seen(1), 21U);
  EXPECT_EQ(seen(2), 11U);
  EXPECT_TRUE(director.scene().people.empty()) << "nothing is composed";
  join(3);
  EXPECT_EQ(seen(1), view_base + 1) << "who is large does not look at himself";
  EXPECT_EQ(seen(2), view_base);
  EXPECT_EQ(seen(3), view_base);
  const MixScene scene = director.scene();
  ASSERT_EQ(scene.people.size(), 3U);
  EXPECT_EQ(scene.people[2].track, 31U);
  EXPECT_EQ(scene.people[2].owner, 3U);
  EXPECT_EQ(scene.first, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(OneLine, WhoSpeaksIsLargeForAllOthers) {
  for (ParticipantId n = 1; n <= 4; ++n)
    join(n);
  for (int i = 0; i < 20; ++i) {
    now += 200'000;
    director.add_levels(std::array{AudioLevel{30, 10}}, now);
  }
  EXPECT_EQ(seen(3), view_base + 3);
  EXPECT_EQ(seen(1), view_base);
  EXPECT_EQ(director.scene().first.front(), 3U);
  EXPECT_EQ(director.scene().speaker, 3U);
  director.set_spotlight({2});
  EXPECT_EQ(seen(2), view_base + 2);
  EXPECT_EQ(seen(3), view_base);
  EXPECT_EQ(director.scene().first, (std::vector<std::uint64_t>{2, 3, 1}));
}

TEST_F(OneLine, ACameraThatGoesOffForAMomentMakesNoSwitch) {
  for (ParticipantId n = 1; n <= 3; ++n)
    join(n);
  EXPECT_EQ(seen(2), view_base);
  director.set_active(31, false);
  now += 1'000'000;
  EXPECT_EQ(seen(2), view_base);
  EXPECT_EQ(director.scene().people.size(), 2U);
  EXPECT_EQ(director.look_again_us(), now - 1'000'000 + Director::mix_hold_us) << "though nobody says a word";
  now += Director::mix_hold_us;
  EXPECT_EQ(seen(2), 11U);
  EXPECT_EQ(seen(3), view_base) << "who has no camera sees two";
}

TEST_F(OneLine, APresentationIsInThePicture) {
  for (ParticipantId n = 1; n <= 2; ++n)
    join(n);
  ParticipantSession presenting;
  presenting.id = 77;
  presenting.tracks = {{78, "", MediaKind::video, MediaContent::slides, Codec::vp8}};
  director.set_session(2, presenting);
  director.set_active(78, true);
  EXPECT_EQ(seen(1), view_base + 500);
  EXPECT_EQ(seen(2), 11U) << "who presents sees the other";
  EXPECT_EQ(director.scene().slides, 78U);
  director.remove_session(77);
  now += Director::mix_hold_us;
  EXPECT_EQ(seen(1), 21U);
}

// Participant n, with the picture in that codec both ways, in two slots.
ParticipantSession pages(ParticipantId n, Codec codec, std::uint8_t mode = 0) {
  ParticipantSession session;
  session.id = n;
  session.tracks = {{n * 10 + 1, "1", MediaKind::video, MediaContent::main, codec, mode}};
  session.slots = {{0, "", MediaKind::video, MediaContent::main, {codec}, mode},
                   {1, "", MediaKind::video, MediaContent::main, {codec}, mode}};
  return session;
}

TEST_F(OneLine, WhoLacksACodecIsShownThePictureTranscoded) {
  const auto page = [&](ParticipantId n, Codec codec, std::uint8_t mode) {
    director.set_participant(n, n, {});
    director.set_session(n, pages(n, codec, mode));
    director.set_active(n * 10 + 1, true);
  };
  page(1, Codec::vp8, 0);
  page(2, Codec::vp8, 0);
  page(3, Codec::h264, 1);
  director.decide(now);
  EXPECT_EQ(director.filled_with(1, 0), 21U) << "those who agree are forwarded";
  EXPECT_EQ(director.filled_with(1, 1), made_base + 31);
  EXPECT_EQ(director.owner_of(made_base + 31), 3U) << "it is still that one's picture";
  EXPECT_EQ(director.filled_with(3, 0), made_base + 1000 + 11);
  EXPECT_EQ(director.filled_with(3, 1), made_base + 1000 + 21);
  page(4, Codec::h264, 0);
  director.remove_participant(1);
  director.remove_participant(2);
  director.decide(now);
  EXPECT_EQ(director.filled_with(3, 0), 41U) << "single NAL units go to anybody";
  EXPECT_EQ(director.filled_with(4, 0), made_base + 1000 + 31) << "fragments do not";
}

TEST_F(OneLine, WhoDidNotAskGetsNeither) {
  join(2);
  join(3);
  ParticipantSession plain;
  plain.id = 1;
  plain.slots = {{0, "", MediaKind::audio, MediaContent::main, {Codec::opus}},
                 {1, "", MediaKind::video, MediaContent::main, {Codec::vp8}}};
  director.set_participant(1, 1, {});
  director.set_session(1, plain);
  EXPECT_EQ(heard(1), 20U);
  EXPECT_EQ(seen(1), 21U);
  director.remove_participant(2);
  director.remove_participant(3);
  EXPECT_EQ(seen(1), 0U);
}

} // namespace
} // namespace viadux
