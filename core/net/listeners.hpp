// The sockets that a worker starts with. [control]
#pragma once

#include "core/net/worker.hpp"

#include <vector>

namespace viadux {

struct Listeners {
  struct Udp {
    int descriptor;
    bool wildcard;
  };
  std::vector<Udp> udp;
  std::vector<int> tcp;
  std::vector<IpAddress> addresses;
  std::uint16_t port = 0;
};

// UDP and TCP on one port number on every address. Where the kernel chooses the port, it is tried until both
// kinds are free. A wildcard leaves out a family that the machine has not got.
Result<Listeners> open_listeners(const WorkerConfig& config);
// A pair of neighbouring UDP ports; the even one first.
struct UdpPair {
  int rtp;
  int rtcp;
  std::uint16_t port;
};
// `start` is where in the range to begin, so that a port just freed is not taken at once again.
Result<UdpPair> open_udp_pair(const PortRange& range, const IpAddress& address, std::uint32_t start);

} // namespace viadux
