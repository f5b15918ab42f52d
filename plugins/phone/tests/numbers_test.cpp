#include "../numbers.hpp"

#include <gtest/gtest.h>

namespace phone {
namespace {

std::string e164(const std::string& number, const std::string& region = "DK") {
  return normalise({number, region})->number;
}

TEST(Numbers, WhatPeopleWriteBecomesOneForm) {
  EXPECT_EQ(e164("20 12 34 56"), "+4520123456");
  EXPECT_EQ(e164("+45 20123456"), "+4520123456");
  EXPECT_EQ(e164("0045 2012 3456"), "+4520123456");
  EXPECT_EQ(e164("070-123 45 67", "SE"), "+46701234567") << "the trunk's 0 goes";
  EXPECT_EQ(e164("+298 211234"), "+298211234");
  EXPECT_EQ(e164("221234", "GL"), "+299221234");
}

TEST(Numbers, WhatIsNoneIsNone) {
  for (const char* text : {"", "hello", "1", "+45 1", "+999 12345678", "00000000000000000000000000000000"})
    EXPECT_EQ(e164(text), "") << text;
  EXPECT_EQ(e164("20123456", "xx"), "");
}

TEST(Numbers, CountryKindAndCost) {
  const auto danish = *describe({"20123456", "DK"});
  EXPECT_EQ(danish.country, "DK");
  EXPECT_EQ(danish.cost_class, "home");
  const auto norwegian = *describe({"+47 406 12 345", "DK"});
  EXPECT_EQ(norwegian.country, "NO");
  EXPECT_EQ(norwegian.kind, Kind::mobile);
  EXPECT_EQ(norwegian.cost_class, "a");
  EXPECT_EQ(describe({"+7 912 345 67 89", "DK"})->cost_class, "b");
}

} // namespace
} // namespace phone
