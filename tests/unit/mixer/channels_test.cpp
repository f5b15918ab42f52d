// Interpreters' channels: who hears them, and how the floor goes down under them and up again. By tones, in
// virtual time.
#include "core/mixer/ducking.hpp"

#include "mixed_room.hpp"

namespace viadux::mixer {
namespace {

constexpr double ducked_db = sent_db - Ducking::depth_db;
constexpr double nothing_db = sent_db - 40;
enum : std::uint64_t { doctor = 1, citizen, interpreter, silent_listener, on_the_floor };

struct Interpreted : Room {
  // The doctor 440 Hz, the citizen 1000, the interpreter 1700; two more listen.
  Interpreted() {
    join(doctor, Codec::opus, 440);
    join(citizen, Codec::opus, 1000, true, "", "ar");
    join(interpreter, Codec::opus, 1700, true, "ar", "");
    join(silent_listener, Codec::opus, 0, true, "", "ar");
    join(on_the_floor, Codec::opus, 0);
  }
  // How loud the doctor is for the listener of the channel, in each 20 ms since the ear was emptied.
  std::vector<double> floor_levels() {
    std::vector<double> levels;
    const std::span<const float> heard = people[silent_listener].ear->sound;
    for (std::size_t at = 0; at + frame_samples <= heard.size(); at += frame_samples)
      levels.push_back(power_db(heard.subspan(at, frame_samples), 440));
    return levels;
  }
  void forget() { people[silent_listener].ear->sound.clear(); }
};

TEST_F(Interpreted, AChannelIsHeardOverTheFloorByThoseWhoHearItAndByNobodyElse) {
  pass(3);
  for (const std::uint64_t listener : {citizen, silent_listener}) {
    EXPECT_NEAR(hears(listener, interpreter), sent_db, 3) << listener;
    EXPECT_NEAR(hears(listener, doctor), ducked_db, 3) << listener;
  }
  EXPECT_NEAR(hears(silent_listener, citizen), ducked_db, 3);
  for (const std::uint64_t listener : {doctor, on_the_floor})
    EXPECT_LT(hears(listener, interpreter), nothing_db) << listener;
  EXPECT_NEAR(hears(on_the_floor, doctor), sent_db, 3);
  EXPECT_NEAR(hears(doctor, citizen), sent_db, 3);
  EXPECT_NEAR(hears(interpreter, doctor), sent_db, 3);
  EXPECT_NEAR(hears(interpreter, citizen), sent_db, 3);
  for (const std::uint64_t who : {doctor, citizen, interpreter})
    EXPECT_LT(hears(who, who), nothing_db) << "nobody hears himself: " << who;
}

TEST_F(Interpreted, TheFloorIsWholeBeforeAndAfterAndGoesDownAndUpInTime) {
  people[citizen].hz = 0;
  people[interpreter].talks = false;
  pass(2);
  forget();
  pass(0.5);
  for (const double level : floor_levels())
    EXPECT_NEAR(level, sent_db, 2) << "nobody interprets";
  people[interpreter].talks = true;
  forget();
  pass(1);
  const std::vector<double> down = floor_levels();
  // 60 ms at most until its first word is played, 100 of fading, and what Opus keeps back.
  EXPECT_GT(down[0], sent_db - 2);
  for (std::size_t i = 10; i < down.size(); ++i)
    EXPECT_NEAR(down[i], ducked_db, 3) << i;
  people[interpreter].talks = false;
  forget();
  pass(1.5);
  const std::vector<double> up = floor_levels();
  // Its own tone is cut off where it is not listened to any more (Voice::hold_us), which is heard at 440 Hz,
  // too.
  const auto cut = [](std::size_t i) { return i >= 18 && i <= 21; };
  for (std::size_t i = 1; i < 24; ++i)
    if (!cut(i)) EXPECT_NEAR(up[i], ducked_db, 3) << "held, " << i;
  for (std::size_t i = 44; i < up.size(); ++i)
    EXPECT_NEAR(up[i], sent_db, 2) << "half a second and 300 ms later, " << i;
  for (std::size_t i = 1; i < up.size(); ++i)
    if (!cut(i)) EXPECT_LT(std::abs(up[i] - up[i - 1]), 3) << "fades, " << i;
}

TEST_F(Interpreted, WhoTakesABreathGoesOn) {
  people[citizen].hz = 0;
  pass(2);
  forget();
  people[interpreter].talks = false;
  pass(0.4);
  people[interpreter].talks = true;
  pass(0.4);
  for (const double level : floor_levels())
    EXPECT_LT(level, ducked_db + 3);
}

TEST_F(Interpreted, WhatIsNoSpeechDucksNothing) {
  people[interpreter].level = AudioMix::ducks_minus_dbov + 2;
  pass(3);
  EXPECT_NEAR(hears(silent_listener, doctor), sent_db, 3);
}

TEST_F(Interpreted, WhoInterpretsInAPairHearsTheFloorWhileHeSpeaksAndTheColleagueOverIt) {
  join(6, Codec::opus, 2300, true, "ar", "ar");
  join(7, Codec::opus, 2900, true, "ar", "ar").talks = false;
  people[interpreter].talks = people[citizen].talks = false;
  pass(3);
  EXPECT_NEAR(hears(6, doctor), sent_db, 3) << "his own voice takes nothing from him";
  EXPECT_LT(people[6].ear->power(2300), nothing_db);
  EXPECT_NEAR(hears(7, 6), sent_db, 3);
  EXPECT_NEAR(hears(7, doctor), ducked_db, 3);
  // They change places; who had an encoding of his own has the others' again without a jump.
  people[6].talks = false;
  people[6].ear->sound.clear();
  pass(2);
  const std::span<const float> heard = people[6].ear->sound;
  for (std::size_t at = frame_samples; at + frame_samples <= heard.size(); at += frame_samples)
    ASSERT_NEAR(power_db(heard.subspan(at, frame_samples), 440), sent_db, 2.5) << at;
  const std::uint64_t encodes = mix.counters().encodes;
  pass(1);
  EXPECT_EQ(mix.counters().encodes - encodes, 50U * 3) << "floor, channel, and the doctor who speaks";
}

TEST_F(Interpreted, NobodyIsEncodedMoreThanOncePerChannelAndCodec) {
  for (std::uint64_t id = 10; id < 200; ++id)
    join(id, id % 2 == 0 ? Codec::opus : Codec::pcma, 0, true, "",
         id % 3 == 0   ? "ar"
         : id % 3 == 1 ? "pl"
                       : "");
  people[citizen].talks = false;
  pass(2);
  const MixCounters before = mix.counters();
  pass(1);
  // Three channels with the floor in two codecs, and the doctor, who hears all but himself. The interpreter
  // is not on the floor that he hears.
  EXPECT_EQ(mix.counters().encodes - before.encodes, 50U * (3 * 2 + 1));
}

TEST_F(Interpreted, AVoiceThatChangesItsChannelGoesOnWithoutABreak) {
  pass(2);
  mix.set_channel(100 + interpreter, "");
  const VoiceCounters before = mix.voice_counters();
  pass(1.5);
  EXPECT_NEAR(hears(on_the_floor, interpreter), sent_db, 3);
  EXPECT_NEAR(hears(silent_listener, doctor), sent_db, 3) << "nobody interprets any more";
  EXPECT_LT(people[interpreter].ear->power(1700), nothing_db);
  EXPECT_EQ(mix.voice_counters().underruns, before.underruns);
  mix.set_channel(100 + interpreter, "pl");
  pass(1.5);
  EXPECT_LT(hears(silent_listener, interpreter), nothing_db);
  EXPECT_LT(hears(on_the_floor, interpreter), nothing_db);
}

TEST_F(Interpreted, AFullFloorLeavesTheInterpreterHisPlace) {
  for (std::uint64_t id = 10; id < 30; ++id)
    join(id, Codec::opus, 100 * static_cast<double>(id)).level = 10;
  people[interpreter].hz = 3500;
  people[interpreter].level = 45;
  pass(2);
  EXPECT_GT(people[silent_listener].ear->power(3500), sent_db - 6);
}

TEST(Duck, ItsFadesHaveNoStep) {
  Ducking ducking;
  Frame one;
  one.fill(1);
  float last = 1;
  std::int64_t now_us = 0;
  const auto pass = [&](int frames, bool spoken) {
    for (int i = 0; i < frames; ++i) {
      ducking.step(spoken, now_us += frame_us);
      Frame heard{};
      ducking.add(one, heard);
      for (const float sample : heard) {
        ASSERT_LE(std::abs(sample - last), 0.0003F) << "of full scale, from sample to sample";
        last = sample;
      }
    }
  };
  pass(3, false);
  EXPECT_EQ(last, 1);
  pass(5, true);
  const float down = std::pow(10.0F, -14.0F / 20);
  EXPECT_NEAR(last, down, 0.001) << "within 100 ms";
  pass(24, false);
  EXPECT_NEAR(last, down, 0.001) << "held";
  pass(16, false);
  EXPECT_NEAR(last, 1, 0.001) << "300 ms";
}

} // namespace
} // namespace viadux::mixer
