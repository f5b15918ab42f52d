// A worker's open sockets, by id. [worker]
#pragma once

#include "core/net/datagram.hpp"
#include "core/net/tcp_connection.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace viadux {

struct Socket {
  int descriptor = -1;                // -1: this place is free
  std::uint16_t generation = 0;       // of this place
  bool wildcard = false;              // UDP: the kernel tells which local address was asked
  bool bound = false;                 // TCP: some sink has taken it over
  DatagramSink* owner = nullptr;      // a port without ICE: who gets everything
  std::unique_ptr<TcpConnection> tcp; // null for UDP
};

// Also keeps epoll's list up to date: what is in the table is polled.
class SocketTable {
 public:
  explicit SocketTable(int epoll) : epoll_(epoll) {}
  ~SocketTable();
  SocketTable(const SocketTable&) = delete;
  SocketTable& operator=(const SocketTable&) = delete;

  // Takes the descriptor over. 0 when the table is full or epoll refuses: the descriptor is then closed.
  SocketId add_udp(int descriptor, bool wildcard, DatagramSink* owner);
  SocketId add_tcp(std::unique_ptr<TcpConnection> connection);
  void remove(SocketId id);
  // Null for a stale id. The pointer is valid until the next add.
  Socket* find(SocketId id);
  // Asks to be told, or no longer, when a TCP connection can be written.
  void watch_writable(SocketId id, bool writable);
  std::size_t tcp_count() const { return tcp_count_; }
  // Calls `visit` for each TCP connection, which may remove it.
  void each_tcp(const std::function<void(SocketId, Socket&)>& visit);

 private:
  SocketId add(Socket socket);

  int epoll_;
  std::vector<Socket> sockets_;
  std::size_t tcp_count_ = 0;
};

} // namespace viadux
