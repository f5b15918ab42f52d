// An organisation's look.
#include "../theme.hpp"
#include "../theme_check.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace client {
namespace {

class ThemeTest : public testing::Test {
 protected:
  ThemeTest() {
    const auto base = std::filesystem::temp_directory_path() / ("viadux-theme-" + std::to_string(::getpid()));
    own_ = (base / "own" / "theme").string();
    above_ = (base / "above" / "theme").string();
    base_ = base.string();
  }
  ~ThemeTest() override { std::filesystem::remove_all(base_); }
  static void write(const std::string& folder, const std::string& name, const std::string& text) {
    const auto path = std::filesystem::path(folder) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string base_, own_, above_;
};

TEST_F(ThemeTest, TakesEachMemberFromTheNearestFolder) {
  write(above_, "back.png", "picture");
  write(above_, "theme.json", R"({"name": "Above", "welcome": "Hello", "background": "back.png"})");
  write(own_, "theme.json", R"({"name": "Own"})");
  const ThemeSettings settings = read_theme({own_, above_});
  EXPECT_EQ(*settings.json.find("name")->text(), "Own");
  EXPECT_EQ(*settings.json.find("welcome")->text(), "Hello");
  EXPECT_TRUE(settings.has_background);
  write(own_, "theme.json", R"({"background": "none.png"})");
  EXPECT_FALSE(read_theme({own_, above_}).has_background);
}

TEST_F(ThemeTest, IsEmptyWhereThereIsNothingToRead) {
  write(own_, "theme.json", std::string(70'000, ' ') + R"({"name": "Own"})");
  EXPECT_EQ(read_theme({own_}).json.dump(), "{}") << "too large";
  write(own_, "theme.json", R"(["name"])");
  EXPECT_EQ(read_theme({own_}).json.dump(), "{}");
  std::filesystem::create_directories(above_ + "/theme.json");
  EXPECT_EQ(read_theme({above_}).json.dump(), "{}") << "a folder";
  EXPECT_EQ(read_theme({}).json.dump(), "{}");
}

TEST_F(ThemeTest, LiesInANamedFolderFirst) {
  EXPECT_EQ(theme_folders({"/own", "/above"}, ""), (std::vector<std::string>{"/own/theme", "/above/theme"}));
  EXPECT_EQ(
      theme_folders({"/own", "/above"}, "winter"),
      (std::vector<std::string>{"/own/themes/winter", "/above/themes/winter", "/own/theme", "/above/theme"}));
  for (const char* name : {"../other", "a/b", ".", "..", ".hidden"})
    EXPECT_EQ(theme_folders({"/own"}, name), std::vector<std::string>{"/own/theme"}) << name;
}

TEST(ThemeFile, HasAKindAndLeadsNowhereElse) {
  for (const char* name : {"../secret.json", "/etc/passwd", "modules/../../secret.json", ".hidden.json",
                           "a/b.json", "organisation.toml", "", "x.php", "modules/", "modules/a/b.mjs"})
    EXPECT_FALSE(is_theme_file(name)) << name;
  for (const char* name : {"modules/invite.mjs", "logo.svg", "theme.json", "text.woff2", "avatar.jpg"})
    EXPECT_TRUE(is_theme_file(name)) << name;
  EXPECT_TRUE(is_theme_picture("logo.svg"));
  for (const char* name : {"theme.json", "modules/logo.svg", "../logo.svg", ".svg"})
    EXPECT_FALSE(is_theme_picture(name)) << name;
}

TEST(ThemeCheckTest, FindsNothingInARightTheme) {
  EXPECT_THAT(theme_faults(R"({"name": "Region", "logo": "logo.svg", "colours": {"accent": "#0b5f59"},
    "terms_url": "https://region.example/terms", "texts": {"da": {"join.title": "Hej"}}, "modules": ["a.mjs"],
    "picture": {"border": "the server's mixer checks it"}})"),
              testing::IsEmpty());
}

TEST(ThemeCheckTest, SaysWhereAMistakeIs) {
  const auto syntax = theme_faults("{\n  \"name\": \"Region\",\n  \"logo\" \"logo.svg\"\n}");
  ASSERT_EQ(syntax.size(), 1U);
  EXPECT_THAT(syntax[0], testing::StartsWith("line 3, column 1"));
  EXPECT_THAT(
      theme_faults(R"({"colours": {"accent": "green"}, "logo": "../logo.svg", "return_url": "region.example",
    "colour": 1, "texts": {"de": {}, "da": {"join.title": 4}}, "modules": ["a.js"], "welcome": []})"),
      testing::UnorderedElementsAre(
          testing::StartsWith("colours.accent: must be #"), testing::StartsWith("logo: must be the name"),
          testing::StartsWith("return_url: must begin"), testing::StartsWith("colour: there is no such"),
          testing::StartsWith("texts.de: the languages"), testing::StartsWith("texts.da.join.title: must"),
          testing::StartsWith("modules: must be"), testing::StartsWith("welcome: must be a text")));
  EXPECT_THAT(theme_faults("[]"), testing::ElementsAre(testing::StartsWith("line 1")));
  EXPECT_EQ(
      theme_faults("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,"
                   "\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1,\"s\":1,\"t\":1,\"u\":1,\"v\":1}")
          .size(),
      20U);
}

TEST_F(ThemeTest, ShowsEachFileAsItIs) {
  std::vector<std::string> seen;
  write(own_, "theme.json", "{\"name\": }");
  write(above_, "theme.json", R"({"name": "Above"})");
  const ThemeSettings settings = read_theme(
      {own_, above_}, [&](const auto& path, const auto& text) { seen.push_back(path + ": " + text); });
  EXPECT_EQ(*settings.json.find("name")->text(), "Above");
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_THAT(seen[0], testing::HasSubstr("own/theme/theme.json: {\"name\": }"));
}

} // namespace
} // namespace client
