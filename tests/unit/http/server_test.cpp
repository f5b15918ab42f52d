// Requests and answers over real sockets.
#include "core/http/health.hpp"
#include "server_fixture.hpp"

namespace viadux {
namespace {

using testing::HasSubstr;
using testing::Not;

void echo(const HttpRequest& request, HttpResponder responder) {
  std::string text = request.method + " " + request.path + " body=" + request.body;
  for (const auto& [name, value] : request.params)
    text += " " + name + "=" + value;
  responder.respond(text_response(text));
}

void set_up_echo(HttpServer& server) {
  ASSERT_TRUE(server.route("GET", "/echo/{name}", echo));
  ASSERT_TRUE(server.route("POST", "/echo/{name}", echo, {.max_body = 1000}));
}

TEST_F(HttpServerTest, AnswersOnTheControlThread) {
  start([this](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/who", [this](const HttpRequest& request, HttpResponder responder) {
      EXPECT_TRUE(loop_.on_control_thread());
      EXPECT_EQ(request.host, "test");
      EXPECT_EQ(request.remote_address, "127.0.0.1");
      EXPECT_EQ(request.query_param("a"), "b c");
      EXPECT_FALSE(request.tls);
      EXPECT_EQ(request.traceparent.size(), 55U);
      responder.respond(text_response("you\n"));
    }));
  });
  RawClient client(port());
  client.get("/who?a=b+c");
  const RawResponse response = client.response();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "you\n");
  EXPECT_EQ(response.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(response.headers.at("x-request-id").size(), 16U);
  EXPECT_TRUE(response.headers.contains("date"));
  EXPECT_TRUE(metric_comes("viadux_http_requests_total{method=\"GET\",route=\"/who\",status=\"2xx\"} 1\n"));
}

TEST_F(HttpServerTest, KeepsAliveAndPipelines) {
  start(set_up_echo);
  RawClient client(port());
  std::string all;
  for (int i = 0; i < 20; ++i)
    all += "POST /echo/n" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nb" +
           std::to_string(i % 10);
  client.send(all);
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    EXPECT_EQ(client.response().body,
              "POST /echo/n" + n + " body=b" + std::to_string(i % 10) + " name=n" + n);
  }
}

TEST_F(HttpServerTest, ChunkedBodyInPieces) {
  start(set_up_echo);
  RawClient client(port());
  for (const char* piece : {"POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Enco", "ding: chunked\r\n\r\n3\r",
                            "\nabc\r\n2\r\nde", "\r\n0\r\n", "\r\n"}) {
    client.send(piece);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_THAT(client.response().body, HasSubstr("body=abcde"));
}

TEST_F(HttpServerTest, HeadHasNoBody) {
  start(set_up_echo);
  RawClient client(port());
  client.send("HEAD /echo/a HTTP/1.1\r\nHost: x\r\n\r\n");
  const RawResponse head = client.response(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "25");
  client.get("/echo/b"); // the connection is in step
  EXPECT_EQ(client.response().body, "GET /echo/b body= name=b");
}

TEST_F(HttpServerTest, NotFoundNotAllowedNotImplemented) {
  start(set_up_echo);
  RawClient client(port());
  client.get("/nothing");
  const RawResponse missing = client.response();
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.headers.at("content-type"), "application/problem+json");
  EXPECT_NE(missing.body.find("\"reason\":\"path_unknown\""), std::string::npos) << missing.body;
  client.send("DELETE /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  const RawResponse wrong = client.response();
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.at("allow"), "GET, HEAD, OPTIONS, POST");
  client.send("OPTIONS /echo/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.response().status, 204);
  client.send("FROB /echo/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.response().status, 501);
}

TEST_F(HttpServerTest, Cors) {
  start([](HttpServer& server) {
    ASSERT_TRUE(server.route("POST", "/whip/{alias}", echo, {.cors = HttpCors{}}));
  });
  RawClient client(port());
  client.send("OPTIONS /whip/a HTTP/1.1\r\nHost: x\r\nOrigin: "
              "https://a.example\r\nAccess-Control-Request-Method: POST\r\n\r\n");
  const RawResponse preflight = client.response();
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.at("access-control-allow-origin"), "*");
  EXPECT_EQ(preflight.headers.at("access-control-allow-methods"), "OPTIONS, POST");
  EXPECT_THAT(preflight.headers.at("access-control-allow-headers"), HasSubstr("Authorization"));
  client.send("POST /whip/a HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(client.response().headers.at("access-control-expose-headers"),
              HasSubstr("Location, Link, ETag"));
  client.send(
      "GET /whip/a HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n"); // errors can be read, too
  const RawResponse wrong = client.response();
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.at("access-control-allow-origin"), "*");
}

