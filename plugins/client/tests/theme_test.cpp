// An organisation's look.
#include "../theme.hpp"

#include <filesystem>
#include <fstream>
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

} // namespace
} // namespace client
