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
    own_ = (base / "own").string();
    above_ = (base / "above").string();
    base_ = base.string();
  }
  ~ThemeTest() override { std::filesystem::remove_all(base_); }
  static void write(const std::string& folder, const std::string& name, const std::string& text) {
    const auto path = std::filesystem::path(folder) / "theme" / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string base_, own_, above_;
  Themes themes_;
};

TEST_F(ThemeTest, TakesEachFileAndEachMemberFromTheNearestFolder) {
  write(above_, "logo.svg", "<svg/>");
  write(above_, "theme.json", R"({"name": "Above", "welcome": "Hello", "logo": "logo.svg"})");
  write(own_, "theme.json", R"({"name": "Own"})");
  const std::vector<std::string> folders{own_, above_};
  const viadux::Json settings = themes_.settings(folders, 1);
  EXPECT_EQ(*settings.find("name")->text(), "Own");
  EXPECT_EQ(*settings.find("welcome")->text(), "Hello");
  const auto logo = themes_.find(folders, "logo.svg", 1);
  ASSERT_NE(logo, nullptr);
  EXPECT_EQ(logo->type, "image/svg+xml");
  EXPECT_EQ(themes_.find(folders, "none.svg", 1), nullptr);
}

TEST_F(ThemeTest, SeesAChangeAfterAWhileAndNotBefore) {
  write(own_, "welcome.css", "a");
  EXPECT_EQ(themes_.find({own_}, "welcome.css", 1)->bytes, "a");
  write(own_, "welcome.css", "b and more");
  std::filesystem::last_write_time(own_ + "/theme/welcome.css",
                                   std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(themes_.find({own_}, "welcome.css", 2)->bytes, "a");
  EXPECT_EQ(themes_.find({own_}, "welcome.css", 2 + Themes::look_again_us)->bytes, "b and more");
}

TEST_F(ThemeTest, LeavesTheFolderByNoName) {
  std::filesystem::create_directories(own_ + "/theme");
  std::ofstream(own_ + "/secret.json") << "{}";
  for (const char* name : {"../secret.json", "/etc/passwd", "modules/../../secret.json", ".hidden.json",
                           "a/b.json", "organisation.toml", "", "x.php", "modules/"})
    EXPECT_EQ(themes_.find({own_}, name, 1), nullptr) << name;
  EXPECT_TRUE(is_theme_file("modules/invite.mjs"));
}

TEST_F(ThemeTest, ServesNothingTooLargeAndNoFolder) {
  write(own_, "large.png", std::string(Themes::largest_file + 1, 'x'));
  std::filesystem::create_directories(own_ + "/theme/odd.png");
  EXPECT_EQ(themes_.find({own_}, "large.png", 1), nullptr);
  EXPECT_EQ(themes_.find({own_}, "odd.png", 1), nullptr);
}

TEST(ThemeCheckTest, FindsNothingInARightTheme) {
  EXPECT_THAT(theme_faults(R"({"name": "Region", "logo": "logo.svg", "colours": {"accent": "#0b5f59"},
    "terms_url": "https://region.example/terms", "texts": {"da": {"join.title": "Hej"}}, "modules": ["a.mjs"]})"),
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

TEST_F(ThemeTest, TellsOfEachMistakeOncePerStateOfTheFile) {
  std::vector<std::string> told;
  themes_.on_fault = [&told](const std::string& path, const std::string& fault) {
    told.push_back(path + ": " + fault);
  };
  write(own_, "theme.json", "{\"name\": }");
  write(above_, "theme.json", R"({"name": "Above"})");
  EXPECT_EQ(*themes_.settings({own_, above_}, 1).find("name")->text(), "Above");
  (void)themes_.settings({own_, above_}, 2);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], testing::HasSubstr("own/theme/theme.json: line 1, column 1"));
  write(own_, "theme.json", "{\"name\": 4 }");
  (void)themes_.settings({own_, above_}, 2 + Themes::look_again_us);
  EXPECT_EQ(told.size(), 2U);
}

} // namespace
} // namespace client