TEST_F(HttpServerTest, CorsForAnyHeaderNamesBackWhatIsAskedFor) {
  start([](HttpServer& server) {
    ASSERT_TRUE(server.route("POST", "/api", echo, {.cors = HttpCors{.headers = {"*"}}}));
  });
  RawClient client(port());
  client.send("OPTIONS /api HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n"
              "Access-Control-Request-Method: POST\r\n"
              "Access-Control-Request-Headers: pin,token, b@d\r\n\r\n");
  EXPECT_EQ(client.response().headers.at("access-control-allow-headers"), "pin, token");
}

TEST_F(HttpServerTest, Http10) {
  start(set_up_echo);
  RawClient client(port());
  client.send("GET /echo/a HTTP/1.0\r\n\r\n");
  const RawResponse response = client.response();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServerTest, ExpectContinue) {
  start(set_up_echo);
  RawClient client(port());
  client.send("POST /echo/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.response_head().status, 100);
  client.send("abc");
  EXPECT_THAT(client.response().body, HasSubstr("body=abc"));
  client.send("POST /nothing HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.response().status, 404); // at once, without asking for the body
}

TEST_F(HttpServerTest, AnswersLateFromAnotherThread) {
  HttpResponder kept;
  start([&](HttpServer& server) {
    ASSERT_TRUE(
        server.route("GET", "/late", [&](const HttpRequest&, HttpResponder responder) { kept = responder; }));
  });
  RawClient client(port());
  client.get("/late");
  ASSERT_TRUE(comes_true([&] { return control([&] { return kept.alive(); }); }));
  HttpResponder mine = control([&] { return std::exchange(kept, {}); });
  EXPECT_TRUE(mine.respond(text_response("at last")));
  EXPECT_FALSE(mine.respond(text_response("again")));
  EXPECT_EQ(client.response().body, "at last");
}

TEST_F(HttpServerTest, UnansweredIs500) {
  start([](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/never", [](const HttpRequest&, HttpResponder) {}));
  });
  RawClient client(port());
  client.get("/never");
  EXPECT_EQ(client.response().status, 500);
  EXPECT_TRUE(metric_comes("viadux_http_unanswered_total 1\n"));
}

TEST_F(HttpServerTest, ThrowingHandlerIs500) {
  start([](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/throws",
                             [](const HttpRequest&, HttpResponder) { throw std::runtime_error("oops"); }));
  });
  RawClient client(port());
  for (int i = 0; i < 2; ++i) {
    client.get("/throws");
    EXPECT_EQ(client.response().status, 500);
  }
}

TEST_F(HttpServerTest, SilentHandlerIs504) {
  HttpResponder kept;
  bool gone = false;
  start([&](HttpServer& server) {
    const auto keep = [&](const HttpRequest&, HttpResponder responder) {
      kept = responder;
      responder.on_gone([&] { gone = true; });
    };
    ASSERT_TRUE(server.route("GET", "/silent", keep, {.handler_timeout_ms = 50}));
  });
  RawClient client(port());
  client.get("/silent");
  EXPECT_EQ(client.response().status, 504);
  EXPECT_TRUE(comes_true([&] { return control([&] { return gone; }); }));
  EXPECT_FALSE(control([&] { return std::exchange(kept, {}).respond(text_response("too late")); }));
  EXPECT_TRUE(metric_comes("viadux_http_refused_total{reason=\"handler_timeout\"} 1\n"));
}

TEST_F(HttpServerTest, ToldWhenTheClientLeaves) {
  HttpResponder kept;
  bool gone = false;
  start([&](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/wait", [&](const HttpRequest&, HttpResponder responder) {
      kept = responder;
      responder.on_gone([&] { gone = true; });
    }));
  });
  {
    RawClient client(port());
    client.get("/wait");
    ASSERT_TRUE(comes_true([&] { return control([&] { return kept.alive(); }); }));
  }
  EXPECT_TRUE(comes_true([&] { return control([&] { return gone; }); }));
  EXPECT_FALSE(control([&] { return std::exchange(kept, {}).respond(text_response("nobody")); }));
  EXPECT_TRUE(metric_comes("viadux_http_connections{transport=\"plain\"} 0\n"));
}

