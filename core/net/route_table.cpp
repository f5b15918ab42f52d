#include "core/net/route_table.hpp"

#include <cstring>
#include <utility>

namespace viadux {

RouteTable::RouteTable(std::uint64_t seed) : seed_(seed | 1), slots_(256) {}

// Two multiply-and-fold rounds over the 16 address bytes, port and socket.
std::size_t RouteTable::home(SocketId socket, const Endpoint& remote) const {
  std::uint64_t high;
  std::uint64_t low;
  std::memcpy(&high, remote.address.bytes().data(), 8);
  std::memcpy(&low, remote.address.bytes().data() + 8, 8);
  const std::uint64_t rest = static_cast<std::uint64_t>(socket) << 16 | remote.port;
  std::uint64_t hash = (high ^ seed_) * 0x9e3779b97f4a7c15ULL;
  hash = ((hash ^ hash >> 32) ^ low) * 0xd6e8feb86659fd93ULL;
  hash = ((hash ^ hash >> 32) ^ rest ^ seed_ >> 7) * 0x9e3779b97f4a7c15ULL;
  return (hash ^ hash >> 32) & (slots_.size() - 1);
}

std::size_t RouteTable::locate(SocketId socket, const Endpoint& remote) const {
  std::size_t at = home(socket, remote);
  while (slots_[at].sink && (slots_[at].socket != socket || slots_[at].remote != remote))
    at = (at + 1) & (slots_.size() - 1);
  return at;
}

DatagramSink* RouteTable::find(SocketId socket, const Endpoint& remote) const {
  return slots_[locate(socket, remote)].sink;
}

void RouteTable::set(SocketId socket, const Endpoint& remote, DatagramSink& sink) {
  std::size_t at = locate(socket, remote);
  if (!slots_[at].sink) {
    if (2 * (used_ + 1) > slots_.size()) {
      grow();
      at = locate(socket, remote);
    }
    ++used_;
  }
  slots_[at] = {remote, socket, &sink};
}

// Closes the gap by moving back what probed past it, so that no tombstones pile up.
void RouteTable::erase(SocketId socket, const Endpoint& remote) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t gap = locate(socket, remote);
  if (!slots_[gap].sink) return;
  --used_;
  for (std::size_t at = (gap + 1) & mask; slots_[at].sink; at = (at + 1) & mask) {
    const std::size_t wanted = home(slots_[at].socket, slots_[at].remote);
    if (((at - wanted) & mask) < ((at - gap) & mask)) continue; // its home lies behind the gap
    slots_[gap] = slots_[at];
    gap = at;
  }
  slots_[gap] = {};
}

void RouteTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  for (const Slot& slot : old)
    if (slot.sink) slots_[locate(slot.socket, slot.remote)] = slot;
}

} // namespace viadux
