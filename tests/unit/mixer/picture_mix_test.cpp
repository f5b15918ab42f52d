// Who is seen where, by colour, in virtual time: cameras are encoded, mixed, and what comes out is decoded.
#include "core/mixer/picture_mix.hpp"

#include "cameras.hpp"

#include <gtest/gtest.h>

namespace viadux::mixer {
namespace {

using rtp::Codec;

struct Studio : testing::Test, PictureOut {
  static constexpr std::uint64_t canvas = 1;
  static constexpr TrackId output = 900;
  static constexpr std::uint8_t top = 2; // of the sizes

  void send(TrackId track, const PortPacket& packet) override {
    ++packets;
    if (const auto screen = screens.find(track); screen != screens.end() && packet.encoding == top)
      screen->second.put(packet);
  }
  void ask_key_frame(TrackId source, std::uint8_t /*encoding*/) override { ++asked[source]; }

  Camera& film(TrackId track, const Colour& colour, Codec codec = Codec::vp8) {
    mix.add_source(track, codec, 1);
    return cameras.try_emplace(track, codec, colour).first->second;
  }
  Screen& watch(TrackId track = output, Codec codec = Codec::vp8, std::uint64_t what = canvas) {
    mix.add_output(track, what, codec);
    mix.set_wanted(track, true);
    mix.want_key_frame(track, top, now_us);
    mix.set_in_use(track, 1U << top);
    return screens.try_emplace(track, codec).first->second;
  }
  static CanvasPlan plan(std::vector<TrackId> tracks, Layout layout = Layout::one_seven) {
    CanvasPlan made;
    made.layout = layout;
    made.people = tracks.size();
    for (const TrackId track : tracks)
      made.tiles.push_back({.track = track});
    return made;
  }
  // Frames of 1/30 s.
  void pass(int frames) {
    for (int i = 0; i < frames; ++i) {
      now_us += 33'333;
      for (auto& [track, camera] : cameras) {
        const bool key = asked[track] != answered[track];
        answered[track] = asked[track];
        for (const CameraPacket& packet : camera.film(now_us, key)) {
          if (lose && lose(track)) continue;
          mix.put(track, packet.record, packet.payload, now_us);
        }
      }
      mix.tick(now_us);
    }
  }

