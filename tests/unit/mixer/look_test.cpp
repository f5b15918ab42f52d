// What an organisation's theme says about pictures, read from files that a test has written.
#include "core/mixer/look_reader.hpp"
#include "core/mixer/theme_picture.hpp"

#include "cameras.hpp"
#include "themes.hpp"

#include <gmock/gmock.h>

namespace viadux::mixer {
namespace {

struct LookTest : testing::Test {
  Looks read() {
    faults.clear();
    return reader.read(*themes.organisations());
  }
  Themes themes;
  std::vector<std::string> faults;
  LookReader reader{[this](const std::string& path, const std::string& fault) {
    faults.push_back(std::filesystem::path(path).filename().string() + ": " + fault);
  }};
};

Yuv at(const Picture& picture, int x, int y) {
  const auto luma = static_cast<std::size_t>(y * picture.width + x);
  const auto chroma = static_cast<std::size_t>(y / 2 * (picture.width / 2) + x / 2);
  return {picture.y[luma], picture.u[chroma], picture.v[chroma]};
}

void expect_colour(const Picture& picture, int x, int y, const Colour& colour) {
  const Yuv is = at(picture, x, y), wanted = to_yuv(colour);
  EXPECT_NEAR(is.y, wanted.y, 3) << x << ", " << y;
  EXPECT_NEAR(is.u, wanted.u, 3) << x << ", " << y;
  EXPECT_NEAR(is.v, wanted.v, 3) << x << ", " << y;
}

TEST_F(LookTest, IsAbsentWhereNobodySaysAnything) {
  themes.add("plain");
  themes.put("plain", "theme.json", R"({"name": "Plain", "background": "page.png"})");
  themes.add("nothing");
  themes.add("empty");
  themes.say("empty", "{}");
  themes.add("broken");
  themes.put("broken", "theme.json", R"({"picture": {"border": "#ffffff"})");
  EXPECT_THAT(read(), testing::IsEmpty());
  EXPECT_THAT(faults, testing::IsEmpty());
}

TEST_F(LookTest, ComesMemberByMemberAndFileByFileFromTheOrganisationsAbove) {
  themes.add("region");
  themes.say("region", R"({"background": "#102030", "border": "#00ff00", "watermark": "mark.png",
    "watermark_corner": "top-left", "alone": ["Nobody else", "is here"], "camera_off": ["No camera"]})");
  themes.put("region", "mark.png", plain_png(40, 20, pixel(red)));
  themes.add("hospital", "region");
  themes.say("hospital", R"({"border": "#0000fF", "alone": ["Alone"]})");
  themes.put("hospital", "mark.png", plain_png(60, 20, pixel(green)));
  themes.add("clinic", "hospital"); // has nothing of its own
  themes.add("aside", "region");
  themes.say("aside", R"({"background": "back.png", "watermark": ""})");
  themes.put("aside", "back.png", plain_png(64, 36, pixel(blue)));
  const Looks looks = read();
  EXPECT_THAT(faults, testing::IsEmpty());

  const Look& region = *looks.at("region");
  EXPECT_EQ(region.background, (Colour{16, 32, 48}));
  EXPECT_EQ(region.border, (Colour{0, 255, 0}));
  EXPECT_EQ(region.corner, Corner::top_left);
  ASSERT_TRUE(region.watermark);
  EXPECT_EQ(region.watermark->picture.width, 40);

  const Look& hospital = *looks.at("hospital");
  EXPECT_EQ(hospital.background, region.background);
  EXPECT_EQ(hospital.border, (Colour{0, 0, 255}));
  EXPECT_EQ(hospital.corner, Corner::top_left);
  ASSERT_TRUE(hospital.watermark);
  EXPECT_EQ(hospital.watermark->picture.width, 60) << "a file of its own, by the name from above";
  EXPECT_THAT(hospital.lines.at(StillText::alone), testing::ElementsAre("Alone"));
  EXPECT_THAT(hospital.lines.at(StillText::camera_off), testing::ElementsAre("No camera"));
  EXPECT_FALSE(hospital.lines.contains(StillText::waiting_for_host));
  EXPECT_EQ(looks.at("clinic"), looks.at("hospital")) << "shared";

  const Look& aside = *looks.at("aside");
  EXPECT_FALSE(aside.background);
  EXPECT_FALSE(aside.watermark) << "taken away";
  ASSERT_TRUE(aside.backdrop);
  expect_colour(*aside.backdrop, 5, 700, blue);
}

TEST_F(LookTest, StaysTheSameUntilItChanges) {
  themes.add("one");
  themes.say("one", R"({"background": "back.png"})");
  themes.put("one", "back.png", plain_png(64, 36, pixel(blue)));
  themes.add("two");
  themes.say("two", R"({"border": "#111111"})");
  const Looks before = read();
  const Looks again = read();
  EXPECT_EQ(again, before);
  themes.put("one", "back.png",
             png(64, 40, [](unsigned x, unsigned) { return pixel(x < 20 ? red : green); }));
  const Looks after = read();
  EXPECT_NE(after.at("one"), before.at("one"));
  EXPECT_EQ(after.at("two"), before.at("two"));
  expect_colour(*after.at("one")->backdrop, 5, 5, red);
  expect_colour(*before.at("one")->backdrop, 5, 5, blue);
}

TEST_F(LookTest, MistakesAreToldOnceAndCountForNothing) {
  themes.add("region");
  themes.say("region", R"({"border": "#00ff00"})");
  themes.add("own", "region");
  themes.say("own", R"({"background": "../secret.png", "border": "green", "watermark": "logo.svg",
    "watermark_corner": "middle", "alone": "Alone", "camera_off": ["1", "2", "3", "4", "5"],
    "waiting_for_host": [")" +
                        std::string(65, 'w') + R"("], "colour": 1})");
  const Looks looks = read();
  EXPECT_THAT(faults, testing::UnorderedElementsAre(
                          testing::StartsWith("theme.json: picture.background: must be #"),
                          testing::StartsWith("theme.json: picture.border: must be #"),
                          testing::StartsWith("theme.json: picture.watermark: must be the name"),
                          testing::StartsWith("theme.json: picture.watermark_corner: must be top-left"),
                          testing::StartsWith("theme.json: picture.alone: must be a list"),
                          testing::StartsWith("theme.json: picture.camera_off: must be a list"),
                          testing::StartsWith("theme.json: picture.waiting_for_host: must be"),
                          testing::StartsWith("theme.json: picture.colour: there is no such")));
  EXPECT_EQ(looks.at("own"), looks.at("region")) << "as if it said nothing";
  read();
  EXPECT_THAT(faults, testing::IsEmpty()) << "told already";
  themes.say("own", R"(["background"])");
  read();
  EXPECT_THAT(faults, testing::ElementsAre("theme.json: picture: must be an object in braces"));
  themes.say("own", R"({"alone": [")" + std::string(64, 'w') +
                        R"(", "æøåæøåæøåæøåæøåæøåæøåæøåæøåæøåæøåæøåæøåæøåæøå"]})");
  EXPECT_EQ(read().at("own")->lines.at(StillText::alone).size(), 2U);
  EXPECT_THAT(faults, testing::IsEmpty());
}

// A length of four bytes, "IHDR", width and height, and the CRC of all that (PNG, section 5.3 and annex D).
std::string with_size(std::string file, std::uint32_t width, std::uint32_t height) {
  const auto write = [&](std::size_t place, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i)
      file[place + i] = static_cast<char>(value >> (24 - 8 * i));
  };
  write(16, width);
  write(20, height);
  std::uint32_t crc = 0xffffffffU;
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<std::uint8_t>(file[i]);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc & 1U) != 0 ? 0xedb88320U ^ crc >> 1U : crc >> 1U;
  }
  write(29, ~crc);
  return file;
}