TEST_F(HttpServerTest, RemovedRouteIsGone) {
  RouteId id = 0;
  start([&](HttpServer& server) {
    id = *server.route("GET", "/a", echo);
    EXPECT_FALSE(server.route("GET", "/a", echo));
  });
  RawClient client(port());
  client.get("/a");
  EXPECT_EQ(client.response().status, 200);
  control([&] { server_->remove_route(id); });
  client.get("/a");
  EXPECT_EQ(client.response().status, 404);
  control([&] { ASSERT_TRUE(server_->route("GET", "/a", echo)); });
  client.get("/a");
  EXPECT_EQ(client.response().status, 200);
}

TEST_F(HttpServerTest, HalfCloseStillGetsAnAnswerThatIsOnItsWay) {
  start(); // answered by the http thread itself
  RawClient client(port());
  client.send("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  client.stop_sending();
  EXPECT_EQ(client.response().status, 404);
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServerTest, HundredConnectionsAtOnce) {
  options_.threads = 2;
  start(set_up_echo);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i)
    clients.push_back(std::make_unique<RawClient>(port()));
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients)
      client->get("/echo/a");
    for (auto& client : clients)
      EXPECT_EQ(client->response().status, 200);
  }
  EXPECT_TRUE(metric_comes("viadux_http_connections{transport=\"plain\"} 100\n"));
  clients.clear();
  EXPECT_TRUE(metric_comes("viadux_http_connections{transport=\"plain\"} 0\n"));
}

TEST_F(HttpServerTest, ListensOnBothFamilies) {
  options_.listen = {{"::", 0, false}, {"127.0.0.1", 0, false}};
  start(set_up_echo);
  const auto bound = server_->listening();
  ASSERT_EQ(bound.size(), 2U);
  for (const HttpBound& one : bound) {
    RawClient client(one.port);
    client.get("/echo/a");
    EXPECT_EQ(client.response().status, 200);
  }
}

TEST_F(HttpServerTest, AddressInUseIsAKindError) {
  start();
  control([&] {
    HttpOptions options;
    options.listen = {{"127.0.0.1", port(), false}};
    HttpServer second(options, loop_, metrics_);
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("127.0.0.1 port " + std::to_string(port())));
    EXPECT_THAT(started.error().hint, HasSubstr("another program"));
    HttpServer third({.listen = {{"localhost", 0, false}}}, loop_, metrics_);
    EXPECT_THAT(third.start().error().message, HasSubstr("no IP address"));
  });
}

TEST_F(HttpServerTest, HealthReadinessMetrics) {
  Readiness readiness;
  readiness.set("store", true, "SQLite");
  readiness.set("plugin.sms", false, "no gateway", false);
  start([&](HttpServer& server) { ASSERT_TRUE(add_health_routes(server, readiness, metrics_)); });
  RawClient client(port());
  client.get("/healthz");
  EXPECT_EQ(client.response().status, 200);
  client.get("/readyz");
  const RawResponse ready = client.response();
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(
      ready.body,
      "{\"ready\":true,\"conditions\":{\"plugin.sms\":{\"ok\":false,\"required\":false,\"message\":\"no "
      "gateway\"},\"store\":{\"ok\":true,\"required\":true,\"message\":\"SQLite\"}}}\n");
  control([&] { readiness.set("store", false, "disk is full"); });
  client.get("/readyz");
  const RawResponse not_ready = client.response();
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_THAT(not_ready.body, HasSubstr("disk is full"));
  client.get("/metrics");
  const RawResponse metrics = client.response();
  EXPECT_EQ(metrics.headers.at("content-type"), Metrics::content_type);
  EXPECT_THAT(metrics.body,
              HasSubstr("viadux_http_requests_total{method=\"GET\",route=\"/readyz\",status=\"5xx\"} 1\n"));
  if (std::system("command -v promtool >/dev/null 2>&1") == 0) { // of Debian's package `prometheus`
    FILE* promtool = ::popen("promtool check metrics", "w");
    std::fwrite(metrics.body.data(), 1, metrics.body.size(), promtool);
    EXPECT_EQ(::pclose(promtool), 0);
  }
  client.get("/metrics", "Accept-Encoding: gzip\r\n");
  const RawResponse packed = client.response();
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), metrics.body.size() / 2);
}

} // namespace
} // namespace viadux
