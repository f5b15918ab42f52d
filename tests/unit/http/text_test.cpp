#include "core/http/text.hpp"

#include "core/http/message.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(HttpText, PercentDecoding) {
  EXPECT_EQ(percent_decoded("a%2Fb%c3%A6"), "a/b\xC3\xA6");
  EXPECT_EQ(percent_decoded("%2541"), "%41"); // once
  EXPECT_EQ(percent_decoded("a+b"), "a+b");
  EXPECT_EQ(percent_decoded("a+b", true), "a b");
  for (const char* bad : {"%", "%4", "%4g", "a%", "%%41"})
    EXPECT_FALSE(percent_decoded(bad)) << bad;
}

TEST(HttpText, Utf8) {
  for (const char* good : {"", "abc", "\xC3\xA6", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"})
    EXPECT_TRUE(is_utf8(good));
  for (const char* bad :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88"})
    EXPECT_FALSE(is_utf8(bad));
}

TEST(HttpText, ListsAndCase) {
  EXPECT_THAT(list_elements(" a ,, b\t,c"), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(list_contains("keep-alive, Upgrade", "upgrade"));
  EXPECT_FALSE(list_contains("upgraded", "upgrade"));
}

TEST(HttpText, Dates) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT"); // RFC 9110, 5.6.7
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_FALSE(parse_http_date("yesterday"));
  EXPECT_FALSE(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT;"));
}

TEST(HttpText, AcceptEncoding) {
  EXPECT_TRUE(accepts_gzip("gzip, deflate, br"));
  EXPECT_TRUE(accepts_gzip("br;q=1.0, GZIP;q=0.5"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("gzip; q=0.000"));
  EXPECT_FALSE(accepts_gzip("br"));
  EXPECT_FALSE(accepts_gzip(""));
}

TEST(HttpText, EntityTags) {
  const std::string tag = entity_tag("abc");
  EXPECT_EQ(tag, entity_tag("abc"));
  EXPECT_NE(tag, entity_tag("abd"));
  EXPECT_TRUE(if_none_match("\"x\", W/" + tag, tag));
  EXPECT_TRUE(if_none_match("*", tag));
  EXPECT_FALSE(if_none_match("\"x\"", tag));
  EXPECT_TRUE(if_match(tag, tag));
  EXPECT_FALSE(if_match("W/" + tag, tag));
}

TEST(HttpText, JsonStrings) {
  EXPECT_EQ(json_string("a\"b\\c\nd\x01\x7f"), "\"a\\\"b\\\\c\\nd\\u0001\\u007f\"");
  EXPECT_EQ(json_string("\xC3\xA6\xFF"), "\"\xC3\xA6\xEF\xBF\xBD\"");
}

TEST(HttpMessage, Problem) {
  const HttpResponse response = problem({403, "pin_wrong", "The PIN is \"wrong\".", "pin", ""});
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.headers.get("content-type"), "application/problem+json");
  EXPECT_EQ(response.body,
            "{\"type\":\"urn:viadux:problem:pin_wrong\",\"title\":\"Forbidden\",\"status\":403,"
            "\"detail\":\"The PIN is \\\"wrong\\\".\",\"reason\":\"pin_wrong\",\"field\":\"pin\"}\n");
  EXPECT_THAT(problem(404, "", "").body, HasSubstr("\"type\":\"about:blank\",\"title\":\"Not Found\""));
}

TEST(HttpMessage, HeadersIgnoreCaseAndKeepOrder) {
  HttpHeaders headers;
  headers.add("Link", "a");
  headers.add("link", "b");
  EXPECT_EQ(headers.joined("LINK"), "a, b");
  headers.set("LINK", "c");
  EXPECT_EQ(headers.fields().size(), 1U);
  EXPECT_EQ(headers.get("Link"), "c");
  EXPECT_EQ(headers.get("Other"), "");
}

TEST(HttpMessage, BearerAndOrigin) {
  HttpRequest request;
  request.headers.set("Authorization", "bearer  abc ");
  EXPECT_EQ(request.bearer_token(), "abc");
  request.headers.set("Authorization", "Basic abc");
  EXPECT_EQ(request.bearer_token(), "");
  request.headers.set("Authorization", "Bear");
  EXPECT_EQ(request.bearer_token(), "");
  request.host = "::1";
  request.host_port = 8443;
  request.tls = true;
  EXPECT_EQ(request.origin(), "https://[::1]:8443");
  request.host = "example.org";
  request.host_port = 443;
  EXPECT_EQ(request.origin(), "https://example.org");
  EXPECT_TRUE(request.is_same_origin());
  request.headers.set("Origin", "https://example.org");
  EXPECT_TRUE(request.is_same_origin());
  request.headers.set("Origin", "http://example.org");
  EXPECT_FALSE(request.is_same_origin());
  request.headers.set("Origin", "null");
  EXPECT_FALSE(request.is_same_origin());
}

} // namespace
} // namespace viadux
