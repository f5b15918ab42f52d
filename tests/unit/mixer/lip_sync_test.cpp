// A flash and a click that belong together, through both mixes, in virtual time.
#include "core/mixer/audio_mix.hpp"
#include "core/mixer/picture_mix.hpp"

#include "cameras.hpp"
#include "tones.hpp"

#include <deque>
#include <gtest/gtest.h>
#include <utility>

namespace viadux::mixer {
namespace {

// Sound and picture of one sender come by networks of different speed; returns how much later than the sound
// the picture changes, in the mixes, on the media clock.
std::int64_t skew_us(std::int64_t sound_transit_us, std::int64_t picture_transit_us, bool reports) {
  struct Out final : PictureOut {
    void send(TrackId, const PortPacket& packet) override {
      if (packet.encoding != 2) return;
      screen.put(packet);
      if (flash_us == 0 && screen.seen > 0 && screen.shows(yellow, 0.5, 0.5)) flash_us = packet.media_us;
    }
    void ask_key_frame(TrackId, std::uint8_t) override { asked = true; }
    bool asked = false;
    Screen screen{rtp::Codec::vp8};
    std::int64_t flash_us = 0;
  } out;
  const auto lips = std::make_shared<LipSync>();
  AudioMix sound{AudioStyle{}};
  sound.add_voice(1, 1, rtp::Codec::opus);
  sound.set_lip_sync(1, lips);
  sound.add_output(2, 0, rtp::Codec::opus);
  sound.set_wanted(2, true);
  PictureMix picture{PictureStyle{}, out};
  picture.add_source(3, rtp::Codec::vp8, 1, lips);
  CanvasPlan plan;
  plan.layout = Layout::one;
  plan.tiles = {{.track = 3}};
  picture.set_canvas(1, plan, 0);
  picture.add_output(4, 1, rtp::Codec::vp8);
  picture.set_wanted(4, true);
  picture.want_key_frame(4, 2, 1'000'000);
  picture.set_in_use(4, 4);

  Camera camera(rtp::Codec::vp8, red);
  Talker quiet(rtp::Codec::opus, 300, 0.02), loud(rtp::Codec::opus, 1000, 0.3);
  Ear ear(rtp::Codec::opus);
  struct Sound {
    std::int64_t due_us;
    std::uint16_t sequence;
    std::uint32_t timestamp;
    std::vector<std::uint8_t> payload;
  };
  std::deque<Sound> sounds;
  std::deque<std::pair<std::int64_t, CameraPacket>> pictures;
  constexpr std::int64_t start_us = 1'000'000, event_us = start_us + 2'000'000;
  std::int64_t click_us = 0;
  std::uint16_t sequence = 0;
  if (reports) {
    sound.voice(1)->on_time(0, start_us);
    picture.on_time(3, 0, static_cast<std::uint32_t>(start_us * 9 / 100), start_us);
  }
  for (std::int64_t now = start_us; now < event_us + 1'500'000; now += 1000) {
    if ((now - start_us) % 20'000 == 0) // captured over the 20 ms before
      sounds.push_back({now + 20'000 + sound_transit_us, ++sequence,
                        static_cast<std::uint32_t>((now - start_us) * 48 / 1000),
                        (now >= event_us ? loud : quiet).packet()});
    if ((now - start_us) % 33'000 == 0) {
      if (now >= event_us) camera.set_colour(yellow);
      for (CameraPacket& packet : camera.film(now, std::exchange(out.asked, false)))
        pictures.emplace_back(now + picture_transit_us, std::move(packet));
    }
    for (; !sounds.empty() && sounds.front().due_us <= now; sounds.pop_front())
      sound.voice(1)->put(sounds.front().sequence, sounds.front().timestamp, sounds.front().payload, 20, now);
    for (; !pictures.empty() && pictures.front().first <= now; pictures.pop_front())
      picture.put(3, pictures.front().second.record, pictures.front().second.payload, now);
    if (now % 20'000 == 0)
      sound.tick(now, [&](const MixPacket& packet) {
        const std::size_t before = ear.sound.size();
        ear.hear(packet.payload);
        if (click_us == 0 && power_db(std::span(ear.sound).subspan(before), 1000) > -25) click_us = now;
      });
    if (now % 33'000 == 0) picture.tick(now);
  }
  EXPECT_NE(click_us, 0);
  EXPECT_NE(out.flash_us, 0);
  return out.flash_us - click_us;
}

TEST(LipSync, IsWithin40MillisecondsThoughTheSoundIsSlower) {
  for (const std::int64_t sound_transit : {5'000, 60'000, 140'000})
    EXPECT_NEAR(static_cast<double>(skew_us(sound_transit, 10'000, true)) / 1000, 0, 40) << sound_transit;
  EXPECT_LT(skew_us(140'000, 10'000, false), -80'000) << "without reports nobody can know";
}

} // namespace
} // namespace viadux::mixer
