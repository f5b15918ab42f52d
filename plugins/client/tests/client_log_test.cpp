#include "../client_log.hpp"

#include <gtest/gtest.h>

namespace client {
namespace {

TEST(ClientLogTest, KeepsTheNewest64KiBOfASlot) {
  ClientLog log;
  EXPECT_FALSE(log.add("slot-1234", "before it begins", ClientLog::slot_bytes, 1));
  log.begin("slot-1234", "demo", 1);
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(log.add("slot-1234", std::string(1000, 'a') + std::to_string(i), ClientLog::slot_bytes, 2));
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
  ASSERT_TRUE(log.add("other-1234", "one\nline\r", ClientLog::slot_bytes, 700));
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

TEST(ClientLogTest, EmptyLinesAreNotFree) {
  ClientLog log;
  log.begin("slot-1234", "demo", 0);
  for (int i = 0; i < 100'000; ++i)
    log.add("slot-1234", "", ClientLog::slot_bytes, 0);
  EXPECT_LT(log.find("slot-1234")->lines.size(), 5000U);
  EXPECT_TRUE(log.add("slot-1234", std::string(1'000'000, 'x'), ClientLog::slot_bytes, 0))
      << "and one of any size fits";
  EXPECT_EQ(log.find("slot-1234")->lines.size(), 1U);
}

TEST(ClientLog, KeepsAsMuchAsThePolicySays) {
  ClientLog log;
  log.begin("slot-1234", "demo", 0);
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(log.add("slot-1234", std::string(100, 'a') + std::to_string(i), 1024, 0));
  const ClientLog::Slot& slot = *log.find("slot-1234");
  EXPECT_LE(slot.bytes, 1024U);
  EXPECT_GT(slot.bytes, 1024U - 200);
  EXPECT_EQ(slot.lines.back(), std::string(100, 'a') + "99") << "the newest";
}

} // namespace
} // namespace client
