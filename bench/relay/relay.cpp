#include "bench/relay/relay.hpp"

#include <cerrno>
#include <cstring>
#include <sstream>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux::bench {
namespace {

constexpr std::size_t max_datagram_size = 2048;

std::uint64_t key_of(const sockaddr_in& address) {
  return std::uint64_t{address.sin_addr.s_addr} << 16 | address.sin_port;
}

int udp_socket() {
  const auto fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int size = 4 << 20; // what is dropped is to be dropped by the link
  if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return fd;
}

std::string describe(const Link& link) {
  const auto& counters = link.counters();
  std::ostringstream out;
  out << R"({"offered":)" << counters.offered << R"(,"lost":)" << counters.lost << R"(,"overflowed":)"
      << counters.overflowed << R"(,"reordered":)" << counters.reordered << '}';
  return out.str();
}

} // namespace

class Relay::Upstream final : public Watcher {
 public:
  Upstream(Relay& relay, const sockaddr_in& client, int fd)
      : client_address(client), socket(fd), relay_(relay) {
    relay_.loop_.watch(socket, EPOLLIN, this);
  }
  ~Upstream() override {
    relay_.loop_.unwatch(socket, this);
    close(socket);
  }
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  void on_events(std::uint32_t) override {
    std::array<std::uint8_t, max_datagram_size> data; // NOLINT: filled by recv
    for (int i = 0; i < 256; ++i) {
      const auto n = recv(socket, data.data(), data.size(), 0);
      if (n <= 0) return;
      relay_.take(Direction::down, *this, data.data(), static_cast<std::size_t>(n));
    }
  }

  const sockaddr_in client_address;
  const int socket;

 private:
  Relay& relay_;
};

Relay::Relay(EventLoop& loop, sockaddr_in target, std::uint64_t seed)
    : loop_(loop), target_(target), links_{Link(seed * 2), Link(seed * 2 + 1)},
      due_(loop, [this] { on_due(); }) {}

Relay::~Relay() {
  if (socket_ < 0) return;
  loop_.unwatch(socket_, this);
  close(socket_);
}

Result<std::uint16_t> Relay::listen(std::uint16_t port) {
  socket_ = udp_socket();
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_port = htons(port);
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof own;
  if (socket_ < 0 || bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size) != 0)
    return make_error(ErrorCode::internal, "relay_port",
                      "cannot listen on 127.0.0.1:" + std::to_string(port) + ": " + std::strerror(errno));
  loop_.watch(socket_, EPOLLIN, this);
  return ntohs(own.sin_port);
}

void Relay::on_events(std::uint32_t) {
  std::array<std::uint8_t, max_datagram_size> data; // NOLINT: filled by recvfrom
  for (int i = 0; i < 256; ++i) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const auto n = recvfrom(socket_, data.data(), data.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (n <= 0) return;
    auto& upstream = upstreams_[key_of(from)];
    if (!upstream) {
      const auto fd = upstreams_.size() <= max_clients ? udp_socket() : -1;
      if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&target_), sizeof target_) != 0) {
        ++refused_;
        if (fd >= 0) close(fd);
        upstreams_.erase(key_of(from));
        continue;
      }
      upstream = std::make_unique<Upstream>(*this, from, fd);
    }
    take(Direction::up, *upstream, data.data(), static_cast<std::size_t>(n));
  }
}

void Relay::take(Direction direction, Upstream& upstream, const std::uint8_t* data, std::size_t size) {
  const auto now = EventLoop::now_us();
  const auto leaves_us = link(direction).offer(now, size);
  if (!leaves_us) return;
  Waiting waiting{direction, &upstream, {data, data + size}};
  if (*leaves_us <= now) return deliver(waiting);
  if (waiting_.size() >= max_waiting) {
    ++refused_;
    return;
  }
  waiting_.emplace(*leaves_us, std::move(waiting)); // equal times stay in the order they came
  due_.start_at(waiting_.begin()->first);
}

void Relay::deliver(const Waiting& waiting) {
  const auto& bytes = waiting.datagram;
  if (waiting.direction == Direction::up) {
    send(waiting.upstream->socket, bytes.data(), bytes.size(), 0);
    return;
  }
  const auto& to = waiting.upstream->client_address;
  sendto(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

void Relay::on_due() {
  const auto now = EventLoop::now_us();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    deliver(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
  if (!waiting_.empty()) due_.start_at(waiting_.begin()->first);
}

std::string Relay::stats() const {
  return R"({"up":)" + describe(links_[0]) + R"(,"down":)" + describe(links_[1]) + R"(,"clients":)" +
         std::to_string(upstreams_.size()) + R"(,"refused":)" + std::to_string(refused_) + '}';
}

std::string Relay::command(const std::string& line) {
  std::istringstream in(line);
  std::string verb, words;
  in >> verb;
  std::getline(in, words);
  if (verb == "stats") return stats();
  if (verb != "up" && verb != "down" && verb != "both")
    return R"({"error":"say up, down or both with settings, or stats"})";
  for (const auto direction : {Direction::up, Direction::down}) {
    if (verb == (direction == Direction::up ? "down" : "up")) continue;
    auto settings = parse_link(link(direction).settings(), words);
    if (!settings) return R"({"error":")" + settings.error().message + R"("})";
    link(direction).set(*settings);
  }
  return R"({"ok":true})";
}

} // namespace viadux::bench
