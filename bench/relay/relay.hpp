// A UDP relay on loopback with a bad network in it: a client sends to our port instead of the server's.
//
// Every client address gets an upstream socket of its own, so that the server sees as many peers as there
// are. All of them share one link per direction: a relay is one network path.
#pragma once

#include "bench/client/event_loop.hpp"
#include "bench/relay/link.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::bench {

enum class Direction : std::uint8_t { up, down }; // to the server; to the client

class Relay final : public Watcher {
 public:
  Relay(EventLoop& loop, sockaddr_in target, std::uint64_t seed);
  ~Relay() override;
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  Result<std::uint16_t> listen(std::uint16_t port); // on 127.0.0.1; 0 lets the kernel choose; the port it got
  // "up loss=5%", "down rate=400k queue=300ms", "both clear", "stats": the answer is one line of JSON.
  std::string command(const std::string& line);
  Link& link(Direction direction) { return links_[static_cast<std::size_t>(direction)]; }
  void on_events(std::uint32_t events) override;

 private:
  class Upstream;
  struct Waiting {
    Direction direction;
    Upstream* upstream;
    std::vector<std::uint8_t> datagram;
  };

  void take(Direction direction, Upstream& upstream, const std::uint8_t* data, std::size_t size);
  void deliver(const Waiting& waiting);
  void on_due();
  std::string stats() const;

  static constexpr std::size_t max_clients = 4096;
  static constexpr std::size_t max_waiting = 200'000;

  EventLoop& loop_;
  sockaddr_in target_;
  int socket_ = -1;
  std::array<Link, 2> links_;
  std::map<std::uint64_t, std::unique_ptr<Upstream>> upstreams_; // by client address and port
  std::multimap<std::int64_t, Waiting> waiting_;                 // by the time they leave
  std::uint64_t refused_ = 0;                                    // over our own limits
  Timer due_;
};

} // namespace viadux::bench
