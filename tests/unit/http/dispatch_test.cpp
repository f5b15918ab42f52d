#include "core/http/dispatch.hpp"

#include "core/http/event_stream.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Dispatch, ForwardedFieldsOnlyFromTrustedProxies) {
  HttpRequest request;
  request.remote_address = "10.0.0.1";
  request.headers.set("X-Forwarded-For", "6.6.6.6, 192.0.2.7");
  request.headers.set("X-Forwarded-Proto", "https");
  apply_forwarding({"10.0.0.2"}, request);
  EXPECT_EQ(request.remote_address, "10.0.0.1");
  EXPECT_FALSE(request.tls);
  apply_forwarding({"10.0.0.1"}, request);
  EXPECT_EQ(request.remote_address, "192.0.2.7");
  request.headers.set("X-Forwarded-For", "not an address");
  apply_forwarding({"192.0.2.7"}, request);
  EXPECT_EQ(request.remote_address, "192.0.2.7");
  EXPECT_TRUE(request.tls);
}

TEST(Dispatch, Traceparent) {
  HttpHeaders headers;
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  headers.set("traceparent", good);
  EXPECT_EQ(traceparent_of(headers, 1), good);
  for (const char* bad : {"", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "00-x"}) {
    headers.set("traceparent", bad);
    const std::string made = traceparent_of(headers, 1);
    EXPECT_NE(made, bad);
    EXPECT_EQ(made.size(), 55U);
  }
}

TEST(Dispatch, NobodyAddsAResponseOfTheirOwn) {
  HttpHeaders headers;
  headers.set("X-Good", "yes");
  headers.set("X-Split", "a\r\nSet-Cookie: b");
  headers.set("X-Bad\r\nName", "a");
  headers.set("Content-Length", "7");
  const std::string head = format_head(200, headers, {});
  EXPECT_THAT(head, HasSubstr("X-Good: yes\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Set-Cookie")));
  EXPECT_THAT(head, Not(HasSubstr("X-Bad")));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
}

TEST(Dispatch, CorsForCertainOrigins) {
  HttpRequest request;
  request.headers.set("Origin", "https://a.example");
  HttpHeaders headers;
  add_cors({.origins = {"https://a.example"}}, request, headers);
  EXPECT_EQ(headers.get("Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(headers.get("Vary"), "Origin");
  HttpHeaders none;
  add_cors({.origins = {"https://b.example"}}, request, none);
  EXPECT_FALSE(none.has("Access-Control-Allow-Origin"));
  EXPECT_EQ(none.get("Vary"), "Origin");
}

TEST(EventFormat, Fields) {
  EXPECT_EQ(format_event({"7", "joined", "{}", 0}), "id: 7\nevent: joined\ndata: {}\n\n");
  EXPECT_EQ(format_event({"", "", "a\nb\r\nc\rd", 3000}),
            "retry: 3000\ndata: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(format_event({"1\ndata: x", "e\r\n", "", 0}), "id: 1data: x\nevent: e\ndata: \n\n");
}

} // namespace
} // namespace viadux