TEST_F(LookTest, APictureThatCantBeUsedIsToldAndTheDefaultCounts) {
  const std::string good = plain_png(64, 36, pixel(blue));
  const struct {
    std::string bytes, fault;
  } cases[] = {
      {"this is text", "can't be read as PNG"},
      {good.substr(0, good.size() / 2), "can't be read as PNG"},
      {with_size(good, 64, 36), ""},
      {with_size(good, 4097, 36), "has 4097 by 36 pixels"},
      {with_size(good, 60'000, 60'000), "has 60000 by 60000 pixels"}, // 14 GB
      {plain_png(1, 36, pixel(blue)), "has 1 by 36 pixels"},
      {good + std::string(2 * 1024 * 1024, ' '), "larger than 2 MB"},
      {"", "is empty"},
  };
  themes.add("one");
  for (const auto& each : cases) {
    const std::string name = "p" + std::to_string(&each - cases) + ".png";
    themes.say("one",
               R"({"background": ")" + name + R"(", "watermark": ")" + name + R"(", "border": "#111111"})");
    themes.put("one", name, each.bytes);
    const Looks looks = read();
    EXPECT_EQ(looks.at("one")->backdrop != nullptr, each.fault.empty()) << each.fault;
    EXPECT_EQ(looks.at("one")->watermark != nullptr, each.fault.empty()) << each.fault;
    if (each.fault.empty())
      EXPECT_THAT(faults, testing::IsEmpty());
    else
      EXPECT_THAT(faults, testing::ElementsAre(testing::HasSubstr(each.fault))); // once, though both have it
    read();
    EXPECT_THAT(faults, testing::IsEmpty());
  }
  themes.say("one", R"({"background": "none.png"})");
  EXPECT_THAT(read(), testing::IsEmpty());
  EXPECT_THAT(faults, testing::ElementsAre(testing::HasSubstr("none.png: there is no such file")));
}

TEST_F(LookTest, KeepsABoundedNumberOfPictures) {
  const std::string mark = plain_png(8, 8, pixel(blue));
  for (std::size_t i = 0; i < LookReader::most_pictures + 2; ++i) {
    const std::string code = "o" + std::to_string(i);
    themes.add(code);
    themes.say(code, R"({"watermark": "mark.png"})");
    themes.put(code, "mark.png", mark);
  }
  EXPECT_EQ(read().size(), LookReader::most_pictures);
  EXPECT_THAT(faults,
              testing::ElementsAre(testing::HasSubstr("200 pictures"), testing::HasSubstr("200 pictures")));
}

TEST_F(LookTest, ABackdropCoversAllAndIsNotStretched) {
  // A green square in the middle of another one, left half red and right half blue: 3.2 times as large.
  const std::string square = themes.put("x", "square.png", png(400, 400, [](unsigned x, unsigned y) {
                                          if (x >= 150 && x < 250 && y >= 150 && y < 250) return pixel(green);
                                          return pixel(x < 200 ? red : blue);
                                        }));
  const auto backdrop = read_backdrop(square, {});
  ASSERT_TRUE(backdrop) << backdrop.error().message;
  ASSERT_EQ(backdrop->width, 1280);
  ASSERT_EQ(backdrop->height, 720);
  for (const int y : {2, 716}) {
    expect_colour(*backdrop, 2, y, red);
    expect_colour(*backdrop, 1276, y, blue);
  }
  for (const int sign : {-1, 1}) {
    expect_colour(*backdrop, 640 + sign * 154, 360, green);
    expect_colour(*backdrop, 640, 360 + sign * 154, green);
    expect_colour(*backdrop, 640 + sign * 166, 360, sign < 0 ? red : blue);
    expect_colour(*backdrop, 630, 360 + sign * 166, red);
  }
  // Wide, of odd size: the middle of it.
  const std::string wide = themes.put("x", "wide.png", png(1001, 101, [](unsigned x, unsigned) {
                                        return pixel(x > 420 && x < 580 ? green : red);
                                      }));
  const auto cut = read_backdrop(wide, {});
  ASSERT_TRUE(cut);
  for (const int x : {200, 640, 1080})
    for (const int y : {2, 716})
      expect_colour(*cut, x, y, green);
  expect_colour(*cut, 30, 360, red);
}

TEST_F(LookTest, WhereABackdropIsTransparentTheColourBeneathIsSeen) {
  const std::string file = themes.put(
      "x", "half.png", png(128, 72, [](unsigned x, unsigned) { return pixel(white, x < 64 ? 0 : 128); }));
  const auto backdrop = read_backdrop(file, {100, 0, 0});
  ASSERT_TRUE(backdrop);
  expect_colour(*backdrop, 100, 360, {100, 0, 0});
  expect_colour(*backdrop, 1200, 360, {165, 115, 115});
}

TEST_F(LookTest, AWatermarkIsMadeSmallAndKeepsColourAndTransparency) {
  // Half of it red and half transparent, half of it nothing.
  const std::string file = themes.put("x", "mark.png", png(300, 240, [](unsigned x, unsigned) {
                                        return x < 150 ? pixel({255, 0, 0}, 128) : Pixel{0, 0, 0, 0};
                                      }));
  const auto mark = read_watermark(file);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->picture.width, 150);
  EXPECT_EQ(mark->picture.height, 120);
  ASSERT_EQ(mark->alpha.size(), 150U * 120);
  ASSERT_EQ(mark->half_alpha.size(), 75U * 60);
  EXPECT_NEAR(mark->alpha[60 * 150 + 30], 128, 1);
  EXPECT_EQ(mark->alpha[60 * 150 + 120], 0);
  expect_colour(mark->picture, 30, 60, {255, 0, 0});
  Picture under = plain_picture(300, 200, to_yuv({0, 0, 200}));
  lay_over(under, *mark, 100, 40, {0, 0, 300, 200});
  expect_colour(under, 130, 100, {128, 0, 100});
  expect_colour(under, 220, 100, {0, 0, 200});
  expect_colour(under, 96, 100, {0, 0, 200});
  for (int x = 100; x < 250; ++x) // nothing black where it ends
    EXPECT_GE(at(under, x, 100).y, to_yuv({0, 0, 200}).y - 2) << x;

  Picture part = plain_picture(300, 200, to_yuv({0, 0, 200}));
  lay_over(part, *mark, 100, 40, {0, 0, 120, 100});
  lay_over(part, *mark, 100, 40, {120, 0, 180, 100});
  lay_over(part, *mark, 100, 40, {0, 100, 300, 100});
  EXPECT_EQ(part.y, under.y) << "in parts it is the same";
  EXPECT_EQ(part.u, under.u);
  EXPECT_EQ(part.v, under.v);

  const std::string small = themes.put("x", "small.png", plain_png(31, 21, pixel(green)));
  EXPECT_EQ(read_watermark(small)->picture.height, 22) << "as it is, but even";
  const std::string broad = themes.put("x", "broad.png", plain_png(2560, 20, pixel(green)));
  EXPECT_EQ(read_watermark(broad)->picture.width, 640);
}

} // namespace
} // namespace viadux::mixer
