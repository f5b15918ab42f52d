#include "core/rtp/active_speakers.hpp"
#include "core/rtp/audio_level.hpp"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <utility>

namespace viadux::rtp {
namespace {

TEST(LevelMeter, RisesFastFallsSlowlyAndForgets) {
  LevelMeter meter;
  EXPECT_EQ(meter.minus_dbov(0), silence_dbov);
  std::int64_t now = 1'000'000;
  for (int i = 0; i < 4; ++i)
    meter.on_packet(0x80 | 20, now += 20'000);
  EXPECT_LE(meter.minus_dbov(now), 28);
  EXPECT_TRUE(meter.heard_since(now - 100'000));
  meter.on_packet(127, now += 20'000);
  EXPECT_LT(meter.minus_dbov(now), 45); // still loud after one silent packet
  for (int i = 0; i < 60; ++i)
    meter.on_packet(127, now += 20'000);
  EXPECT_GT(meter.minus_dbov(now), 115);
  meter.on_packet(20, now);
  EXPECT_EQ(meter.minus_dbov(now + 600'000), silence_dbov);
}

class SpeakersTest : public testing::Test {
 protected:
  SpeakersTest() {
    for (ActiveSpeakers::SpeakerId id = 1; id <= 4; ++id)
      speakers_.add(id);
  }
  // The given levels for so long; everybody else is silent.
  void talk(std::int64_t duration_us,
            std::initializer_list<std::pair<ActiveSpeakers::SpeakerId, std::uint8_t>> who) {
    for (const std::int64_t end = now_ + duration_us; now_ < end; now_ += 20'000) {
      for (const auto& [id, level] : who)
        speakers_.on_level(id, level, now_);
      if (speakers_.update(now_)) ++changes_;
    }
  }
  ActiveSpeakers speakers_;
  std::int64_t now_ = 1'000'000;
  int changes_ = 0;
};

TEST_F(SpeakersTest, NobodyUntilSomebodySpeaks) {
  talk(1'000'000, {{1, 127}, {2, 80}});
  EXPECT_EQ(speakers_.dominant(), 0U);
  talk(100'000, {{2, 30}});
  EXPECT_EQ(speakers_.dominant(), 2U);
}

TEST_F(SpeakersTest, TheNextSpeakerTakesOverWithinASecond) {
  talk(3'000'000, {{1, 30}});
  talk(200'000, {{2, 30}});
  EXPECT_EQ(speakers_.dominant(), 1U);
  talk(700'000, {{2, 30}});
  EXPECT_EQ(speakers_.dominant(), 2U);
  EXPECT_EQ(changes_, 2);
}

TEST_F(SpeakersTest, ACoughDoesNotTakeThePicture) {
  talk(3'000'000, {{1, 35}});
  talk(150'000, {{1, 35}, {2, 10}});
  talk(1'000'000, {{1, 35}});
  EXPECT_EQ(speakers_.dominant(), 1U);
  EXPECT_EQ(changes_, 1);
}

TEST_F(SpeakersTest, TwoWhoSpeakAtOnceDoNotMakeItFlicker) {
  talk(2'000'000, {{1, 30}});
  for (int i = 0; i < 50; ++i)
    talk(100'000, {{1, static_cast<std::uint8_t>(28 + i % 4)}, {2, static_cast<std::uint8_t>(28 + i % 3)}});
  EXPECT_EQ(speakers_.dominant(), 1U);
  EXPECT_EQ(changes_, 1);
}

TEST_F(SpeakersTest, ANoisyRoomLosesAgainstSpeech) {
  talk(3'000'000, {{3, 60}});
  EXPECT_EQ(speakers_.dominant(), 3U);
  talk(1'000'000, {{3, 60}, {4, 30}});
  EXPECT_EQ(speakers_.dominant(), 4U);
  talk(1'000'000, {{3, 60}});
  EXPECT_EQ(speakers_.dominant(), 3U);
}

TEST_F(SpeakersTest, StaysThroughSilenceAndGoesWhenTheSpeakerLeaves) {
  talk(1'000'000, {{1, 30}});
  talk(10'000'000, {});
  EXPECT_EQ(speakers_.dominant(), 1U);
  speakers_.remove(1);
  EXPECT_EQ(speakers_.dominant(), 0U);
}

TEST_F(SpeakersTest, ListsTheLoudestWithTheDominantInFront) {
  talk(2'000'000, {{3, 40}});
  talk(200'000, {{1, 50}, {2, 20}, {3, 40}});
  std::array<ActiveSpeakers::SpeakerId, 3> list{};
  ASSERT_EQ(speakers_.loudest(now_, list), 3U);
  EXPECT_EQ(list, (std::array<ActiveSpeakers::SpeakerId, 3>{3, 2, 1}));
  std::array<ActiveSpeakers::SpeakerId, 1> one{};
  ASSERT_EQ(speakers_.loudest(now_, one), 1U);
  EXPECT_EQ(one[0], 3U);
  EXPECT_EQ(speakers_.loudest(now_ + 5'000'000, list), 0U);
  EXPECT_EQ(speakers_.loudest(now_, {}), 0U);
}

TEST_F(SpeakersTest, IsBounded) {
  ActiveSpeakers few(2);
  EXPECT_TRUE(few.add(1));
  EXPECT_TRUE(few.add(1));
  EXPECT_TRUE(few.add(2));
  EXPECT_FALSE(few.add(3));
  EXPECT_FALSE(few.add(0));
  few.on_level(99, 10, 0); // nobody we know
  EXPECT_FALSE(few.update(0));
}

} // namespace
} // namespace viadux::rtp
