// Bodies that are handed on as they come: credit, ends, limits, time.
#include "server_fixture.hpp"

#include <thread>

namespace viadux {
namespace {

class HttpBodyTest : public HttpServerTest {
 protected:
  ~HttpBodyTest() override {
    control([this] { responder_ = {}; });
  }
  // PUT /b hands its responder to the test and gathers what comes.
  void start_bodies() {
    HttpRouteOptions options;
    options.streams_body = true;
    options.max_body = 2'000'000;
    start([this, options](HttpServer& server) {
      const auto handler = [this](const HttpRequest& request, HttpResponder responder) {
        EXPECT_TRUE(request.body.empty());
        responder.receive_body([this](const std::string& bytes, BodyEnd end) {
          EXPECT_EQ(end_, BodyEnd::more) << "nothing comes after the end";
          came_ += bytes;
          end_ = end;
        });
        responder.on_gone([this] { gone_ = true; });
        responder_ = std::move(responder);
        ++asked_;
      };
      ASSERT_TRUE(server.route("PUT", "/b", handler, options));
    });
  }
  void put(RawClient& client, const std::string& headers) const {
    client.send("PUT /b HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
  }
  bool is_asked() {
    return comes_true([this] { return control([this] { return asked_ == 1; }); });
  }
  // Four of a hundred bytes, which the handler has got.
  void put_half(RawClient& client) {
    put(client, "Content-Length: 100\r\n");
    ASSERT_TRUE(is_asked());
    accept(1000);
    client.send("half");
    ASSERT_TRUE(comes_true([this] { return came() == 4; }));
  }
  void accept(std::size_t bytes) {
    control([&] { responder_.accept_body(bytes); });
  }
  std::size_t came() {
    return control([this] { return came_.size(); });
  }
  bool ends(BodyEnd end) {
    return comes_true([&] { return control([&] { return end_ == end; }); });
  }
  void answer() {
    control([this] { responder_.respond(text_response("taken")); });
  }
  HttpResponder responder_;
  std::string came_;
  BodyEnd end_ = BodyEnd::more;
  bool gone_ = false;
  int asked_ = 0;
};

std::string pattern(std::size_t size) {
  std::string text;
  while (text.size() < size)
    text += std::to_string(text.size()) + ",";
  text.resize(size);
  return text;
}

TEST_F(HttpBodyTest, ComesAsItIsAcceptedAndNoFaster) {
  start_bodies();
  RawClient client(port());
  const std::string body = pattern(1'900'000);
  put(client, "Content-Length: 1900000\r\n");
  ASSERT_TRUE(is_asked()) << "at the head, before any of the body";
  std::thread sender([&] { client.send(body); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(came(), 0U) << "nothing was accepted";
  accept(50'000);
  EXPECT_TRUE(comes_true([this] { return came() >= 50'000; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(came(), 50'000U + 16 * 1024);
  accept(10'000'000);
  EXPECT_TRUE(ends(BodyEnd::whole));
  sender.join();
  EXPECT_TRUE(control([&] { return came_ == body; }));
  answer();
  EXPECT_EQ(client.response().body, "taken");
  client.get("/nothing");
  EXPECT_EQ(client.response().status, 404) << "the connection goes on";
}

TEST_F(HttpBodyTest, InChunks) {
  start_bodies();
  RawClient client(port());
  put(client, "Transfer-Encoding: chunked\r\n");
  ASSERT_TRUE(is_asked());
  accept(1000);
  client.send("5\r\nfirst\r\n");
  EXPECT_TRUE(comes_true([this] { return came() == 5; }));
  client.send("6\r\nsecond\r\n0\r\n\r\n");
  EXPECT_TRUE(ends(BodyEnd::whole));
  EXPECT_EQ(control([this] { return came_; }), "firstsecond");
  answer();
  EXPECT_EQ(client.response().status, 200);
}

TEST_F(HttpBodyTest, OfNothingIsWholeAtOnce) {
  start_bodies();
  RawClient client(port());
  put(client, "Content-Length: 0\r\n");
  EXPECT_TRUE(ends(BodyEnd::whole));
  answer();
  EXPECT_EQ(client.response().body, "taken");
}

TEST_F(HttpBodyTest, ThatSaysItIsTooLongNeverReachesTheHandler) {
  start_bodies();
  RawClient client(port());
  put(client, "Content-Length: 2000001\r\n");
  EXPECT_EQ(client.response().status, 413);
  EXPECT_EQ(control([this] { return asked_; }), 0);
}

TEST_F(HttpBodyTest, ThatGrowsTooLongIsCut) {
  start_bodies();
  RawClient client(port());
  put(client, "Transfer-Encoding: chunked\r\n");
  ASSERT_TRUE(is_asked());
  accept(10'000'000);
  const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n";
  for (int i = 0; i < 32; ++i)
    client.send(chunk);
  EXPECT_EQ(client.response().status, 413);
  EXPECT_TRUE(ends(BodyEnd::cut));
  EXPECT_TRUE(control([this] { return gone_ && came_.size() <= 2'000'000; }));
}

TEST_F(HttpBodyTest, OfAClientThatLeavesIsCut) {
  start_bodies();
  {
    RawClient client(port());
    put_half(client);
  }
  EXPECT_TRUE(ends(BodyEnd::cut));
  EXPECT_TRUE(comes_true([this] { return control([this] { return gone_; }); }));
}

TEST_F(HttpBodyTest, ThatIsTooSlowIsCutWith408) {
  options_.limits.body_timeout_ms = 100;
  start_bodies();
  RawClient client(port());
  put(client, "Content-Length: 100\r\n");
  ASSERT_TRUE(is_asked());
  accept(1000);
  client.send("half");
  EXPECT_EQ(client.response().status, 408);
  EXPECT_TRUE(ends(BodyEnd::cut));
}

TEST_F(HttpBodyTest, AHandlerThatAcceptsNothingIsTooSlowItself) {
  options_.limits.handler_timeout_ms = 100;
  start_bodies();
  RawClient client(port());
  put(client, "Content-Length: 100\r\n");
  EXPECT_EQ(client.response().status, 504);
  EXPECT_TRUE(ends(BodyEnd::cut));
}

TEST_F(HttpBodyTest, ThatIsAnsweredEarlyEndsTheConnectionAfterTheAnswer) {
  start_bodies();
  RawClient client(port());
  put_half(client);
  answer();
  const RawResponse response = client.response();
  EXPECT_EQ(response.body, "taken");
  EXPECT_EQ(response.headers.at("connection"), "close");
  client.send("the rest");
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(came(), 4U);
}

} // namespace
} // namespace viadux
