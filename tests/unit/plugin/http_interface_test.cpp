// A plugin's routes, over sockets: a real server, a real control thread.
#include "core/log/capture.hpp"
#include "core/plugin/http_interface.hpp"
#include "core/plugin/plugin_host.hpp"
#include "http/server_fixture.hpp"

namespace viadux::plugin_test {
namespace {

class Routes : public HttpServerTest {
 public:
  void SetUp() override {
    log_.emplace();
    options_.limits.handler_timeout_ms = 300;
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
  EXPECT_EQ(get("/web/blocks").body, "blocked");
  EXPECT_TRUE(metric_comes("viadux_plugin_slow_callbacks_total{plugin=\"web\"} 1"));
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
  {
    RawClient client(port());
    client.get("/web/stream");
    EXPECT_EQ(client.response_head().status, 200);
  }
  EXPECT_TRUE(comes_true([&] { return control([&] { return host_->services().handles.size(); }) <= 8; }))
      << "only the eight routes are left open";
  EXPECT_TRUE(works());
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
