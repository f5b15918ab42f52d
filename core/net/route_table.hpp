// Who gets the packets of which sender: a flat hash from (socket, remote endpoint) to a sink. [worker]
#pragma once

#include "core/net/datagram.hpp"

#include <cstdint>
#include <vector>

namespace viadux {

class RouteTable {
 public:
  // `seed` keeps outsiders from choosing addresses that collide.
  explicit RouteTable(std::uint64_t seed);

  void set(SocketId socket, const Endpoint& remote, DatagramSink& sink); // replaces
  void erase(SocketId socket, const Endpoint& remote);                   // nothing where there is none
  DatagramSink* find(SocketId socket, const Endpoint& remote) const;     // null where there is none
  std::size_t size() const { return used_; }

 private:
  struct Slot {
    Endpoint remote;
    SocketId socket = 0;
    DatagramSink* sink = nullptr; // null marks a free slot
  };
  std::size_t home(SocketId socket, const Endpoint& remote) const;
  std::size_t locate(SocketId socket,
                     const Endpoint& remote) const; // its slot, or the free one where it would go
  void grow();

  std::uint64_t seed_;
  std::size_t used_ = 0;
  std::vector<Slot> slots_; // a power of two, at most half full
};

} // namespace viadux
