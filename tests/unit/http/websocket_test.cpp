// WebSockets (RFC 6455).
#include "server_fixture.hpp"
#include "socket_frames.hpp"

namespace viadux {
namespace {

struct Recorder : WebSocketHandler {
  void on_open(WebSocket opened) override { socket = opened; }
  void on_message(std::string message, bool is_text) override {
    messages.push_back((is_text ? "text:" : "binary:") + message);
    if (echo) (void)(is_text ? socket.send_text(message) : socket.send_binary(message));
  }
  void on_close(std::uint16_t code, const std::string& reason) override {
    ++closes;
    last_code = code;
    last_reason = reason;
  }
  WebSocket socket;
  std::vector<std::string> messages;
  bool echo = true;
  int closes = 0;
  int last_code = 0;
  std::string last_reason;
};

class WebSocketTest : public HttpServerTest {
 protected:
  void start_socket(WebSocketOptions options = {}) {
    start([this, options](HttpServer& server) {
      ASSERT_TRUE(
          server.route("GET", "/ws", [this, options](const HttpRequest& request, HttpResponder responder) {
            if (!request.is_websocket)
              return (void)responder.respond(problem(426, "websocket", "this is a WebSocket"));
            if (request.headers.get("Origin") == "https://evil.example")
              return (void)responder.respond(problem(403, "refused", "not you"));
            EXPECT_TRUE(responder.accept_websocket(recorder_, options));
          }));
    });
  }
  static std::string upgrade(const std::string& headers = {}) { return upgrade_request("/ws", headers); }
  bool closed_with(int code) {
    return comes_true([this, code] {
      return control([this, code] { return recorder_->closes == 1 && recorder_->last_code == code; });
    });
  }
  std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
};

TEST_F(WebSocketTest, Echo) {
  start_socket({.subprotocol = "viadux.v1"});
  RawClient client(port());
  client.send(upgrade("Sec-WebSocket-Protocol: viadux.v1\r\n"));
  const RawResponse head = client.response_head();
  EXPECT_EQ(head.status, 101);
  EXPECT_EQ(head.headers.at("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); // RFC 6455, 1.3
  EXPECT_EQ(head.headers.at("sec-websocket-protocol"), "viadux.v1");
  client.send(frame(1, "hello"));
  Frame got = read_frame(client);
  EXPECT_EQ(got.opcode, 1);
  EXPECT_EQ(got.payload, "hello");
  client.send(frame(2, std::string(100'000, '\x00')));
  got = read_frame(client);
  EXPECT_EQ(got.opcode, 2);
  EXPECT_EQ(got.payload.size(), 100'000U);
  client.send(frame(1, "in ", true, false) + frame(9, "ping") + frame(0, "parts"));
  got = read_frame(client);
  EXPECT_EQ(got.opcode, 10);
  EXPECT_EQ(got.payload, "ping");
  EXPECT_EQ(read_frame(client).payload, "in parts");
  EXPECT_TRUE(metric_comes("viadux_http_websockets 1\n"));
  client.send(frame(8, std::string("\x03\xE8", 2) + "bye"));
  EXPECT_EQ(close_code(read_frame(client)), 1000);
  EXPECT_TRUE(closed_with(1000));
  EXPECT_EQ(control([this] { return recorder_->last_reason; }), "bye");
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(metric_comes("viadux_http_websockets 0\n"));
  EXPECT_TRUE(metric_comes("viadux_http_connections{transport=\"plain\"} 0\n"));
}

TEST_F(WebSocketTest, FramesSentWithTheRequestAreNotLost) {
  start_socket();
  RawClient client(port());
  client.send(upgrade() + frame(1, "early"));
  EXPECT_EQ(client.response_head().status, 101);
  EXPECT_EQ(read_frame(client).payload, "early");
}

TEST_F(WebSocketTest, HandlerMayRefuse) {
  start_socket();
  RawClient client(port());
  client.send(upgrade("Origin: https://evil.example\r\n"));
  EXPECT_EQ(client.response().status, 403);
  client.get("/ws");
  EXPECT_EQ(client.response().status, 426);
}

TEST_F(WebSocketTest, BrokenFrames) {
  start_socket({.max_message_bytes = 1000});
  const struct {
    std::string bytes;
    int code;
  } cases[] = {
      {frame(1, "unmasked", false), 1002},          {frame(3, "reserved"), 1002},
      {frame(1, std::string("\xFF\xFE", 2)), 1007}, // not UTF-8
      {frame(2, std::string(1001, 'a')), 1009},     // too big
      {frame(0, "continues nothing"), 1002},
  };
  for (const auto& broken : cases) {
    control([this] { recorder_ = std::make_shared<Recorder>(); });
    RawClient client(port());
    client.send(upgrade());
    EXPECT_EQ(client.response_head().status, 101);
    client.send(broken.bytes);
    const Frame close = read_frame(client);
    EXPECT_EQ(close.opcode, 8);
    EXPECT_EQ(close_code(close), broken.code);
    client.close();
    EXPECT_TRUE(comes_true([this] { return control([this] { return recorder_->closes == 1; }); }));
    EXPECT_TRUE(control([this] { return recorder_->messages.empty(); }));
  }
}

TEST_F(WebSocketTest, ClientThatVanishes) {
  start_socket();
  {
    RawClient client(port());
    client.send(upgrade());
    EXPECT_EQ(client.response_head().status, 101);
  }
  EXPECT_TRUE(closed_with(1006));
  EXPECT_EQ(control([this] { return recorder_->socket.send_text("x"); }), WriteResult::gone);
  EXPECT_FALSE(control([this] { return recorder_->socket.open(); }));
}

TEST_F(WebSocketTest, ServerCloses) {
  start_socket();
  RawClient client(port());
  client.send(upgrade());
  EXPECT_EQ(client.response_head().status, 101);
  EXPECT_TRUE(comes_true([this] { return control([this] { return recorder_->socket.open(); }); }));
  control([this] {
    EXPECT_EQ(recorder_->socket.send_text("last words"), WriteResult::ok);
    recorder_->socket.close(4000, "enough");
    EXPECT_EQ(recorder_->socket.send_text("too late"), WriteResult::gone);
  });
  EXPECT_EQ(read_frame(client).payload, "last words");
  const Frame close = read_frame(client);
  EXPECT_EQ(close_code(close), 4000);
  EXPECT_EQ(close.payload.substr(2), "enough");
  client.send(frame(8, std::string("\x0F\xA0", 2)));
  EXPECT_TRUE(closed_with(4000));
}

TEST_F(WebSocketTest, ReaderThatDoesNotReadIsHeldBack) {
  recorder_->echo = false;
  start_socket({.max_buffered_bytes = 100'000});
  RawClient client(port());
  client.send(upgrade());
  EXPECT_EQ(client.response_head().status, 101);
  EXPECT_TRUE(comes_true([this] { return control([this] { return recorder_->socket.open(); }); }));
  const bool became_full = control([this] {
    for (int i = 0; i < 20'000; ++i)
      if (recorder_->socket.send_binary(std::string(50'000, 'a')) == WriteResult::full) return true;
    return false;
  });
  EXPECT_TRUE(became_full);
}

TEST_F(WebSocketTest, DrainSaysGoodbye) {
  start_socket();
  RawClient client(port());
  client.send(upgrade());
  EXPECT_EQ(client.response_head().status, 101);
  EXPECT_TRUE(comes_true([this] { return control([this] { return recorder_->socket.open(); }); }));
  bool done = false;
  control([&] { server_->drain(loop_.clock().now_us() + 20'000'000, [&] { done = true; }); });
  const Frame close = read_frame(client);
  EXPECT_EQ(close_code(close), 1001);
  client.send(frame(8, close.payload.substr(0, 2)));
  EXPECT_TRUE(closed_with(1001));
  EXPECT_TRUE(comes_true([&] { return control([&] { return done; }); }));
}

TEST_F(WebSocketTest, AHandleMayOutliveTheServer) {
  start_socket();
  RawClient client(port());
  client.send(upgrade());
  EXPECT_EQ(client.response_head().status, 101);
  EXPECT_TRUE(comes_true([this] { return control([this] { return recorder_->socket.open(); }); }));
  WebSocket kept = control([this] { return recorder_->socket; });
  control([this] { server_.reset(); });
  EXPECT_FALSE(kept.open());
  EXPECT_EQ(kept.send_text("too late"), WriteResult::gone);
  kept.receive(1);
  kept.close();
}

TEST_F(WebSocketTest, IdleIsPingedThenClosed) {
  start_socket({.idle_timeout_s = 1});
  RawClient client(port());
  client.send(upgrade());
  EXPECT_EQ(client.response_head().status, 101);
  EXPECT_EQ(read_frame(client).opcode, 9);
  EXPECT_TRUE(closed_with(1006)); // no pong
}

} // namespace
} // namespace viadux
