// How a composed picture looks: grounds, borders and the watermark, by colour at places.
#include "core/mixer/canvas.hpp"
#include "core/mixer/still.hpp"

#include "cameras.hpp"

namespace viadux::mixer {
namespace {

constexpr Colour dark{20, 20, 90};

Yuv at(const Picture& picture, int x, int y) {
  const auto luma = static_cast<std::size_t>(y * picture.width + x);
  const auto chroma = static_cast<std::size_t>(y / 2 * (picture.width / 2) + x / 2);
  return {picture.y[luma], picture.u[chroma], picture.v[chroma]};
}

bool is(const Picture& picture, int x, int y, const Yuv& wanted) {
  const Yuv seen = at(picture, x, y);
  return std::abs(seen.y - wanted.y) < 12 && std::abs(seen.u - wanted.u) < 12 &&
         std::abs(seen.v - wanted.v) < 12;
}
bool is(const Picture& picture, int x, int y, const Colour& wanted) {
  return is(picture, x, y, to_yuv(wanted));
}
Yuv mixed(const Colour& over, const Yuv& b, int alpha) {
  const Yuv a = to_yuv(over);
  const auto of = [alpha](int x, int y) {
    return static_cast<std::uint8_t>((x * alpha + y * (255 - alpha)) / 255);
  };
  return {of(a.y, b.y), of(a.u, b.u), of(a.v, b.v)};
}

// Upper half yellow, lower half purple.
std::shared_ptr<const Picture> backdrop() {
  Picture made = plain_picture(composed_width, composed_height, to_yuv(yellow));
  paint(made, {0, 360, composed_width, 360}, to_yuv(purple));
  return std::make_shared<const Picture>(std::move(made));
}

std::shared_ptr<const Overlay> watermark(const Colour& colour, std::uint8_t alpha, std::uint16_t width = 400,
                                         std::uint16_t height = 120) {
  Overlay made;
  made.picture = plain_picture(width, height, to_yuv(colour));
  made.alpha.assign(std::size_t{width} * height, alpha);
  made.half_alpha.assign(made.alpha.size() / 4, alpha);
  return std::make_shared<const Overlay>(std::move(made));
}

Yuv middle_of(const PictureView& view) {
  const int x = view.width / 2, y = view.height / 2;
  return {view.y[y * view.y_stride + x], view.u[y / 2 * view.uv_stride + x / 2],
          view.v[y / 2 * view.uv_stride + x / 2]};
}

struct CanvasLook : testing::Test {
  static CanvasPlan plan(const Look& look, std::vector<TrackId> tracks = {1, 2, 3}) {
    CanvasPlan made;
    made.people = tracks.size();
    for (const TrackId track : tracks)
      made.tiles.push_back({.track = track});
    made.look = std::make_shared<const Look>(look);
    return made;
  }
  const Picture& draw(const CanvasPlan& wanted, const std::vector<TrackId>& fresh = {}) {
    canvas.set(wanted, ++now_us);
    EXPECT_TRUE(canvas.draw(sources, fresh, now_us));
    return canvas.picture();
  }
  const CanvasStyle style{.font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"};
  Font font{style.font};
  Canvas canvas{style, font};
  Sources sources = people_in(dark, {1, 2, 3, 4, 5, 6, 7, 8});
  const Yuv person = middle_of(sources.at(1)->picture()); // what the codec has left of it
  std::int64_t now_us = 0;
};

// Of 1:7, in which the gap around a tile is 4 pixels wide: the large place is 960 by 540.
constexpr int empty_x = 160, empty_y = 630; // where the fifth would sit

TEST_F(CanvasLook, WithoutOneItIsAsTheStyleSays) {
  CanvasPlan wanted = plan({});
  wanted.tiles[1].speaks = true;
  const Picture empty_look = draw(wanted);
  wanted.look = nullptr;
  const Picture none = draw(wanted);
  EXPECT_EQ(none.y, empty_look.y);
  EXPECT_EQ(none.u, empty_look.u);
  EXPECT_TRUE(is(none, empty_x, empty_y, style.background));
  EXPECT_TRUE(is(none, 1120, 1, style.border));
  EXPECT_TRUE(is(none, 480, 270, person));
}

TEST_F(CanvasLook, HasItsBackgroundAndItsBorder) {
  CanvasPlan wanted = plan({.background = green, .border = red});
  wanted.tiles[1].speaks = true;
  const Picture seen = draw(wanted);
  EXPECT_TRUE(is(seen, empty_x, empty_y, green));
  EXPECT_TRUE(is(seen, 480, 1, green)) << "the gap of who does not speak";
  EXPECT_TRUE(is(seen, 1120, 1, red)) << "and of who does";
  EXPECT_TRUE(is(seen, 480, 270, person));
  wanted.look = plan({.background = blue}).look; // after a reload
  const Picture after = draw(wanted);
  EXPECT_TRUE(is(after, empty_x, empty_y, blue));
  EXPECT_TRUE(is(after, 1120, 1, style.border));
  EXPECT_TRUE(is(after, 480, 270, person)) << "who was there is drawn again";
}

TEST_F(CanvasLook, ABackdropIsSeenWhereNobodyIs) {
  sources.merge(people_in(dark, {9}, 360, 640)); // upright: what is beside it is more than 30 percent
  CanvasPlan wanted = plan({.backdrop = backdrop()}, {1, 9, 3});
  wanted.tiles[2].speaks = true;
  const Picture seen = draw(wanted, {1, 9, 3});
  EXPECT_TRUE(is(seen, 480, 1, yellow)) << "a gap above";
  EXPECT_TRUE(is(seen, 1, 500, purple)) << "a gap below";
  EXPECT_TRUE(is(seen, empty_x, empty_y, purple));
  EXPECT_TRUE(is(seen, 1120, 181, style.border));
  EXPECT_TRUE(is(seen, 1120, 90, middle_of(sources.at(9)->picture())));
  EXPECT_TRUE(is(seen, 980, 90, yellow)) << "beside the one who is narrow";
  EXPECT_TRUE(is(seen, 1260, 90, yellow));
  wanted.tiles[2].speaks = false;
  EXPECT_TRUE(is(draw(wanted), 1120, 181, yellow)) << "and where a border was";
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(canvas.draw(sources, {9}, ++now_us));
    EXPECT_TRUE(is(canvas.picture(), 980, 90, yellow));
  }
}

struct EveryCorner : CanvasLook, testing::WithParamInterface<Corner> {};

TEST_P(EveryCorner, AWatermarkIsThereOverTilesGapsAndGroundAndStaysAsItIs) {
  const bool is_left = GetParam() == Corner::top_left || GetParam() == Corner::bottom_left;
  const bool is_top = GetParam() == Corner::top_left || GetParam() == Corner::top_right;
  const Look plain{.background = green};
  Look marked = plain;
  marked.watermark = watermark(white, 100);
  marked.corner = GetParam();
  const std::vector<TrackId> all{1, 2, 3, 4, 5, 6, 7, 8};
  // What it must be: laid once over the whole.
  Picture wanted = draw(plan(plain, all), all);
  const int x = is_left ? 20 : 1280 - 400 - 20, y = is_top ? 20 : 720 - 120 - 20;
  ASSERT_TRUE(is(wanted, x + 30, y + 60, person));
  lay_over(wanted, *marked.watermark, x, y, {0, 0, 1280, 720});
  const Picture seen = draw(plan(marked, all), all);
  EXPECT_EQ(seen.y, wanted.y);
  EXPECT_EQ(seen.u, wanted.u);
  EXPECT_EQ(seen.v, wanted.v);
  EXPECT_TRUE(is(seen, x + 30, y + 60, mixed(white, person, 100)));
  // Whoever is under it moves, begins to speak and ends.
  CanvasPlan speaking = plan(marked, all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    speaking.tiles[i].speaks = true;
    draw(speaking, {all[i]});
    speaking.tiles[i].speaks = false;
    draw(speaking, {all[i], 1});
    EXPECT_EQ(canvas.picture().y, wanted.y) << i;
    EXPECT_EQ(canvas.picture().v, wanted.v) << i;
  }
  Look other = marked; // and nothing is left of it when it goes
  other.watermark = nullptr;
  const Picture without = draw(plan(other, all));
  EXPECT_TRUE(is(without, x + 30, y + 60, person));
}
INSTANTIATE_TEST_SUITE_P(Corners, EveryCorner,
                         testing::Values(Corner::top_left, Corner::top_right, Corner::bottom_left,
                                         Corner::bottom_right));

TEST_F(CanvasLook, TheSignOfARecordingIsOverAWatermark) {
  CanvasPlan wanted = plan({.watermark = watermark(green, 255), .corner = Corner::top_left});
  wanted.recorded = true;
  const Picture seen = draw(wanted);
  EXPECT_TRUE(is(seen, 38, 20, Colour{190, 20, 30})) << "its red ground";
  EXPECT_TRUE(is(seen, 38, 38, Colour{255, 255, 255})) << "its disc";
  EXPECT_TRUE(is(seen, 100, 100, green));
}

TEST_F(CanvasLook, OneAloneIsShownAsHeIs) {
  CanvasPlan wanted =
      plan({.background = green, .backdrop = backdrop(), .watermark = watermark(red, 255, 40, 40)}, {1});
  wanted.follows = true;
  wanted.layout = Layout::one;
  const Picture seen = draw(wanted);
  EXPECT_EQ(seen.width, 640);
  for (const int x : {30, 320, 610})
    for (const int y : {30, 180, 330})
      EXPECT_TRUE(is(seen, x, y, person)) << x << ", " << y;
}

TEST(StillLook, HasTheOrganisationsColourWordsAndBackdrop) {
  const std::string font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
  EXPECT_EQ(still_lines(nullptr, StillText::alone).front(), "You are alone here");
  Look look{.background = Colour{240, 240, 220}, .lines = {{StillText::alone, {"Nobody is here yet"}}}};
  EXPECT_EQ(still_lines(&look, StillText::alone), std::vector<std::string>{"Nobody is here yet"});
  EXPECT_EQ(still_lines(&look, StillText::camera_off), still_lines(nullptr, StillText::camera_off));
  const auto range = [](const Picture& picture, int top, int bottom) {
    const auto [low, high] = std::minmax_element(picture.y.begin() + top * picture.width,
                                                 picture.y.begin() + bottom * picture.width);
    return std::pair{int{*low}, int{*high}};
  };
  const Picture light = draw(still_style(&look, font), still_lines(&look, StillText::alone));
  EXPECT_TRUE(is(light, 10, 10, *look.background));
  EXPECT_LT(range(light, 140, 200).first, 40) << "black letters on a light ground";

  look.background = Colour{40, 0, 0};
  const Picture deep = draw(still_style(&look, font), still_lines(&look, StillText::alone));
  EXPECT_TRUE(is(deep, 10, 10, *look.background));
  EXPECT_GT(range(deep, 140, 200).second, 220) << "white ones on a dark ground";

  look.backdrop = backdrop();
  const Picture over = draw(still_style(&look, font), still_lines(&look, StillText::alone));
  EXPECT_EQ(over.width, 640);
  EXPECT_TRUE(is(over, 10, 10, yellow));
  EXPECT_TRUE(is(over, 630, 350, purple));
  EXPECT_GT(range(over, 140, 200).second, 220);
  EXPECT_TRUE(is(over, 2, 160, mixed({0, 0, 0}, to_yuv(yellow), 150))) << "darker where text is";
  const Picture wordless = draw(still_style(&look, font), {});
  EXPECT_TRUE(is(wordless, 2, 160, yellow));
}

} // namespace
} // namespace viadux::mixer
