// A plugin's routes, over sockets: a real server, a real control thread.
#include "core/log/capture.hpp"
#include "core/plugin/http_interface.hpp"
#include "core/plugin/plugin_host.hpp"
#include "http/server_fixture.hpp"
#include "http/socket_frames.hpp"

namespace viadux::plugin_test {
namespace {

class Routes : public HttpServerTest {
 public:
  void SetUp() override {
    log_.emplace();
    options_.limits.handler_timeout_ms = 3000; // a sanitizer build floods slowly
    start();
    PluginOptions options;
    options.slow_callback_us = 10'000;
    control([&] {
      host_.emplace(loop_, metrics_, readiness_, options);
      host_->offer(std::make_unique<HttpInterface>(*server_, host_->services()));
      host_->load(std::string(VIADUX_TEST_PLUGINS) + "/web");
    });
    std::promise<void> started;
    control([&] {
      ConfigSchema schema;
      host_->declare(schema);
      host_->start(parse_configuration(schema, "", "test").configuration,
                   [&started] { started.set_value(); });
    });
    started.get_future().get();
    ASSERT_EQ(control([&] { return host_->plugins().at(0).trouble; }), "");
  }
  void TearDown() override {
    if (!stopped_) stop();
    control([&] { host_.reset(); });
  }
  void stop() {
    std::promise<void> stopped;
    control([&] { host_->stop([&stopped] { stopped.set_value(); }); });
    stopped.get_future().get();
    stopped_ = true;
  }
  RawResponse get(const std::string& path) {
    RawClient client(port());
    client.get(path, "Connection: close\r\n");
    return client.response();
  }
  bool works() { return get("/web/slow").body == "slept"; }

