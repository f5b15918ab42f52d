#include "core/config/live_configuration.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace viadux {
namespace {

using testing::ElementsAre;

class LiveConfigurationTest : public testing::Test {
 protected:
  void SetUp() override {
    file_ = testing::TempDir() + "viadux_live_" + std::to_string(::getpid()) + ".toml";
    write("[log]\nlevel = \"info\"\n");
    const ConfigSource source{.file = file_};
    live_ = std::make_unique<LiveConfiguration>(core_schema(), source,
                                                load_configuration(core_schema(), source).configuration);
    live_->listen([this](const Configuration& now, const std::vector<std::string>& changed) {
      heard_ = changed;
      level_ = now.get_string("log.level");
    });
  }
  void TearDown() override { std::filesystem::remove(file_); }
  void write(const std::string& text) const { std::ofstream(file_) << text; }

  std::string file_;
  std::unique_ptr<LiveConfiguration> live_;
  std::vector<std::string> heard_;
  std::string level_;
};

TEST_F(LiveConfigurationTest, TellsWhatChanged) {
  const auto before = live_->current();
  write("[log]\nlevel = \"debug\"\n[control]\ndrain_timeout = \"1s\"\n");
  const ReloadResult result = live_->reload();
  EXPECT_TRUE(result.mistakes.empty());
  EXPECT_THAT(result.changed, ElementsAre("control.drain_timeout", "log.level"));
  EXPECT_EQ(heard_, result.changed);
  EXPECT_EQ(level_, "debug");
  EXPECT_EQ(live_->current()->get_string("log.level"), "debug");
  EXPECT_EQ(before->get_string("log.level"), "info"); // who still holds it is not surprised
}

TEST_F(LiveConfigurationTest, OneRestartKeyRefusesAll) {
  write("[log]\nlevel = \"debug\"\n[http]\nport = 8081\n");
  const ReloadResult result = live_->reload();
  ASSERT_EQ(result.mistakes.size(), 1U);
  EXPECT_EQ(to_string(result.mistakes[0]), file_ + ":4:8: http.port: can't change while the server runs "
                                                   "(restart the server, or put the old value back)");
  EXPECT_TRUE(result.changed.empty());
  EXPECT_TRUE(heard_.empty());
  EXPECT_EQ(live_->current()->get_string("log.level"), "info");
}

TEST_F(LiveConfigurationTest, OneMistakeRefusesAll) {
  write("[log]\nlevel = \"debug\"\n[control]\ndrain_timeuot = \"1s\"\n");
  EXPECT_EQ(live_->reload().mistakes.size(), 1U);
  EXPECT_EQ(live_->current()->get_string("log.level"), "info");
  std::filesystem::remove(file_);
  EXPECT_EQ(live_->reload().mistakes.size(), 1U);
  EXPECT_EQ(live_->current()->get_string("log.level"), "info");
}

TEST_F(LiveConfigurationTest, NothingChangedIsNoNews) {
  write("[log]\nlevel = \"info\" # a comment\n");
  const ReloadResult result = live_->reload();
  EXPECT_TRUE(result.mistakes.empty());
  EXPECT_TRUE(result.changed.empty());
  EXPECT_TRUE(heard_.empty());
}

} // namespace
} // namespace viadux
