#include <gtest/gtest.h>
#include <limits>
#include <viadux/json.hpp>

namespace viadux {
namespace {

std::string round_trip(std::string_view text) {
  const auto json = Json::parse(text);
  return json ? json.value().dump() : "refused: " + json.error().message;
}

TEST(JsonText, ComesBackAsItWas) {
  for (const char* text :
       {"null", "true", "false", "0", "-7", "9223372036854775807", "-9223372036854775808", "1.5", "\"\"",
        "[]", "{}", R"({"b":[1,{"a":null}],"a":"x"})", R"("æ€😀")", R"("\\\"\n\t\r")", "[1e+300]"}) {
    EXPECT_EQ(round_trip(text), text);
  }
  EXPECT_EQ(round_trip(" [ 1 , 2 ] \r\n"), "[1,2]");
  EXPECT_EQ(round_trip(R"("\u00e6\ud83d\ude00\/\b")"), "\"æ😀/\\u0008\"");
  EXPECT_EQ(round_trip("1.0"), "1.0") << "a number with a point must not become an integer";
}

TEST(JsonText, IsRefusedWhenItIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "nul",
                           "+1",
                           "01",
                           "1.",
                           ".5",
                           "1e",
                           "-",
                           "'a'",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "[1,]",
                           "[1 2]",
                           "{1:2}",
                           "{\"a\"}",
                           "{\"a\":1,}",
                           "[",
                           "{",
                           "1 1",
                           "\"\\ud800\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\udc00\"",
                           "\"a\nb\"",
                           "9223372036854775808",
                           "1e999",
                           "NaN"}) {
    EXPECT_FALSE(Json::parse(text)) << text;
  }
}

TEST(JsonText, IsUtf8WithoutTricks) {
  for (const std::string bytes : {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                                  "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\x80"}) {
    EXPECT_FALSE(Json::parse("\"" + bytes + "\"")) << testing::PrintToString(bytes);
  }
  EXPECT_TRUE(Json::parse("\"\xf4\x8f\xbf\xbf\""));
}

TEST(JsonText, NamesOccurOnce) {
  EXPECT_FALSE(Json::parse(R"({"a":1,"b":2,"a":3})"));
}

TEST(JsonText, IsBounded) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(Json::parse(nested(33)));
  EXPECT_FALSE(Json::parse(nested(34)));
  EXPECT_FALSE(Json::parse(nested(100'000)));
  EXPECT_TRUE(Json::parse("\"" + std::string(Json::max_bytes - 2, 'a') + "\""));
  EXPECT_FALSE(Json::parse("\"" + std::string(Json::max_bytes - 1, 'a') + "\""));
}

TEST(JsonText, SaysWhereItIsWrong) {
  EXPECT_EQ(Json::parse(R"({"a":tru})").error().message,
            "the JSON text has a value that is none of JSON's (at byte 5)");
}

TEST(JsonValue, SetsAndFindsMembers) {
  Json json;
  json.set("a", 1);
  json.set("b", "x");
  json.set("a", 2);
  EXPECT_EQ(json.dump(), R"({"a":2,"b":"x"})");
  EXPECT_EQ(json.find("c"), nullptr);
  EXPECT_EQ(Json(1).find("a"), nullptr);
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
}

} // namespace
} // namespace viadux
