// The mixer with a real engine and real clients: who hears whom, what a still is on the line. In real time.
#include "core/mixer/mixer.hpp"

#include "core/rtp/payload_info.hpp"
#include "tests/unit/session/house.hpp"

#include "cameras.hpp"
#include "tones.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

using mixer::Ear;
using mixer::Talker;

struct Voice {
  Guest* guest = nullptr;
  std::uint64_t owner = 0;
  double hz = 0;
  std::string speaks_in, hears; // channels
  std::unique_ptr<Talker> talker;
  std::unique_ptr<Ear> ear = std::make_unique<Ear>(rtp::Codec::opus);
  std::size_t read = 0;
};

struct MixedHouse : TwoWorkers {
  void SetUp() override {
    auto made =
        Mixer::create({.threads = 2, .audio = {.encoding = {}, .even = false}}, *engine_, loop_, metrics_);
    ASSERT_TRUE(made);
    mixer_ = std::move(*made);
    mixer_->on_change([this](std::uint64_t) { assign(); });
  }
  void TearDown() override { mixer_.reset(); }

  Voice& join_voice(double hz, std::uint64_t media_room) {
    Guest& guest = join({sends("audio"), receives("audio")}, media_room);
    Voice& voice = voices_.emplace_back();
    voice.guest = &guest;
    voice.owner = voices_.size();
    voice.hz = hz;
    if (hz != 0) voice.talker = std::make_unique<Talker>(rtp::Codec::opus, hz);
    return voice;
  }
  // What a meeting does.
  void assign() {
    std::vector<MixVoice> all;
    for (const Voice& voice : voices_)
      all.push_back({voice.guest->track(0), voice.owner, voice.speaks_in});
    for (const Voice& voice : voices_)
      fill(*voice.guest, 1, mixer_->mix(room, voice.owner, voice.hears, rtp::Codec::opus));
    mixer_->set_voices(room, all);
  }
  void on_turn() override {
    const std::int64_t now = loop_.clock().now_us();
    if (now < next_us_) return;
    next_us_ = std::max(next_us_ + 20'000, now - 100'000);
    for (Voice& voice : voices_) {
      if (voice.talker) {
        const auto packet = voice.talker->packet();
        voice.guest->client.send_voice(voice.guest->client.source(0), packet, 20);
      }
      const auto arrived = voice.guest->client.of_line(1);
      for (; voice.read < arrived.size(); ++voice.read)
        voice.ear->hear(arrived[voice.read].payload);
    }
  }

  static constexpr std::uint64_t room = 5;
  std::unique_ptr<Mixer> mixer_;
  std::deque<Voice> voices_;
  std::int64_t next_us_ = 0;
};

TEST_F(MixedHouse, EachHearsTheOthersAndNotItselfOverTwoWorkers) {
  join_voice(440, 1);
  join_voice(1000, 2);
  join_voice(1700, 1);
  join_voice(0, 2);
  assign();
  pass(3500);
  for (const Voice& who : voices_)
    for (const Voice& whom : voices_) {
      if (whom.hz == 0) continue;
      if (who.owner == whom.owner) {
        EXPECT_LT(who.ear->power(whom.hz), -14 - 40) << who.owner;
      } else {
        EXPECT_GT(who.ear->power(whom.hz), -14 - 6) << who.owner << " hears " << whom.owner;
      }
    }
  EXPECT_GT(metric("viadux_mixer_encodes_total"), 200);
  EXPECT_EQ(metric("viadux_mixer_rooms"), 1);
  EXPECT_EQ(metric("viadux_mixer_tracks"), 4) << "three who speak, one for those who do not";
  // Who leaves is heard no more; the room ends.
  ASSERT_TRUE(engine_->close(voices_[0].guest->id()));
  voices_.pop_front();
  assign();
  pass(1500);
  EXPECT_LT(voices_.back().ear->power(440), -50);
  EXPECT_GT(voices_.back().ear->power(1700), -20);
  mixer_->close_room(room);
  EXPECT_EQ(metric("viadux_mixer_tracks"), 0);
}

TEST_F(MixedHouse, AChannelIsATrackForThoseWhoHearItAsLongAsSomebodyDoes) {
  join_voice(440, 1);
  Voice& citizen = join_voice(0, 2);
  Voice& interpreter = join_voice(1700, 1);
  Voice& listener = join_voice(0, 2);
  citizen.hears = "ar";
  interpreter.speaks_in = "ar";
  assign();
  pass(3500);
  EXPECT_GT(citizen.ear->power(1700), -14 - 6);
  EXPECT_LT(citizen.ear->power(440), -14 - 10) << "ducked";
  EXPECT_GT(citizen.ear->power(440), -14 - 20);
  EXPECT_LT(listener.ear->power(1700), -14 - 40);
  EXPECT_GT(listener.ear->power(440), -14 - 6);
  const double with_channel = metric("viadux_mixer_tracks");
  // Back: what it heard before, and the channel's track is no more.
  citizen.hears = "";
  assign();
  EXPECT_EQ(metric("viadux_mixer_tracks"), with_channel - 1);
  pass(2500);
  EXPECT_LT(citizen.ear->power(1700), -14 - 40);
  EXPECT_GT(citizen.ear->power(440), -14 - 6);
  // And an interpreter who speaks on the floor again is heard by all.
  interpreter.speaks_in = "";
  assign();
  pass(2500);
  EXPECT_GT(listener.ear->power(1700), -14 - 6);
}

