// Who hears whom, by tones, in virtual time.
#include "core/mixer/audio_mix.hpp"

#include "mixed_room.hpp"

#include <algorithm>

namespace viadux::mixer {
namespace {

TEST_F(Room, EachHearsTheOthersAndNotItself) {
  join(1, Codec::opus, 440);
  join(2, Codec::opus, 1000);
  join(3, Codec::opus, 1700);
  join(4, Codec::opus, 0); // listens
  pass(3);
  for (std::uint64_t who = 1; who <= 4; ++who)
    for (std::uint64_t whom = 1; whom <= 3; ++whom) {
      if (who == whom) {
        EXPECT_LT(hears(who, whom), sent_db - 40) << who;
      } else {
        EXPECT_NEAR(hears(who, whom), sent_db, 3) << who << " hears " << whom;
      }
    }
}

struct EvenRoom : Room {
  EvenRoom() : Room(true) {}
};

TEST_F(EvenRoom, WhoIsLouderThanTheOthersIsTurnedDown) {
  join(1, Codec::opus, 440);
  join(2, Codec::opus, 0);
  loss = 0.1; // its holes are the pauses between words
  pass(6);
  EXPECT_LT(hears(2, 1), sent_db - 6);
  EXPECT_GT(hears(2, 1), sent_db - 13);
}

TEST_F(Room, TelephonesAndBrowsersHearEachOther) {
  join(1, Codec::opus, 440);
  join(2, Codec::pcma, 1000, false);
  join(3, Codec::pcmu, 1700, false);
  join(4, Codec::g722, 2500, false);
  pass(3);
  for (std::uint64_t who = 1; who <= 4; ++who)
    for (std::uint64_t whom = 1; whom <= 4; ++whom) {
      if (who == whom) {
        EXPECT_LT(hears(who, whom), sent_db - 38) << who; // the floor of eight bits
      } else {
        EXPECT_NEAR(hears(who, whom), sent_db, 3) << who << " hears " << whom;
      }
    }
}

TEST_F(Room, WhoIsQuietIsNotDecodedAndComesBackWithTheFirstWord) {
  join(1, Codec::opus, 440).talks = false;
  join(2, Codec::opus, 0);
  pass(1);
  EXPECT_EQ(mix.voice_counters().decoded, 0U);
  EXPECT_GT(mix.voice_counters().skipped, 40U);
  EXPECT_EQ(mix.counters().voices_mixed, 0U);
  people[1].talks = true;
  people[2].ear->sound.clear();
  pass(1);
  const auto& heard = people[2].ear->sound;
  // Silence for no longer than the buffer waits (40 ms, less a word's beginning that was kept).
  const auto onset = std::ranges::find_if(heard, [](float sample) { return std::abs(sample) > 0.05F; });
  EXPECT_LT(onset - heard.begin(), 48 * 80);
  EXPECT_EQ(mix.speakers(now_us, 1'000'000), std::vector<std::uint64_t>{1});
  people[1].talks = false;
  pass(2);
  EXPECT_TRUE(mix.speakers(now_us, 1'000'000).empty());
}

TEST_F(Room, TenPercentLossLeavesTheToneWhole) {
  join(1, Codec::opus, 440);
  join(2, Codec::opus, 0);
  loss = 0.1;
  pass(6);
  EXPECT_NEAR(hears(2, 1), sent_db, 3);
  EXPECT_GT(mix.voice_counters().recovered, 10U) << "by FEC";
  // A single loss is filled from the packet behind it; two in a row fade, as nothing tells what they were.
  const auto& heard = people[2].ear->sound;
  int pieces = 0, weak = 0;
  for (std::size_t at = rate_hz; at + frame_samples < heard.size(); at += frame_samples) {
    ++pieces;
    weak += power_db(std::span(heard).subspan(at, frame_samples), 440) < sent_db - 15 ? 1 : 0;
  }
  EXPECT_LT(weak, pieces / 10) << "of " << pieces;
}

TEST_F(Room, UnevenArrivalIsEvenedOut) {
  join(1, Codec::opus, 440);
  join(2, Codec::opus, 0);
  Person& person = people[1];
  person.talker = std::make_unique<Talker>(Codec::opus, 440);
  person.hz = 0;
  std::multimap<std::int64_t, std::function<void()>> network;
  std::uint64_t underruns_early = 0;
  for (int i = 0; i < 500; ++i) {
    if (i == 250) underruns_early = mix.voice_counters().underruns;
    const auto payload = person.talker->packet();
    const std::int64_t arrival = now_us + std::uniform_int_distribution<std::int64_t>(0, 60'000)(random);
    network.emplace(arrival, [this, payload, arrival, sequence = person.talker->sequence,
                              timestamp = person.talker->timestamp] {
      mix.voice(101)->put(sequence, timestamp, payload, 20, arrival);
    });
    now_us += frame_us;
    while (!network.empty() && network.begin()->first <= now_us) {
      network.begin()->second();
      network.erase(network.begin());
    }
    mix.tick(now_us, [this](const MixPacket& packet) {
      if (packet.output == 202) people[2].ear->hear(packet.payload);
    });
  }
  EXPECT_NEAR(people[2].ear->power(440), sent_db, 3);
  EXPECT_LE(mix.voice_counters().underruns - underruns_early, 2U) << "it has learnt to wait";
}

TEST_F(Room, AFullRoomCostsOneEncoding) {
  join(1, Codec::opus, 440);
  join(2, Codec::opus, 1000).talks = false;
  mix.add_output(999, 0, Codec::opus); // all silent listeners have this one
  mix.set_wanted(999, true);
  for (std::uint64_t listener = 3; listener < 500; ++listener) {
    mix.add_voice(100 + listener, listener, Codec::opus);
    mix.add_output(200 + listener, listener, Codec::opus);
    mix.set_wanted(200 + listener, true);
  }
  pass(1);
  const MixCounters before = mix.counters();
  pass(1);
  EXPECT_EQ(mix.counters().ticks - before.ticks, 50U);
  EXPECT_EQ(mix.counters().encodes - before.encodes, 100U) << "one for all who listen, one for who speaks";
  EXPECT_EQ(packets[999], packets[400]);
  mix.set_wanted(999, false);
  const std::size_t sent = packets[999];
  pass(0.2);
  EXPECT_EQ(packets[999], sent) << "nobody wants it";
}

TEST_F(Room, ManyLoudVoicesDoNotClip) {
  for (std::uint64_t id = 1; id <= 6; ++id)
    join(id, Codec::opus, 300.0 + 170.0 * static_cast<double>(id)).amplitude = 0.6;
  join(7, Codec::opus, 0);
  pass(2);
  float peak = 0;
  for (const float sample : people[7].ear->sound)
    peak = std::max(peak, std::abs(sample));
  EXPECT_LT(peak, 1.1F);
  EXPECT_GT(peak, 0.5F);
  for (std::uint64_t whom = 1; whom <= 6; ++whom)
    EXPECT_GT(hears(7, whom), -30);
}

TEST_F(Room, OnlyTheLoudestOfThoseWhoTellAreDecoded) {
  for (std::uint64_t id = 1; id <= 20; ++id)
    join(id, Codec::opus, 200 + 100 * static_cast<double>(id)).level = id <= 4 ? 50 : 20;
  join(30, Codec::opus, 0);
  pass(2);
  EXPECT_LT(mix.voice_counters().decoded, 16U * 100 + 50);
  EXPECT_GT(mix.voice_counters().decoded, 16U * 80);
  EXPECT_GT(mix.voice_counters().skipped, 4U * 80);
  EXPECT_EQ(mix.voice(101)->counters().decoded, 0U);
  people[1].level = 10;
  people[20].level = 50;
  pass(2);
  EXPECT_GT(hears(30, 1), hears(30, 20) + 20) << "who has become louder takes the place of one who has not";
}

TEST(Jitter, StepsOfAHostileClockDoNotAddUp) {
  JitterBuffer buffer(48'000);
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(buffer.put(static_cast<std::uint16_t>(i), i * 0x7fffffffU, {}, i * std::int64_t{20'000}));
    ASSERT_LT(buffer.back()->timestamp, std::int64_t{1} << 33);
  }
}

TEST_F(Room, HostilePacketsAreCountedAndBounded) {
  join(1, Codec::opus, 0);
  join(2, Codec::pcma, 0);
  Voice& opus = *mix.voice(101);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::uint8_t> junk(std::uniform_int_distribution<std::size_t>(1, 1400)(random));
    for (auto& byte : junk)
      byte = static_cast<std::uint8_t>(random());
    for (const std::uint64_t track : {101U, 102U})
      mix.voice(track)->put(static_cast<std::uint16_t>(random()), static_cast<std::uint32_t>(random()), junk,
                            10, now_us);
    if (i % 20 == 0) {
      now_us += frame_us;
      mix.tick(now_us, [](const MixPacket& packet) { EXPECT_LE(packet.payload.size(), 1275U); });
    }
  }
  EXPECT_GT(opus.counters().malformed + opus.counters().decoded, 0U);
  // And goes on with who is honest.
  people[1].hz = 440;
  people[2].hz = 0;
  pass(4);
  EXPECT_NEAR(hears(2, 1), sent_db, 3);
}

TEST(MixDtx, SilenceCostsAlmostNoPackets) {
  AudioMix mix({.encoding = {.dtx = true}});
  mix.add_output(1, 0, Codec::opus);
  mix.set_wanted(1, true);
  int packets = 0;
  for (int i = 0; i < 250; ++i)
    mix.tick(i * frame_us, [&](const MixPacket&) { ++packets; });
  EXPECT_LT(packets, 60);
  EXPECT_GT(packets, 0);
}

} // namespace
} // namespace viadux::mixer
