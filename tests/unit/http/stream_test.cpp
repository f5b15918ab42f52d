// Streamed answers, server-sent events, drains.
#include "core/http/event_stream.hpp"
#include "server_fixture.hpp"

namespace viadux {
namespace {

class HttpStreamTest : public HttpServerTest {
 protected:
  ~HttpStreamTest() override {
    control([this] { responder_ = {}; });
  }
  // GET /s hands its responder to the test.
  void start_stream() {
    start([this](HttpServer& server) {
      ASSERT_TRUE(server.route("GET", "/s", [this](const HttpRequest&, HttpResponder responder) {
        responder.on_gone([this] { gone_ = true; });
        responder_ = std::move(responder);
      }));
    });
  }
  HttpResponder& responder() {
    EXPECT_TRUE(comes_true([this] { return control([this] { return responder_.alive(); }); }));
    return responder_;
  }
  bool gone_comes() {
    return comes_true([this] { return control([this] { return gone_; }); });
  }
  HttpResponder responder_;
  bool gone_ = false;
};

TEST_F(HttpStreamTest, ChunksThenTheNextRequest) {
  start_stream();
  RawClient client(port());
  client.get("/s");
  HttpResponder& stream = responder();
  EXPECT_EQ(stream.write("too early"), WriteResult::gone);
  EXPECT_TRUE(stream.begin(200, {}));
  EXPECT_EQ(stream.write("one"), WriteResult::ok);
  EXPECT_EQ(client.response_head().status, 200);
  EXPECT_EQ(client.chunk(), "one");
  EXPECT_EQ(stream.write("two"), WriteResult::ok);
  stream.end();
  EXPECT_EQ(stream.write("three"), WriteResult::gone);
  EXPECT_EQ(client.chunk(), "two");
  EXPECT_EQ(client.chunk(), "");
  client.get("/nothing");
  EXPECT_EQ(client.response().status, 404);
  EXPECT_FALSE(control([this] { return gone_; }));
}

TEST_F(HttpStreamTest, CreditIsBounded) {
  start_stream();
  RawClient client(port());
  client.get("/s");
  HttpResponder& stream = responder();
  std::atomic<int> drained = 0;
  stream.set_buffer_limit(100'000);
  stream.on_drained([&] { ++drained; });
  stream.begin(200, {});
  std::size_t taken = 0;
  // The kernel's buffers take some megabytes first.
  while (taken < 1'000'000'000 && stream.write(std::string(50'000, 'a')) == WriteResult::ok)
    taken += 50'000;
  EXPECT_EQ(stream.write(std::string(50'000, 'a')), WriteResult::full);
  EXPECT_EQ(drained, 0);
  client.response_head();
  std::size_t read = 0;
  while (read < taken)
    read += client.chunk().size();
  EXPECT_EQ(read, taken);
  EXPECT_TRUE(comes_true([&] { return drained > 0; }));
  EXPECT_EQ(stream.write("more"), WriteResult::ok);
  EXPECT_EQ(client.chunk(), "more");
  stream.end();
}

TEST_F(HttpStreamTest, ToldWhenTheClientLeaves) {
  start_stream();
  {
    RawClient client(port());
    client.get("/s");
    responder().begin(200, {});
    EXPECT_EQ(client.response_head().status, 200);
    EXPECT_TRUE(metric_comes("viadux_http_streams 1\n"));
  }
  EXPECT_TRUE(gone_comes());
  EXPECT_EQ(control([this] { return responder_.write("x"); }), WriteResult::gone);
  EXPECT_TRUE(metric_comes("viadux_http_streams 0\n"));
}

TEST_F(HttpStreamTest, DroppedStreamIsNotMistakenForAWholeOne) {
  start_stream();
  RawClient client(port());
  client.get("/s");
  responder().begin(200, {});
  control([this] { responder_ = {}; });
  client.response_head();
  EXPECT_EQ(client.take_until("0\r\n\r\n"), ""); // no last chunk
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpStreamTest, Http10StreamEndsWithTheConnection) {
  start_stream();
  RawClient client(port());
  client.send("GET /s HTTP/1.0\r\n\r\n");
  HttpResponder& stream = responder();
  stream.begin(200, {});
  EXPECT_EQ(stream.write("abc"), WriteResult::ok);
  stream.end();
  EXPECT_FALSE(client.response_head().headers.contains("transfer-encoding"));
  EXPECT_EQ(client.take(3), "abc");
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpStreamTest, ServerSentEvents) {
  std::optional<EventStream> events;
  std::string asked_from;
  start([&](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/events", [&](const HttpRequest& request, HttpResponder responder) {
      asked_from = last_event_id(request);
      events.emplace(loop_, responder, HttpHeaders{}, 30'000);
    }));
  });
  RawClient client(port());
  client.get("/events", "Last-Event-ID: 41\r\n");
  const RawResponse head = client.response_head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-type"), "text/event-stream");
  EXPECT_EQ(head.headers.at("x-accel-buffering"), "no");
  EXPECT_EQ(client.chunk(), ": \n\n");
  EXPECT_EQ(control([&] { return asked_from; }), "41");
  EXPECT_EQ(client.chunk(), ": \n\n"); // the heartbeat
  control([&] { EXPECT_EQ(events->send({"42", "joined", "{\"a\":1}", 0}), WriteResult::ok); });
  std::string event = client.chunk();
  while (event == ": \n\n")
    event = client.chunk();
  EXPECT_EQ(event, "id: 42\nevent: joined\ndata: {\"a\":1}\n\n");
  control([&] { events.reset(); });
  while (!client.chunk().empty()) {
  }
  client.get("/nothing");
  EXPECT_EQ(client.response().status, 404);
}

TEST_F(HttpStreamTest, DrainEndsIdleAndEventsAndWaitsForAnswers) {
  std::optional<EventStream> events;
  bool events_gone = false;
  start([&](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/events", [&](const HttpRequest&, HttpResponder responder) {
      events.emplace(loop_, responder);
      events->on_gone([&] { events_gone = true; });
    }));
    ASSERT_TRUE(server.route(
        "GET", "/s", [this](const HttpRequest&, HttpResponder responder) { responder_ = responder; }));
  });
  const std::uint16_t bound = port();
  RawClient idle(bound), listening(bound), waiting(bound);
  idle.get("/nothing");
  EXPECT_EQ(idle.response().status, 404);
  listening.get("/events");
  EXPECT_EQ(listening.response_head().status, 200);
  waiting.get("/s");
  HttpResponder& late = responder();
  bool done = false;
  control([&] { server_->drain(loop_.clock().now_us() + 20'000'000, [&] { done = true; }); });
  EXPECT_TRUE(idle.closed());
  EXPECT_EQ(listening.chunk(), ": \n\n");
  EXPECT_EQ(listening.chunk(), ""); // ended properly
  EXPECT_TRUE(comes_true([&] { return control([&] { return events_gone; }); }));
  EXPECT_FALSE(control([&] { return done; }));
  EXPECT_TRUE(comes_true([&] { return !RawClient(bound).connected(); })); // nobody new
  late.respond(text_response("late"));
  const RawResponse answer = waiting.response();
  EXPECT_EQ(answer.body, "late");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  waiting.close();
  listening.close();
  EXPECT_TRUE(comes_true([&] { return control([&] { return done; }); }));
  control([&] { events.reset(); });
}

TEST_F(HttpStreamTest, DrainCutsAtItsDeadline) {
  start_stream();
  RawClient client(port());
  client.get("/s");
  responder();
  bool done = false;
  control([&] { server_->drain(loop_.clock().now_us() + 50'000, [&] { done = true; }); });
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(gone_comes());
  EXPECT_TRUE(comes_true([&] { return control([&] { return done; }); }));
}

TEST_F(HttpStreamTest, ResponderOutlivesTheServer) {
  start_stream();
  RawClient client(port());
  client.get("/s");
  responder();
  control([this] { server_.reset(); });
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(responder_.respond(text_response("x")));
  EXPECT_FALSE(gone_); // nothing is called any more
}

} // namespace
} // namespace viadux