TEST_F(MixedHouse, WhoMovesBetweenRoomsOfOneThreadIsHeardInTheNewOne) {
  mixer_.reset();
  auto made =
      Mixer::create({.threads = 1, .audio = {.encoding = {}, .even = false}}, *engine_, loop_, metrics_);
  ASSERT_TRUE(made);
  mixer_ = std::move(*made);
  join_voice(440, 1);
  join_voice(0, 1);
  const MixVoice talks{voices_[0].guest->track(0), 1}, listens{voices_[1].guest->track(0), 2};
  constexpr std::uint64_t former = 8;
  mixer_->set_voices(former, {{talks}});
  mixer_->set_voices(room, {{listens}});
  fill(*voices_[1].guest, 1, mixer_->mix(room, 2, "", rtp::Codec::opus));
  pass(300);
  // A thread that has just begun has its stills to make, which takes long on a slow machine.
  const auto heard = [&] {
    for (int i = 0; i < 60 && !(voices_[1].ear->power(440) > -20); ++i)
      pass(500);
    return voices_[1].ear->power(440) > -20;
  };
  // The new room hears of it first.
  mixer_->set_voices(room, {{listens, talks}});
  mixer_->set_voices(former, {});
  pass(1500);
  EXPECT_TRUE(heard());
  mixer_->set_voices(former, {{talks}}); // and back
  mixer_->set_voices(room, {{listens, talks}});
  mixer_->close_room(former);
  pass(1500);
  EXPECT_TRUE(heard());
}

