// One line for sound, one for a picture: who is forwarded, who gets the mix, who a still.
#include "core/meeting/director.hpp"

#include <gtest/gtest.h>

namespace viadux {
namespace {

constexpr TrackId mix_base = 5000;   // and the owner who is left out
constexpr TrackId still_base = 9000; // and the text
using rtp::Codec;

struct OneLine : testing::Test {
  OneLine() {
    director.use_mixer({[](ParticipantId without, Codec) { return mix_base + without; },
                        [](StillText text, Codec) { return still_base + static_cast<TrackId>(text); }});
  }
  // Participant n: tracks n*10 (audio) and n*10+1 (video), slots 0 (audio) and 1 (video).
  void join(ParticipantId n, Codec codec = Codec::opus, bool camera = true, std::size_t audio_slots = 1,
            const MediaRights& rights = {}) {
    ParticipantSession session;
    session.id = n;
    session.auto_audio = session.stills = true;
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