  std::int64_t now_us = 1'000'000;
  PictureStyle style;
  PictureMix mix{style, *this};
  std::map<TrackId, Camera> cameras;
  std::map<TrackId, Screen> screens;
  std::map<TrackId, int> asked, answered;
  std::function<bool(TrackId)> lose;
  int packets = 0;
};

// The middles of 1:7's places.
constexpr std::pair<double, double> large{0.375, 0.375},
    small[] = {{0.875, 0.125}, {0.875, 0.375}, {0.875, 0.625}, {0.125, 0.875},
               {0.375, 0.875}, {0.625, 0.875}, {0.875, 0.875}};

struct EveryCodec : Studio, testing::WithParamInterface<std::pair<Codec, Codec>> {};

TEST_P(EveryCodec, EightAreSeenEachInItsPlace) {
  const auto [in, out] = GetParam();
  const Colour colours[] = {red, green, blue, yellow, purple, cyan, white, grey};
  std::vector<TrackId> tracks;
  for (const Colour& colour : colours) {
    tracks.push_back(tracks.size() + 1);
    film(tracks.back(), colour, in);
  }
  mix.set_canvas(canvas, plan(tracks), now_us);
  Screen& screen = watch(output, out);
  pass(30);
  EXPECT_GE(screen.seen, 25);
  EXPECT_EQ(screen.broken, 0);
  EXPECT_EQ(screen.picture().width, 1280);
  EXPECT_EQ(screen.picture().height, 720);
  EXPECT_TRUE(screen.shows(colours[0], large.first, large.second));
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_TRUE(screen.shows(colours[i + 1], small[i].first, small[i].second)) << "place " << i;
}
INSTANTIATE_TEST_SUITE_P(Codecs, EveryCodec,
                         testing::Values(std::pair{Codec::vp8, Codec::vp8},
                                         std::pair{Codec::vp8, Codec::h264},
                                         std::pair{Codec::h264, Codec::vp8},
                                         std::pair{Codec::h264, Codec::h264}));

TEST_F(Studio, NothingIsDecodedThatNobodyLooksAt) {
  film(1, red);
  film(2, green);
  mix.set_canvas(canvas, plan({1, 2}), now_us);
  mix.add_output(output, canvas, Codec::vp8);
  pass(20);
  EXPECT_EQ(mix.source_counters().decoded, 0U);
  EXPECT_EQ(packets, 0);
  EXPECT_TRUE(mix.rests());
  mix.set_wanted(output, true);
  mix.want_key_frame(output, top, now_us);
  mix.set_in_use(output, 1U << top);
  pass(20);
  EXPECT_GT(mix.source_counters().decoded, 20U);
  mix.set_canvas(canvas, plan({1}), now_us); // who is in no place is not decoded
  pass(3);
  const std::uint64_t before = mix.source_counters().decoded;
  pass(20);
  EXPECT_EQ(mix.source_counters().decoded, before + 20);
}

TEST_F(Studio, OneEncodingServesAllOfOneKind) {
  film(1, red);
  film(2, green);
  mix.set_canvas(canvas, plan({1, 2}), now_us);
  watch();
  pass(30);
  EXPECT_EQ(mix.encoders(), 1U);
  EXPECT_LE(mix.counters().encoded, 30U);
  watch(output + 1, Codec::h264);
  pass(10);
  EXPECT_EQ(mix.encoders(), 2U);
  EXPECT_LE(mix.counters().composed, 40U) << "composed once for both";
}

TEST_F(Studio, AskedForByManyThereIsOneKeyFrame) {
  film(1, red);
  mix.set_canvas(canvas, plan({1}), now_us);
  Screen& screen = watch();
  pass(10);
  EXPECT_EQ(screen.keys, 1);
  for (int i = 0; i < 50; ++i)
    mix.want_key_frame(output, top, now_us);
  pass(1);
  EXPECT_EQ(screen.keys, 2);
  pass(20);
  EXPECT_EQ(screen.keys, 2);
}

TEST_F(Studio, OnlySizesAreEncodedThatSomebodyGets) {
  film(1, red);
  mix.set_canvas(canvas, plan({1}), now_us);
  Screen& screen = watch();
  pass(30);
  EXPECT_EQ(mix.encoders(), 1U);
  mix.want_key_frame(output, 0, now_us); // somebody with a narrow line
  pass(2);
  EXPECT_EQ(mix.encoders(), 2U);
  mix.set_in_use(output, 1U << top | 1U);
  pass(60);
  EXPECT_EQ(mix.encoders(), 2U);
  mix.set_in_use(output, 1U << top);
  const int seen = screen.seen;
  pass(10);
  EXPECT_EQ(mix.encoders(), 1U);
  EXPECT_GE(screen.seen, seen + 9) << "the others do not notice";
}

TEST_F(Studio, WithoutTimeItIsSmallerAndOnlyTheLargePlaceMoves) {
  film(1, red);
  film(2, green);
  mix.set_canvas(canvas, plan({1, 2}), now_us);
  Screen& screen = watch();
  pass(20);
  mix.set_effort({10, 360, false});
  pass(3);
  const std::uint64_t before = mix.source_counters().decoded;
  pass(20);
  EXPECT_EQ(mix.source_counters().decoded, before + 20) << "one of two";
  EXPECT_EQ(screen.picture().height, 360);
  EXPECT_TRUE(screen.shows(green, small[0].first, small[0].second)) << "it stands still";
  mix.set_effort({});
  pass(40);
  EXPECT_EQ(screen.picture().height, 720);
  EXPECT_EQ(screen.broken, 0);
}

TEST_F(Studio, NothingIsSentBeforeThereIsSomethingToSee) {
  mix.add_source(1, Codec::vp8, 1); // and is not heard of
  mix.set_canvas(canvas, plan({1}), now_us);
  watch();
  while (now_us + 33'333 < 1'000'000 + Canvas::wait_us)
    pass(1);
  EXPECT_EQ(packets, 0);
  pass(2);
  EXPECT_GT(packets, 0) << "but not for ever";
}

TEST_F(Studio, WhoIsNotDecodedYetDoesNotLeaveAnEmptyPlace) {
  film(1, red);
  mix.set_canvas(canvas, plan({1}, Layout::one), now_us);
  Screen& screen = watch();
  pass(20);
  ASSERT_TRUE(screen.shows(red, 0.5, 0.5));
  film(2, green);
  asked[2] = answered[2] = 0;
  mix.set_canvas(canvas, plan({2}, Layout::one), now_us);
  int frames = 0;
  while (!screen.shows(green, 0.5, 0.5) && frames < 30) {
    EXPECT_TRUE(screen.shows(red, 0.5, 0.5)) << "after " << frames;
    pass(1);
    ++frames;
  }
  EXPECT_LE(frames, 15) << "half a second";
}

TEST_F(Studio, ADamagedStreamCostsItsOwnTileOnly) {
  film(1, red);
  film(2, green);
  Camera& third = film(3, blue);
  mix.set_canvas(canvas, plan({1, 2, 3}), now_us);
  Screen& screen = watch();
  pass(20);
  for (int i = 0; i < 60; ++i) { // noise that calls itself a picture
    now_us += 10;
    CameraPacket packet;
    packet.record.sequence = static_cast<std::uint16_t>(i + 30'000);
    packet.record.timestamp = static_cast<std::uint32_t>(i);
    packet.record.flags = router::ChannelRecord::marker | router::ChannelRecord::after_gap;
    packet.payload = {0x90,
                      0x80,
                      0x80,
                      static_cast<std::uint8_t>(i),
                      static_cast<std::uint8_t>(i % 2),
                      0x01,
                      0x00,
                      0x9d,
                      0x01,
                      0x2a,
                      0x80,
                      0x02,
                      0x68,
                      0x01,
                      static_cast<std::uint8_t>(i * 37)};
    mix.put(2, packet.record, packet.payload, now_us);
  }
  pass(5);
  third.set_colour(yellow);
  pass(30);
  EXPECT_EQ(screen.broken, 0);
  EXPECT_TRUE(screen.shows(red, large.first, large.second));
  EXPECT_TRUE(screen.shows(yellow, small[1].first, small[1].second)) << "who is well goes on";
  EXPECT_GT(mix.source_counters().damaged, 0U);
}

TEST_F(Studio, LossOnOneInputLeavesTheOthersUntouched) {
  film(1, red);
  Camera& second = film(2, green);
  mix.set_canvas(canvas, plan({1, 2}), now_us);
  Screen& screen = watch();
  unsigned dice = 1;
  lose = [&](TrackId track) {
    dice = dice * 1103515245 + 12345;
    return track == 1 && (dice >> 16) % 10 == 0;
  };
  std::uint64_t composed = mix.counters().composed;
  pass(60);
  EXPECT_GE(mix.counters().composed - composed, 55U);
  second.set_colour(blue);
  pass(30);
  EXPECT_TRUE(screen.shows(blue, small[0].first, small[0].second));
  EXPECT_TRUE(screen.shows(red, large.first, large.second)) << "asked anew, it comes back";
  EXPECT_GT(asked[1], 0);
  EXPECT_EQ(asked[2], 1) << "its first only";
  EXPECT_EQ(screen.broken, 0);
}

TEST_F(Studio, OneAloneKeepsItsShape) {
  mix.add_source(1, Codec::h264, 1);
  cameras.try_emplace(1, Codec::h264, green, 480, 640);
  CanvasPlan alone = plan({1}, Layout::one);
  alone.follows = true;
  mix.set_canvas(canvas, alone, now_us);
  Screen& screen = watch();
  pass(20);
  EXPECT_EQ(screen.picture().width, 480);
  EXPECT_EQ(screen.picture().height, 640);
  EXPECT_TRUE(screen.shows(green, 0.5, 0.5));
}

// What a composition of plain colours must look like, drawn by hand.
TEST_F(Studio, IsLikeAReferenceDrawing) {
  const Colour colours[] = {red, green, blue, yellow, purple};
  std::vector<TrackId> tracks;
  for (const Colour& colour : colours) {
    tracks.push_back(tracks.size() + 1);
    film(tracks.back(), colour);
  }
  mix.set_canvas(canvas, plan(tracks), now_us);
  Screen& screen = watch();
  pass(60);
  Picture reference = plain_picture(1280, 720, to_yuv(style.canvas.background));
  const Places places = places_of(Layout::one_seven, 5, 1280, 720);
  for (std::size_t i = 0; i < std::size(colours); ++i) {
    const Area& area = places.areas[i];
    paint(reference, {area.x + 4, area.y + 4, area.width - 8, area.height - 8}, to_yuv(colours[i]));
  }
  for (std::size_t i = 0; i < std::size(colours); ++i) { // but for the square that moves in the first rows
    Area area = places.areas[i];
    area.y += area.height / 8;
    area.height = area.height * 7 / 8;
    EXPECT_GT(psnr_db(screen.picture(), reference.view(), area), 30) << "place " << i;
  }
  std::swap(reference.y[200 * 1280 + 200], reference.y[0]);
  paint(reference, places.areas[0], to_yuv(green));
  EXPECT_LT(psnr_db(screen.picture(), reference.view(), places.areas[0]), 25)
      << "another picture is told apart";
}

TEST_F(Studio, StaysAsItIsOverAThousandComingsAndGoings) {
  Camera camera(Codec::vp8, red);
  const auto packets_of_key = camera.film(now_us, true);
  const std::int64_t began_us = now_us;
  for (TrackId track = 1; track <= 1000; ++track) {
    mix.add_source(track, Codec::vp8, 1);
    mix.set_canvas(canvas, plan({track, track - 1}, track % 2 != 0 ? Layout::one_seven : Layout::two_two),
                   now_us);
    mix.add_output(output + track, canvas, Codec::h264);
    mix.set_wanted(output + track, true);
    mix.set_in_use(output + track, 1U << top);
    if (track % 20 == 0) {
      mix.tick(now_us += 33'333);
      for (const CameraPacket& packet : packets_of_key)
        mix.put(track, packet.record, packet.payload, now_us);
      mix.tick(now_us += 33'333);
      EXPECT_EQ(mix.encoders(), now_us - began_us >= Canvas::wait_us ? 1U : 0U);
    }
    mix.remove_output(output + track);
    mix.remove_source(track - 1);
  }
  mix.remove_source(1000);
  mix.remove_canvas(canvas);
  mix.tick(now_us);
  EXPECT_EQ(mix.encoders(), 0U);
  EXPECT_TRUE(mix.rests());
  EXPECT_EQ(mix.source_counters().decoded, 50U);
}

// How bright the brightest pixel of an area is.
int brightest(const PictureView& view, const Area& area) {
  int most = 0;
  for (int y = area.y; y < area.y + area.height; ++y)
    for (int x = area.x; x < area.x + area.width; ++x)
      most = std::max<int>(most, view.y[y * view.y_stride + x]);
  return most;
}

TEST(Canvas, HasALineOfTextAndTheSignOfARecordingOverAllOfIt) {
  const CanvasStyle style{.font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"};
  Font font(style.font);
  Canvas canvas(style, font);
  const Sources sources = people_in({20, 20, 90}, {1, 2, 3});
  CanvasPlan plan;
  plan.people = 3;
  plan.tiles = {{.track = 1}, {.track = 2}, {.track = 3}};
  canvas.set(plan, 0);
  ASSERT_TRUE(canvas.draw(sources, {1, 2, 3}, 0));
  const Picture before = canvas.picture();
  const Area line{540, 16, 200, 40}, sign{16, 16, 44, 44};
  EXPECT_LT(brightest(before.view(), line), 60);
  EXPECT_LT(brightest(before.view(), sign), 60);
  plan.text = "Mødet slutter kl. 15";
  plan.recorded = true;
  canvas.set(plan, 1);
  ASSERT_TRUE(canvas.draw(sources, {}, 1));
  const Picture with = canvas.picture();
  EXPECT_GT(brightest(with.view(), line), 200);
  EXPECT_GT(brightest(with.view(), sign), 200);
  for (int i = 2; i < 5; ++i) // the large one alone moves, under a part of both
    EXPECT_TRUE(canvas.draw(sources, {1}, i));
  EXPECT_EQ(canvas.picture().y, with.y);
  EXPECT_EQ(canvas.picture().u, with.u);
  plan.text.clear();
  plan.recorded = false;
  canvas.set(plan, 5);
  ASSERT_TRUE(canvas.draw(sources, {}, 5));
  EXPECT_EQ(canvas.picture().y, before.y) << "nothing is left of it";
  EXPECT_EQ(canvas.picture().v, before.v);
}

TEST(Canvas, HasNamesSignsAndTheBorderOfWhoSpeaks) {
  const CanvasStyle style{.font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"};
  Font font(style.font);
  ASSERT_TRUE(font.good());
  Canvas canvas(style, font);
  const Sources sources = people_in({20, 20, 90}, {1, 2, 3});
  CanvasPlan plan;
  plan.people = 3;
  plan.tiles = {
      {.track = 1, .name = "Søren Ødegård Ærø"}, {.track = 2, .speaks = true}, {.track = 3, .muted = true}};
  canvas.set(plan, 0);
  EXPECT_TRUE(canvas.draw(sources, {1, 2, 3}, 0));
  const PictureView view = canvas.picture().view();
  const Places places = places_of(Layout::one_seven, 3, 1280, 720);
  const auto corner = [&](std::size_t place) {
    const Area& area = places.areas[place];
    return Area{area.x + 8, area.y + area.height - 48, 60, 40};
  };
  EXPECT_GT(brightest(view, corner(0)), 200) << "letters";
  EXPECT_LT(brightest(view, corner(1)), 60) << "no name";
  EXPECT_GT(brightest(view, corner(2)), 200) << "a sign";
  const Yuv border = to_yuv(style.border), background = to_yuv(style.background);
  EXPECT_EQ(view.y[(places.areas[1].y + 1) * view.y_stride + places.areas[1].x + 50], border.y);
  EXPECT_EQ(view.y[(places.areas[2].y + 1) * view.y_stride + places.areas[2].x + 50], background.y);
  plan.tiles[1].speaks = false;
  canvas.set(plan, 1);
  EXPECT_TRUE(canvas.draw(sources, {}, 1));
  EXPECT_EQ(view.y[(places.areas[1].y + 1) * view.y_stride + places.areas[1].x + 50], background.y);
  EXPECT_FALSE(canvas.draw(sources, {}, 2)) << "nothing has changed";
}

TEST(Names, AreCutAtWholeLetters) {
  Font font("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");
  const std::string cut = font.cut("Ærøskøbing Γεώργιος Владимир", 20, 120);
  EXPECT_TRUE(cut.ends_with("…")) << cut;
  EXPECT_LE(font.width(cut, 20), 120);
  EXPECT_GT(font.width(cut, 20), 80);
  EXPECT_EQ(font.cut("Anna", 20, 120), "Anna");
  EXPECT_GT(font.width("Γ", 20), 0);
  EXPECT_GT(font.width("Щ", 20), 0);
}

TEST(VideoDecoder, RefusesAPictureOfHundredsOfMegabytesBeforeTheLibrarySeesIt) {
  CodedFrame frame;
  frame.key = true;
  frame.bytes = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0, 0, 0, 0}; // 16383 x 16383
  EXPECT_FALSE(VideoDecoder::create(rtp::Codec::vp8)->decode(frame));
  // 16384 x 16384 (RFC 6184 section 8.1 has levels that say so): exp-golomb of 1023, twice.
  frame.bytes = {0, 0, 0, 1, 0x67, 66, 0xc0, 52, 0xda, 0x00, 0x40, 0x00, 0x00, 0x40, 0x00, 0x48, 0, 0, 0, 0};
  EXPECT_FALSE(VideoDecoder::create(rtp::Codec::h264)->decode(frame));
}

} // namespace
} // namespace viadux::mixer
