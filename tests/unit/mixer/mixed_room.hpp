// A mix with people in it, each of whom sends a tone and hears its own output, in virtual time.
#pragma once

#include "core/mixer/audio_mix.hpp"
#include "tones.hpp"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace viadux::mixer {

using rtp::Codec;

struct Person {
  std::uint64_t id = 0; // owner; its track is 100 + id, its own output 200 + id
  Codec codec = Codec::opus;
  double hz = 0;
  bool tells_level = true;
  bool talks = true;
  std::uint8_t level = 20; // told while it talks
  double amplitude = 0.2;
  std::unique_ptr<Talker> talker;
  std::unique_ptr<Ear> ear;
};

struct Room : testing::Test {
  explicit Room(bool even = false) : mix({.encoding = {}, .even = even}) {}
  AudioMix mix;
  std::map<std::uint64_t, Person> people;
  std::map<std::uint64_t, std::size_t> packets; // by output
  std::int64_t now_us = 1'000'000;
  std::mt19937 random{7};
  double loss = 0;

  Person& join(std::uint64_t id, Codec codec, double hz, bool tells_level = true,
               std::string_view speaks_in = {}, std::string_view hears = {}) {
    Person& person = people[id];
    person.id = id;
    person.codec = codec;
    person.hz = hz;
    person.tells_level = tells_level;
    person.ear = std::make_unique<Ear>(codec);
    EXPECT_TRUE(mix.add_voice(100 + id, id, codec, speaks_in));
    EXPECT_TRUE(mix.add_output(200 + id, id, codec, hears));
    mix.set_wanted(200 + id, true);
    return person;
  }
  void pass(double seconds) {
    for (int i = 0; i < static_cast<int>(seconds * 50); ++i) {
      now_us += frame_us;
      for (auto& [id, person] : people) {
        if (person.hz == 0) continue;
        if (!person.talker)
          person.talker = std::make_unique<Talker>(person.codec, person.hz, person.amplitude);
        const auto payload = person.talker->packet();
        if (std::uniform_real_distribution<>(0, 1)(random) < loss) continue;
        std::optional<std::uint8_t> level;
        if (person.tells_level) level = person.talks ? person.level : 90;
        mix.voice(100 + id)->put(person.talker->sequence, person.talker->timestamp, payload, level, now_us);
      }
      mix.tick(now_us + 3'000, [this](const MixPacket& packet) {
        ++packets[packet.output];
        if (const auto found = people.find(packet.output - 200); found != people.end())
          found->second.ear->hear(packet.payload);
      });
    }
  }
  double hears(std::uint64_t who, std::uint64_t whom) { return people[who].ear->power(people[whom].hz); }
};

inline constexpr double sent_db = -14; // 0.2

} // namespace viadux::mixer
