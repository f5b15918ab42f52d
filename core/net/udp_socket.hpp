// Opening sockets, and reading a batch from one.
#pragma once

#include "core/net/counters.hpp"
#include "core/net/datagram.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <viadux/result.hpp>

namespace viadux {

struct SocketOptions {
  int receive_buffer_bytes = 0; // 0 leaves the kernel's
  int send_buffer_bytes = 0;
};

// A bound, non-blocking UDP socket's descriptor. A wildcard address gives a socket that tells which local
// address each packet came to. Port 0 lets the kernel choose. Errors: busy (port taken), bad_argument (not
// our address).
Result<int> open_udp(const Endpoint& local, const SocketOptions& options);
// A bound, listening, non-blocking TCP socket's descriptor. Errors as above.
Result<int> open_tcp_listener(const Endpoint& local);
// The port that a socket is bound to.
std::uint16_t bound_port(int descriptor);

// Buffers for one batch of datagrams, used for one socket after another. [worker]
class UdpReceiver {
 public:
  UdpReceiver();
  ~UdpReceiver();
  UdpReceiver(const UdpReceiver&) = delete;
  UdpReceiver& operator=(const UdpReceiver&) = delete;

  // What the socket has, up to max_batch. Datagrams too large for our buffers are dropped and counted.
  std::span<Datagram> receive(int descriptor, SocketId id, bool wildcard, WorkerCounters& counters);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

} // namespace viadux
