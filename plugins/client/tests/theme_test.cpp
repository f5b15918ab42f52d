// An organisation's look, and the log of what went wrong in browsers.
#include "../client_log.hpp"
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

TEST(ClientLogTest, KeepsTheNewest64KiBOfASlot) {
  ClientLog log;
  EXPECT_FALSE(log.add("slot-1234", "before it begins", 1));
  log.begin("slot-1234", "demo", 1);
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(log.add("slot-1234", std::string(1000, 'a') + std::to_string(i), 2));
  const ClientLog::Slot* slot = log.find("slot-1234");
  EXPECT_LE(slot->bytes, ClientLog::slot_bytes);
  EXPECT_TRUE(slot->lines.back().ends_with("299"));
  log.begin("slot-1234", "demo", 3);
  EXPECT_TRUE(log.find("slot-1234")->lines.empty());
}

TEST(ClientLogTest, IsBoundedInSlotsAndTimeAndHoldsLinesOnly) {
  ClientLog log;
  for (std::size_t i = 0; i < ClientLog::most_slots + 10; ++i)
    log.begin("slot-" + std::to_string(10'000 + i), "demo", static_cast<std::int64_t>(i));
  EXPECT_EQ(log.size(), ClientLog::most_slots);
  EXPECT_EQ(log.find("slot-10000"), nullptr) << "the oldest goes first";
  log.begin("other-1234", "other", 600);
  EXPECT_EQ(log.list("other").size(), 1U);
  ASSERT_TRUE(log.add("other-1234", "one\nline\r", 700));
  EXPECT_EQ(log.find("other-1234")->lines.front(), "one line ");
  log.forget_old(700 + ClientLog::kept_ms);
  EXPECT_EQ(log.size(), 1U);
  log.forget_old(701 + ClientLog::kept_ms);
  EXPECT_EQ(log.size(), 0U);
}

TEST(ClientLogTest, TakesOnlyPlainNames) {
  EXPECT_TRUE(ClientLog::is_name("0a1b2c3d-4e"));
  for (const char* name : {"short", "Has-Capitals", "with space", "../../etc", ""})
    EXPECT_FALSE(ClientLog::is_name(name)) << name;
}

} // namespace
} // namespace client
