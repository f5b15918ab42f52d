#include "core/http/route_table.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class RouteTableTest : public testing::Test {
 protected:
  Result<void> add(const std::string& method, const std::string& pattern) {
    auto route = std::make_shared<Route>();
    route->id = ++last_;
    route->method = method;
    route->pattern = pattern;
    return table_.add(route);
  }
  RouteMatch match(const std::string& method, const std::string& path) const {
    return table_.match(method, parse_target(path)->segments);
  }
  std::string pattern_of(const std::string& path) const {
    const auto found = match("GET", path);
    return found.route ? found.route->pattern : "";
  }
  HttpRouteTable table_;
  RouteId last_ = 0;
};

TEST_F(RouteTableTest, MostSpecificWins) {
  for (const char* pattern :
       {"/{path...}", "/whip/{alias}", "/whip/all", "/whip/{alias}/{session}", "/", "/api/{rest...}"})
    ASSERT_TRUE(add("GET", pattern));
  EXPECT_EQ(pattern_of("/"), "/");
  EXPECT_EQ(pattern_of("/whip/all"), "/whip/all");
  EXPECT_EQ(pattern_of("/whip/x"), "/whip/{alias}");
  EXPECT_EQ(pattern_of("/whip/x/y"), "/whip/{alias}/{session}");
  EXPECT_EQ(pattern_of("/whip/"), "/{path...}"); // a parameter is never empty
  EXPECT_EQ(pattern_of("/api/"), "/api/{rest...}");
  EXPECT_EQ(pattern_of("/api"), "/{path...}");
  EXPECT_EQ(pattern_of("/a/b/c"), "/{path...}");
}

TEST_F(RouteTableTest, ParametersAreDecodedOnce) {
  ASSERT_TRUE(add("GET", "/a/{x}/b/{rest...}"));
  EXPECT_THAT(match("GET", "/a/1%2F2/b/c/%2541/").params,
              ElementsAre(Pair("x", "1/2"), Pair("rest", "c/%41/")));
}

TEST_F(RouteTableTest, MethodsAllowed) {
  ASSERT_TRUE(add("GET", "/a/{x}"));
  ASSERT_TRUE(add("POST", "/a/b"));
  ASSERT_TRUE(add("PATCH", "/a/{y}")); // same path as the first, another name
  EXPECT_EQ(match("HEAD", "/a/b").route->method, "GET");
  EXPECT_EQ(match("POST", "/a/b").route->pattern, "/a/b");
  const auto none = match("DELETE", "/a/b");
  EXPECT_FALSE(none.route);
  EXPECT_THAT(none.allowed, ElementsAre("GET", "HEAD", "OPTIONS", "PATCH", "POST"));
  EXPECT_TRUE(match("GET", "/b").allowed.empty());
}

TEST_F(RouteTableTest, ConflictsAreErrors) {
  ASSERT_TRUE(add("GET", "/a/{x}"));
  const auto again = add("GET", "/a/{other}");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::refused);
  EXPECT_THAT(again.error().message, HasSubstr("taken by '/a/{x}'"));
  table_.remove(1);
  EXPECT_TRUE(add("GET", "/a/{other}"));
}

TEST_F(RouteTableTest, BadPatterns) {
  for (const char* pattern :
       {"", "a", "/{", "/{}", "/{a", "/{A}", "/{a...}/b", "/{a}/{a}", "/a{b}", "/a?b", "/..", "/%41"}) {
    const auto result = add("GET", pattern);
    ASSERT_FALSE(result) << pattern;
    EXPECT_EQ(result.error().code, ErrorCode::bad_argument);
  }
  EXPECT_FALSE(add("FETCH", "/a"));
}

} // namespace
} // namespace viadux
