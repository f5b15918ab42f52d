// The relay on real loopback sockets: it forwards both ways, keeps clients apart and obeys its commands.
#include "bench/relay/relay.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A socket that answers (server) or only collects (client).
class Endpoint final : public Watcher {
 public:
  Endpoint(EventLoop& loop, bool echo) : loop_(loop), echo_(echo) {
    fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    auto own = loopback(0);
    socklen_t size = sizeof own;
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
    port = ntohs(own.sin_port);
    loop_.watch(fd_, EPOLLIN, this);
  }
  ~Endpoint() override {
    loop_.unwatch(fd_, this);
    close(fd_);
  }
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  void send_to(std::uint16_t to, const std::string& text) const {
    const auto address = loopback(to);
    sendto(fd_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  void on_events(std::uint32_t) override {
    char data[256];
    sockaddr_in from{};
    socklen_t size = sizeof from;
    ssize_t n = 0;
    while ((n = recvfrom(fd_, data, sizeof data, 0, reinterpret_cast<sockaddr*>(&from), &size)) > 0) {
      received.emplace_back(data, static_cast<std::size_t>(n));
      sources.insert(ntohs(from.sin_port));
      if (echo_)
        sendto(fd_, data, static_cast<std::size_t>(n), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
  }

  std::uint16_t port = 0;
  std::vector<std::string> received;
  std::set<std::uint16_t> sources;

 private:
  EventLoop& loop_;
  bool echo_;
  int fd_ = -1;
};

class RelayTest : public testing::Test {
 protected:
  RelayTest()
      : server(loop, true), first(loop, false), second(loop, false), relay(loop, loopback(server.port), 5) {
    auto got = relay.listen(0);
    EXPECT_TRUE(got);
    port = got ? *got : std::uint16_t{0};
  }
  void run_for(std::int64_t duration_us) {
    Timer end(loop, [this] { loop.stop(); });
    end.start_at(EventLoop::now_us() + duration_us);
    loop.run();
  }
  EventLoop loop;
  Endpoint server, first, second;
  Relay relay;
  std::uint16_t port = 0;
};

TEST_F(RelayTest, ForwardsBothWaysAndKeepsClientsApart) {
  first.send_to(port, "one");
  second.send_to(port, "two");
  run_for(50'000);
  EXPECT_EQ(first.received, std::vector<std::string>{"one"});
  EXPECT_EQ(second.received, std::vector<std::string>{"two"});
  EXPECT_EQ(server.sources.size(), 2U) << "each client has an address of its own towards the server";
}

TEST_F(RelayTest, CommandsTakeEffectAtOnce) {
  EXPECT_EQ(relay.command("down loss=100%"), R"({"ok":true})");
  first.send_to(port, "lost on the way back");
  run_for(50'000);
  EXPECT_EQ(server.received.size(), 1U);
  EXPECT_TRUE(first.received.empty());
  EXPECT_EQ(relay.command("both clear"), R"({"ok":true})");
  first.send_to(port, "through");
  run_for(50'000);
  EXPECT_EQ(first.received, std::vector<std::string>{"through"});
  EXPECT_NE(relay.command("stats").find(R"("down":{"offered":2,"lost":1)"), std::string::npos);
}

TEST_F(RelayTest, DelayHoldsBack) {
  relay.command("up delay=80ms");
  first.send_to(port, "late");
  run_for(40'000);
  EXPECT_TRUE(server.received.empty());
  run_for(120'000);
  EXPECT_EQ(first.received.size(), 1U);
}

TEST_F(RelayTest, SaysWhatIsWrongWithACommand) {
  EXPECT_NE(relay.command("sideways loss=5%").find("error"), std::string::npos);
  EXPECT_NE(relay.command("up loss=much").find("loss=much"), std::string::npos);
}

} // namespace
} // namespace viadux::bench