TEST_F(MixedHouse, AStillKeepsMovingAndBeginsWithAKeyFrame) {
  Guest& waiting = join({receives("audio"), receives("video")});
  MediaRights nothing{false, false, false, false, false, false}; // the lobby
  ASSERT_TRUE(engine_->set_rights(waiting.id(), nothing));
  const TrackId still = mixer_->still(room, StillText::waiting_for_host, rtp::Codec::vp8);
  ASSERT_NE(still, 0U);
  EXPECT_EQ(mixer_->still(room, StillText::waiting_for_host, rtp::Codec::vp8), still) << "made once";
  fill(waiting, 1, still);
  ASSERT_TRUE(until([&] { return !waiting.client.of_line(1).empty(); }));
  const Payload first = waiting.client.of_line(1).front().payload;
  ASSERT_GT(first.size(), 7U);
  EXPECT_EQ(first[4] & 1, 0) << "a key frame (RFC 7741 section 4.3)";
  const std::int64_t began = loop_.clock().now_us();
  pass(10'000);
  const double seconds = static_cast<double>(loop_.clock().now_us() - began) / 1e6;
  std::set<std::uint32_t> frames;
  for (const Arrival& arrival : waiting.client.of_line(1))
    frames.insert(arrival.header.timestamp);
  EXPECT_GE(static_cast<double>(frames.size()), 2 * seconds);
  EXPECT_LE(static_cast<double>(frames.size()), 4 * seconds);
}

TEST_F(MixedHouse, PictureIdsOfAStillRunOnWhenAnotherViewerComes) {
  Guest& first = join({receives("audio"), receives("video")});
  const TrackId still = mixer_->still(room, StillText::waiting_for_host, rtp::Codec::vp8);
  fill(first, 1, still);
  pass(2500);
  Guest& second = join({receives("audio"), receives("video")});
  fill(second, 1, still);
  ASSERT_TRUE(until([&] { return !second.client.of_line(1).empty(); }));
  pass(1500);
  int key_frames = 0;
  int last = -1;
  for (const Arrival& arrival : first.client.of_line(1)) {
    ASSERT_GT(arrival.payload.size(), 5U);
    const int id = (arrival.payload[2] & 0x7f) << 8 | arrival.payload[3];
    EXPECT_GE(id, last);
    last = id;
    const bool starts = (arrival.payload[0] & 0x10) != 0;
    key_frames += starts && (arrival.payload[4] & 1) == 0;
  }
  EXPECT_GE(key_frames, 2) << "the second viewer's key frame is everybody's";
}

// How high the last key frame on the client's second line is; 0: none has come.
int seen_height(const Guest& guest) {
  int height = 0;
  for (const Arrival& arrival : guest.client.of_line(1))
    if (const auto info = rtp::describe(rtp::Codec::vp8, arrival.payload); info.key_frame && info.height != 0)
      height = info.height;
  return height;
}

TEST_F(MixedHouse, OfAComposedPictureOnlyTheSizeIsEncodedThatSomebodyGets) {
  Guest& viewer = join({receives("audio"), receives("video")}, 1);
  const TrackId view = mixer_->view(room, {}, rtp::Codec::vp8);
  ASSERT_NE(view, 0U);
  EXPECT_EQ(mixer_->view(room, {}, rtp::Codec::vp8), view) << "one for all";
  EXPECT_NE(mixer_->view(room, {.not_large = 4}, rtp::Codec::vp8), view);
  EXPECT_EQ(mixer_->view(room, {}, rtp::Codec::opus), 0U);
  mixer_->set_scene(room, {});
  fill(viewer, 1, view);
  // What a line is trusted with that has not said anything carries the smallest of three.
  ASSERT_TRUE(until([&] { return seen_height(viewer) == 180; })) << seen_height(viewer);
  EXPECT_TRUE(until([&] { return metric("viadux_mixer_pictures_encoders") == 1; }));
  EXPECT_EQ(metric("viadux_mixer_pictures_tracks"), 2);
  ASSERT_TRUE(engine_->close(viewer.id()));
  EXPECT_TRUE(until([&] { return metric("viadux_mixer_pictures_encoders") == 0; }));
  // What is asked for no more is no more.
  mixer_->set_scene(room, {});
  mixer_->set_scene(room, {});
  EXPECT_EQ(metric("viadux_mixer_pictures_tracks"), 0);
}

std::shared_ptr<const mixer::Look> look(const mixer::Colour& background) {
  return std::make_shared<const mixer::Look>(mixer::Look{.background = background});
}

TEST_F(MixedHouse, AStillLooksAsItsOrganisationDoesAlsoAfterAReload) {
  std::vector<std::uint64_t> told;
  mixer_->on_change([&](std::uint64_t changed) { told.push_back(changed); });
  constexpr std::uint64_t plain_room = 6, sister_room = 7;
  mixer_->open_room(room, "hospital");
  mixer_->open_room(plain_room, "other");
  mixer_->open_room(sister_room, "clinic");
  const auto still = [&](std::uint64_t of) { return mixer_->still(of, StillText::alone, rtp::Codec::vp8); };
  const TrackId plain = still(room);
  EXPECT_EQ(still(plain_room), plain);
  const auto green_look = look(mixer::green);
  mixer_->set_looks({{"hospital", green_look}, {"clinic", green_look}});
  EXPECT_THAT(told, testing::UnorderedElementsAre(room, sister_room));
  const TrackId green_still = still(room);
  EXPECT_NE(green_still, plain);
  EXPECT_EQ(still(sister_room), green_still) << "one for all who look the same";
  EXPECT_EQ(still(plain_room), plain);

  const auto sees = [&](Guest& guest, const mixer::Colour& colour) {
    return until([&] {
      mixer::Screen screen(rtp::Codec::vp8);
      for (const Arrival& arrival : guest.client.of_line(1)) {
        PortPacket packet;
        packet.sequence = arrival.header.sequence;
        packet.timestamp = arrival.header.timestamp;
        packet.marker = arrival.header.marker;
        packet.payload = arrival.payload;
        screen.put(packet);
      }
      return screen.seen > 0 && screen.shows(colour, 0.05, 0.05);
    });
  };
  Guest& guest = join({receives("audio"), receives("video")});
  fill(guest, 1, green_still);
  EXPECT_TRUE(sees(guest, mixer::green));

  told.clear();
  mixer_->set_looks({{"hospital", look(mixer::red)}, {"clinic", green_look}});
  EXPECT_THAT(told, testing::ElementsAre(room));
  EXPECT_EQ(still(sister_room), green_still);
  ASSERT_NE(still(room), green_still);
  fill(guest, 1, still(room));
  EXPECT_TRUE(sees(guest, mixer::red));
}

TEST_F(MixedHouse, KeepsABoundedNumberOfStills) {
  mixer::Looks looks;
  for (int i = 0; i < 400; ++i)
    looks[std::to_string(i)] = look({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8), 0});
  mixer_->set_looks(std::move(looks));
  std::set<TrackId> tracks;
  const auto open = [&](std::uint64_t id) {
    mixer_->open_room(id, std::to_string(id - 100));
    const TrackId track = mixer_->still(id, StillText::alone, rtp::Codec::vp8);
    tracks.insert(track);
    return track;
  };
  const TrackId house = mixer_->still(room, StillText::alone, rtp::Codec::vp8);
  for (std::uint64_t id = 100; id < 450; ++id)
    EXPECT_NE(open(id), 0U);
  EXPECT_EQ(tracks.size(), 295U) << "300 with the house's own six, of which one is among them";
  EXPECT_EQ(open(450), house) << "which they get for whom there is no other";
  for (std::uint64_t id = 100; id < 451; ++id)
    mixer_->close_room(id);
  EXPECT_NE(open(451), house) << "those of closed rooms make place";
}

} // namespace
} // namespace viadux
