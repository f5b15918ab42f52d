#include "core/http/target.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(HttpTarget, PathAndQuery) {
  const auto target = parse_target("/whip/m%C3%B8de?x=1&y=a+b%26&empty&=z");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/whip/m\xC3\xB8"
                          "de");
  EXPECT_THAT(target->segments, ElementsAre("whip", "m\xC3\xB8"
                                                    "de"));
  EXPECT_EQ(target->raw_query, "x=1&y=a+b%26&empty&=z");
  EXPECT_THAT(target->query,
              ElementsAre(Pair("x", "1"), Pair("y", "a b&"), Pair("empty", ""), Pair("", "z")));
}

TEST(HttpTarget, Forms) {
  EXPECT_THAT(parse_target("/")->segments, ElementsAre(""));
  EXPECT_THAT(parse_target("/a/")->segments, ElementsAre("a", ""));
  EXPECT_EQ(parse_target("http://example.org:80/a?b")->authority, "example.org:80");
  EXPECT_EQ(parse_target("HTTPS://example.org?b")->path, "/");
  EXPECT_EQ(parse_target("*")->path, "*");
  EXPECT_EQ(parse_target("/%2541")->path, "/%41");
}

class BadTarget : public testing::TestWithParam<const char*> {};
TEST_P(BadTarget, IsRefused) {
  EXPECT_FALSE(parse_target(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Targets, BadTarget,
                         testing::Values("", "a", "example.org:443", "ftp://x/", "http://", "/a#b", "/%",
                                         "/%0", "/%zz", "/%00", "/a%0d%0ab", "/../etc/passwd", "/a/../b",
                                         "/a/%2e%2e/b", "/a/.", "/./a", "/a/%2E", "/\xFF", "/?a=%", "/?a=%00",
                                         "/?a=%ff"));

TEST(HttpTarget, TooManyParameters) {
  std::string text = "/?";
  for (int i = 0; i < 256; ++i)
    text += "a&";
  EXPECT_TRUE(parse_target(text));
  EXPECT_FALSE(parse_target(text + "a"));
}

TEST(HttpAuthority, Hosts) {
  EXPECT_EQ(parse_authority("Example.ORG:8080")->host, "example.org");
  EXPECT_EQ(parse_authority("example.org:8080")->port, 8080);
  EXPECT_EQ(parse_authority("[2001:DB8::1]:443")->host, "2001:db8::1");
  EXPECT_EQ(parse_authority("192.0.2.1")->port, 0);
  EXPECT_EQ(parse_authority("")->host, "");
  for (const char* bad : {"a b", "a:99999", "a:b", "[::1", "[]", "[::1]x", "a/b", "a@b", "a:1:2"})
    EXPECT_FALSE(parse_authority(bad)) << bad;
}

} // namespace
} // namespace viadux
