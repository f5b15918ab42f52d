// Voices of different loudness become alike; pauses, hums and fans stay what they are.
#include "core/mixer/leveller.hpp"

#include "core/mixer/voice.hpp"
#include "tones.hpp"

#include <gtest/gtest.h>

namespace viadux::mixer {
namespace {

// Words of 300 ms with 200 ms between them; amplitudes of a sine, so that its level is 3 dB lower.
struct Speaker {
  Leveller leveller;
  Tone words, room;
  int frames = 0;
  double word_dbov = 0, pause_dbov = 0; // as they come out

  explicit Speaker(double loud, double quiet = 0.0003) : words(300, loud), room(120, quiet) {}
  void speak(double seconds) {
    for (int i = 0; i < static_cast<int>(seconds * 50); ++i) {
      const bool word = frames++ % 25 >= 10;
      Frame frame = word ? words.frame() : room.frame();
      leveller.run(frame);
      (word ? word_dbov : pause_dbov) = -static_cast<double>(level_of(frame));
    }
  }
  void be_silent(double seconds) {
    for (int i = 0; i < static_cast<int>(seconds * 50); ++i) {
      Frame frame = room.frame();
      leveller.run(frame);
    }
  }
};

TEST(Leveller, QuietAndLoudBecomeAlike) {
  Speaker quiet(0.025), loud(0.22);
  quiet.speak(15);
  loud.speak(15);
  EXPECT_NEAR(quiet.word_dbov, Leveller::wanted_dbov, 1.5);
  EXPECT_NEAR(loud.word_dbov, Leveller::wanted_dbov, 1.5);
  Speaker right(0.0709);
  right.speak(15);
  EXPECT_NEAR(right.leveller.gain_db(), 0, 0.5);
}

TEST(Leveller, DoesNotTurnFurtherThanTwelveDecibels) {
  Speaker whisper(0.005), shout(1.0);
  whisper.speak(30);
  shout.speak(30);
  EXPECT_NEAR(whisper.leveller.gain_db(), Leveller::most_db, 0.1);
  EXPECT_NEAR(shout.leveller.gain_db(), -Leveller::most_db, 0.1);
}

TEST(Leveller, IsSlow) {
  Speaker quiet(0.02);
  quiet.speak(1);
  EXPECT_LE(quiet.leveller.gain_db(), 3.01) << "decibels in a second";
  EXPECT_GT(quiet.leveller.gain_db(), 1);
}

TEST(Leveller, LeavesHumsAndPausesAlone) {
  Speaker fan(0.0, 0.01);
  fan.be_silent(30);
  EXPECT_EQ(fan.leveller.gain_db(), 0) << "there has been no word";
  Speaker quiet(0.02);
  quiet.speak(15);
  const double before = quiet.leveller.gain_db();
  quiet.be_silent(30);
  EXPECT_NEAR(quiet.leveller.gain_db(), before, 0.2) << "it waits for the next word";
  Speaker beside_a_fan(0.0709, 0.009);
  beside_a_fan.speak(20);
  EXPECT_NEAR(beside_a_fan.leveller.gain_db(), 0, 0.5) << "its words count";
}

TEST(Leveller, ChangesWithoutSteps) {
  Leveller leveller;
  Tone words(300, 0.02), pause(300, 0.0003);
  float before = 0;
  for (int i = 0; i < 500; ++i) {
    Frame frame = i % 25 >= 10 ? words.frame() : pause.frame();
    const Frame plain = frame;
    leveller.run(frame);
    for (std::size_t k = 0; k < frame_samples; ++k) {
      if (std::abs(plain[k]) < 0.0001F) continue;
      const float gain = frame[k] / plain[k];
      if (before > 0) {
        ASSERT_NEAR(gain, before, 0.01F) << i << " " << k;
      }
      before = gain;
    }
  }
  EXPECT_GT(before, 1.5F);
}

} // namespace
} // namespace viadux::mixer
