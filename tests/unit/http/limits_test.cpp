// Rude clients: slow, oversized, too many, malformed.
#include "server_fixture.hpp"

namespace viadux {
namespace {

class HttpLimitsTest : public HttpServerTest {
 protected:
  void start_small() {
    start([](HttpServer& server) {
      ASSERT_TRUE(server.route("POST", "/small",
                               [](const HttpRequest& request, HttpResponder responder) {
                                 responder.respond(text_response(std::to_string(request.body.size())));
                               },
                               {.max_body = 1000}));
    });
  }
  bool refused(const std::string& reason) {
    return metric_comes("viadux_http_refused_total{reason=\"" + reason + "\"} 1\n");
  }
  // Still serving: what every test ends with.
  void expect_serving() {
    RawClient client(port());
    client.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'a'));
    EXPECT_EQ(client.response().body, "1000");
  }
};

TEST_F(HttpLimitsTest, SlowHead) {
  options_.limits.header_timeout_ms = 200;
  start_small();
  RawClient client(port());
  client.send("GET /");
  for (int i = 0; i < 10 && client.send("a"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(client.response().status, 408);
  EXPECT_TRUE(refused("header_timeout"));
  expect_serving();
}

TEST_F(HttpLimitsTest, SlowBody) {
  options_.limits.body_timeout_ms = 100;
  start_small();
  RawClient client(port());
  client.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.response().status, 408);
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(refused("body_timeout"));
  expect_serving();
}

TEST_F(HttpLimitsTest, IdleConnectionsAreClosedWithoutAWord) {
  options_.limits.idle_timeout_ms = 100;
  start_small();
  RawClient client(port());
  client.get("/nothing");
  EXPECT_EQ(client.response().status, 404);
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(metric_comes("viadux_http_connections{transport=\"plain\"} 0\n"));
}

TEST_F(HttpLimitsTest, Oversized) {
  start_small();
  const auto status_of = [this](const std::string& bytes) {
    RawClient client(port());
    client.send(bytes);
    const int status = client.response().status;
    EXPECT_TRUE(client.closed());
    return status;
  };
  EXPECT_EQ(status_of("GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 414);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n"), 431);
  EXPECT_EQ(
      status_of("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'a')),
      413);
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                      std::string(1001, 'a')),
            413);
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"), 413);
  EXPECT_TRUE(metric_comes("viadux_http_refused_total{reason=\"body_too_large\"} 3\n"));
  EXPECT_TRUE(refused("target_too_long"));
  EXPECT_TRUE(refused("header_too_large"));
  expect_serving();
}

// The answer to a refused upload is read even by a client that first sends all it has.
TEST_F(HttpLimitsTest, RefusedUploadStillReadsTheAnswer) {
  start_small();
  RawClient client(port());
  client.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3'000'000, 'a'));
  EXPECT_EQ(client.response().status, 413);
}

TEST_F(HttpLimitsTest, Malformed) {
  start_small();
  for (const char* bytes : {"NONSENSE\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
                            "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02"}) {
    RawClient client(port());
    client.send(bytes);
    client.stop_sending();
    const int status = client.response().status;
    EXPECT_TRUE(status == 400 || status == 0) << bytes;
    EXPECT_TRUE(client.closed());
  }
  expect_serving();
}

TEST_F(HttpLimitsTest, ConnectionsPerClient) {
  options_.limits.connections_per_client = 3;
  start_small();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(port()));
    clients.back()->get("/nothing");
    EXPECT_EQ(clients.back()->response().status, 404);
  }
  RawClient fourth(port());
  EXPECT_EQ(fourth.response().status, 503);
  EXPECT_TRUE(refused("connections_per_client"));
  clients.pop_back();
  EXPECT_TRUE(metric_comes("viadux_http_connections{transport=\"plain\"} 2\n"));
  expect_serving();
}

TEST_F(HttpLimitsTest, ConnectionsInAll) {
  options_.limits.connections = 1;
  start_small();
  RawClient first(port());
  first.get("/nothing");
  EXPECT_EQ(first.response().status, 404);
  RawClient second(port());
  EXPECT_EQ(second.response().status, 503);
  EXPECT_TRUE(refused("connections"));
}

TEST_F(HttpLimitsTest, ReaderThatDoesNotRead) {
  options_.limits.write_timeout_ms = 300;
  start([](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/huge", [](const HttpRequest&, HttpResponder responder) {
      responder.respond(text_response(std::string(16 * 1024 * 1024, 'a')));
    }));
  });
  RawClient client(port());
  client.get("/huge");
  EXPECT_TRUE(refused("write_timeout"));
  EXPECT_TRUE(metric_comes("viadux_http_connections{transport=\"plain\"} 0\n"));
}

TEST_F(HttpLimitsTest, FloodOfPipelinedBytesIsHeldBack) {
  HttpResponder kept;
  start([&](HttpServer& server) {
    ASSERT_TRUE(
        server.route("GET", "/wait", [&](const HttpRequest&, HttpResponder responder) { kept = responder; }));
  });
  RawClient client(port());
  client.get("/wait");
  // The server stops reading after one head's size; the kernel's buffers take the rest until they are full.
  std::thread flood([&] { client.send(std::string(32 * 1024 * 1024, 'a')); });
  ASSERT_TRUE(comes_true([&] { return control([&] { return kept.alive(); }); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  control([&] { std::exchange(kept, {}).respond(text_response("ok")); });
  EXPECT_EQ(client.response().status, 200);
  EXPECT_EQ(client.response().status, 414); // the flood is no request
  client.close();
  flood.join();
}

class BusyLoopTest : public HttpServerTest {
 protected:
  BusyLoopTest() : HttpServerTest(2) {}
};

TEST_F(BusyLoopTest, FullControlThreadIs503) {
  start([](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/a",
                             [](const HttpRequest&, HttpResponder r) { r.respond(text_response("a")); }));
  });
  std::promise<void> release;
  std::promise<void> blocked;
  loop_.post([&] {
    blocked.set_value();
    release.get_future().wait();
  });
  blocked.get_future().wait();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(port()));
    clients.back()->get("/a");
  }
  // Two wait in the queue; one of the three is told at once, whichever came last.
  EXPECT_TRUE(
      comes_true([&] { return metrics_.serialize().find("reason=\"busy\"} 1\n") != std::string::npos; }));
  release.set_value();
  std::vector<int> statuses;
  for (auto& client : clients) {
    const RawResponse response = client->response();
    statuses.push_back(response.status);
    if (response.status == 503) EXPECT_EQ(response.headers.at("retry-after"), "1");
  }
  EXPECT_THAT(statuses, testing::UnorderedElementsAre(200, 200, 503));
}

} // namespace
} // namespace viadux