  std::optional<LogCapture> log_;
  Readiness readiness_;
  std::optional<PluginHost> host_;
  bool stopped_ = false;
};

TEST_F(Routes, CarryRequestAndResponse) {
  RawClient client(port());
  client.send("POST /web/echo/d%C3%B8r?a=1&q=x%20y+z HTTP/1.1\r\nHost: Example.org:8080\r\n"
              "Authorization: Bearer vdx_1\r\nContent-Length: 4\r\n\r\nbody");
  const RawResponse response = client.response();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "dør|x y z|vdx_1|example.org|body");
  EXPECT_EQ(response.headers.at("location"), "/web/dør");
  EXPECT_EQ(response.headers.at("content-type"), "text/plain; charset=utf-8");
}

TEST_F(Routes, TakeABodyThatIsLargerThanAllBodies) {
  RawClient client(port());
  const std::string clip(3'000'000, 'c');
  ASSERT_TRUE(client.send("PUT /web/clips HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"));
  ASSERT_TRUE(client.send(clip));
  EXPECT_EQ(client.response().body, "3000000 whole");
  EXPECT_EQ(get("/web/nowhere").status, 404);
}

TEST_F(Routes, AreToldOfABodyThatEndsTooEarly) {
  {
    RawClient client(port());
    ASSERT_TRUE(client.send("PUT /web/clips HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"));
    ASSERT_TRUE(client.send(std::string(100'000, 'c')));
    ASSERT_TRUE(comes_true([this] { return get("/web/told").body.starts_with("0 left"); }));
  }
  EXPECT_TRUE(comes_true([this] { return get("/web/told").body == "100000 cut"; })) << get("/web/told").body;
}

TEST_F(Routes, AnswerLaterWithoutHoldingTheThread) {
  RawClient slow(port());
  slow.get("/web/slow");
  EXPECT_EQ(get("/web/nowhere").status, 404);
  EXPECT_EQ(slow.response().body, "slept");
}

TEST_F(Routes, AHandlerThatThrowsGives500AndTheServerGoesOn) {
  const RawResponse response = get("/web/throws");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(response.body.find("thrown in"), std::string::npos) << "what was thrown is for the log";
  EXPECT_TRUE(works());
  EXPECT_TRUE(metric_comes("viadux_plugin_exceptions_total{plugin=\"web\"} 1"));
}

TEST_F(Routes, AHandlerThatNeverAnswersTimesOut) {
  EXPECT_EQ(get("/web/never").status, 504);
  EXPECT_TRUE(works());
}

TEST_F(Routes, TheSecondResponseIsGoneAndCounted) {
  EXPECT_EQ(get("/web/twice").body, "first");
  EXPECT_TRUE(metric_comes("viadux_plugin_stale_handles_total{plugin=\"web\"} 1"));
  EXPECT_TRUE(works());
}

TEST_F(Routes, AHandlerThatBlocksIsCounted) {
  const auto counted = [this] {
    const std::string name = "viadux_plugin_slow_callbacks_total{plugin=\"web\"} ";
    const std::string all = control([this] { return metrics_.serialize(); });
    const std::size_t at = all.find(name);
    return at == std::string::npos ? 0 : std::stoi(all.substr(at + name.size()));
  };
  const int before = counted(); // a busy machine makes others slow, too
  EXPECT_EQ(get("/web/blocks").body, "blocked");
  EXPECT_TRUE(comes_true([&] { return counted() > before; }));
}

TEST_F(Routes, AHeaderCannotBeSplit) {
  const RawResponse response = get("/web/splits");
  EXPECT_EQ(response.body, "refused");
  EXPECT_FALSE(response.headers.contains("set-cookie"));
}

TEST_F(Routes, AStreamIsAsFastAsItsClient) {
  RawClient client(port());
  client.get("/web/stream", "Connection: close\r\n");
  EXPECT_EQ(client.response_head().status, 200);
  std::size_t bytes = 0;
  for (std::string part = client.take(65'536); !part.empty(); part = client.take(65'536)) {
    bytes += static_cast<std::size_t>(std::count(part.begin(), part.end(), 'x'));
  }
  EXPECT_EQ(bytes, 128U * 16'384U);
}

TEST_F(Routes, AStreamWhoseClientLeavesEnds) {
  const std::size_t routes = control([&] { return host_->services().handles.size(); });
  {
    RawClient client(port());
    client.get("/web/stream");
    EXPECT_EQ(client.response_head().status, 200);
  }
  EXPECT_TRUE(comes_true([&] { return control([&] { return host_->services().handles.size(); }) <= routes; }))
      << "only the routes are left open";
  EXPECT_TRUE(works());
}

TEST_F(Routes, EventsOpenAtOnceBeatAndTellWhenTheClientLeaves) {
  {
    RawClient client(port());
    client.get("/web/events", "Last-Event-ID: 41\r\n");
    const RawResponse head = client.response_head();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.at("content-type"), "text/event-stream");
    EXPECT_EQ(head.headers.at("cache-control"), "no-store");
    EXPECT_EQ(head.headers.at("x-accel-buffering"), "no");
    EXPECT_EQ(head.headers.at("x-door"), "front");
    EXPECT_EQ(client.chunk(), ": \n\n") << "a first byte, for clients that wait for one";
    EXPECT_EQ(client.chunk(), "id: 42\nevent: rung\ndata: from 41\n\n");
    EXPECT_EQ(client.chunk(), ": \n\n");
    EXPECT_EQ(client.chunk(), ": \n\n") << "and again";
  }
  EXPECT_TRUE(comes_true([&] { return get("/web/told").body.starts_with("1 left"); }));
}

TEST_F(Routes, EventsForAClientThatDoesNotReadAreRefusedUntilItDoes) {
  RawClient client(port());
  client.get("/web/flood");
  client.response_head();
  EXPECT_TRUE(works()) << "nobody waits for it";
  std::size_t events = 0;
  std::string last;
  for (std::string part = client.chunk(); !part.empty(); part = client.chunk()) {
    if (part == "data: " + std::string(1000, 'e') + "\n\n") ++events;
    last = part;
  }
  EXPECT_GE(events, 250U);
  EXPECT_EQ(last, "event: resync\ndata: " + std::to_string(events) + "\n\n") << "whole, and then the end";
  const std::string told = get("/web/told").body;
  EXPECT_LT(std::stoi(told.substr(told.find("credit ") + 7)), 2000)
      << "refused means that credit was used up";
}

TEST_F(Routes, ASocketTalksBothWays) {
  RawClient client(port());
  client.send(upgrade_request("/web/socket", "Sec-WebSocket-Protocol: door.v1\r\n"));
  const RawResponse head = client.response_head();
  EXPECT_EQ(head.status, 101);
  EXPECT_EQ(head.headers.at("sec-websocket-protocol"), "door.v1");
  for (int i = 0; i < 10; ++i) { // more than its window: the places come back
    client.send(frame(1, "dør"));
    const Frame got = read_frame(client);
    EXPECT_EQ(got.opcode, 1);
    EXPECT_EQ(got.payload, "dør");
  }
  client.send(frame(2, std::string(1000, '\x00')));
  EXPECT_EQ(read_frame(client).payload.size(), 1000U);
  client.send(frame(8, "\x0f\xa2"
                       "bye")); // 4002
  EXPECT_EQ(close_code(read_frame(client)), 4002);
  EXPECT_TRUE(comes_true([&] { return get("/web/socket/told").body == "11 heard, closed 4002 bye"; }));
}

TEST_F(Routes, ASocketIsClosedByThePluginWithItsCode) {
  RawClient client(port());
  client.send(upgrade_request("/web/socket") + frame(1, "leave"));
  const RawResponse head = client.response_head();
  EXPECT_EQ(head.status, 101);
  EXPECT_FALSE(head.headers.contains("sec-websocket-protocol")) << "it did not offer any";
  const Frame close = read_frame(client);
  EXPECT_EQ(close_code(close), 4001);
  EXPECT_EQ(close.payload.substr(2), "enough");
  client.send(frame(8, close.payload));
  EXPECT_TRUE(comes_true([&] { return get("/web/socket/told").body.starts_with("1 heard, closed 4001"); }));
}

TEST_F(Routes, ASocketIsRefusedWhereItDoesNotBelong) {
  EXPECT_EQ(get("/web/socket").status, 426);
  RawClient foreign(port());
  foreign.send(upgrade_request("/web/socket", "Origin: https://evil.example\r\n"));
  EXPECT_EQ(foreign.response().status, 403);
  RawClient big(port());
  big.send(upgrade_request("/web/socket") + frame(1, std::string(1001, 'x')));
  EXPECT_EQ(big.response_head().status, 101);
  EXPECT_EQ(close_code(read_frame(big)), 1009);
  EXPECT_TRUE(works());
}

TEST_F(Routes, ASocketWhoseCallbackThrowsGoesOn) {
  RawClient client(port());
  client.send(upgrade_request("/web/socket") + frame(1, "throw") + frame(1, "there?"));
  EXPECT_EQ(client.response_head().status, 101);
  EXPECT_EQ(read_frame(client).payload, "there?");
}

TEST_F(Routes, ASocketThatGivesNoCreditIsNotFlooded) {
  RawClient client(port());
  client.send(upgrade_request("/web/socket") + frame(1, "hold"));
  EXPECT_EQ(client.response_head().status, 101);
  for (int i = 0; i < 20; ++i)
    client.send(frame(1, "x"));
  EXPECT_EQ(read_frame(client).payload, "x");
  EXPECT_TRUE(comes_true([&] { return get("/web/socket/told").body.starts_with("3 heard"); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(get("/web/socket/told").body.starts_with("3 heard"))
      << "hold gave its own place back, then came a window of two";
  EXPECT_EQ(read_frame(client).payload, "x");
  for (int round = 1; round < 10; ++round) { // two places are given back at a time
    EXPECT_EQ(get("/web/socket/resume").status, 204);
    EXPECT_EQ(read_frame(client).payload, "x");
    ASSERT_EQ(read_frame(client).payload, "x");
  }
}

TEST_F(Routes, ASocketWhosePeerDoesNotReadRefusesUntilItDoes) {
  RawClient client(port());
  client.send(upgrade_request("/web/socket") + frame(1, "flood"));
  EXPECT_EQ(client.response_head().status, 101);
  EXPECT_TRUE(works());
  std::size_t messages = 0;
  Frame got = read_frame(client);
  for (; got.opcode == 2; got = read_frame(client))
    ++messages;
  EXPECT_GE(messages, 250U);
  EXPECT_EQ(got.payload, std::to_string(messages)) << "nothing was lost, and it was told of the room";
}

TEST_F(Routes, ASocketEndsWithThePlugin) {
  RawClient client(port());
  client.send(upgrade_request("/web/socket"));
  EXPECT_EQ(client.response_head().status, 101);
  client.send(frame(1, "x"));
  EXPECT_EQ(read_frame(client).payload, "x");
  stop();
  EXPECT_EQ(close_code(read_frame(client)), 1001);
}

TEST_F(Routes, EndWithThePlugin) {
  RawClient waiting(port());
  waiting.get("/web/never");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  stop();
  const int status = waiting.response().status;
  EXPECT_TRUE(status == 503 || status == 204) << status;
  EXPECT_EQ(get("/web/slow").status, 404);
}

} // namespace
} // namespace viadux::plugin_test
