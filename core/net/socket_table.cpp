#include "core/net/socket_table.hpp"

#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

namespace viadux {

namespace {

constexpr std::size_t max_sockets = 0xffff;

// The index plus one, so that 0 is no socket; the generation above it.
SocketId make_id(std::size_t index, std::uint16_t generation) {
  return static_cast<SocketId>(generation) << 16 | static_cast<SocketId>(index + 1);
}

void close_descriptor(Socket& socket) {
  if (!socket.tcp && socket.descriptor >= 0) close(socket.descriptor);
}

} // namespace

SocketTable::~SocketTable() {
  for (Socket& socket : sockets_)
    close_descriptor(socket);
}

SocketId SocketTable::add_udp(int descriptor, bool wildcard, DatagramSink* owner) {
  Socket socket;
  socket.descriptor = descriptor;
  socket.wildcard = wildcard;
  socket.owner = owner;
  return add(std::move(socket));
}

SocketId SocketTable::add_tcp(std::unique_ptr<TcpConnection> connection) {
  Socket socket;
  socket.descriptor = connection->descriptor();
  socket.tcp = std::move(connection);
  return add(std::move(socket));
}

SocketId SocketTable::add(Socket socket) {
  std::size_t index = 0;
  while (index < sockets_.size() && sockets_[index].descriptor >= 0)
    ++index;
  if (index == sockets_.size()) {
    if (index == max_sockets) return close_descriptor(socket), 0;
    sockets_.emplace_back();
  }
  socket.generation = static_cast<std::uint16_t>(sockets_[index].generation + 1);
  const SocketId id = make_id(index, socket.generation);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = id;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.descriptor, &event) != 0) return close_descriptor(socket), 0;
  tcp_count_ += socket.tcp ? 1 : 0;
  sockets_[index] = std::move(socket);
  return id;
}

void SocketTable::remove(SocketId id) {
  Socket* const socket = find(id);
  if (!socket) return;
  tcp_count_ -= socket->tcp ? 1 : 0;
  close_descriptor(*socket); // closing also takes it off epoll's list
  Socket free;
  free.generation = socket->generation;
  *socket = std::move(free);
}

Socket* SocketTable::find(SocketId id) {
  const std::size_t index = static_cast<std::size_t>(id & 0xffff) - 1;
  if (index >= sockets_.size()) return nullptr;
  Socket& socket = sockets_[index];
  return socket.descriptor >= 0 && make_id(index, socket.generation) == id ? &socket : nullptr;
}

void SocketTable::watch_writable(SocketId id, bool writable) {
  const Socket* const socket = find(id);
  if (!socket) return;
  epoll_event event{};
  event.events = EPOLLIN | (writable ? EPOLLOUT : 0U);
  event.data.u64 = id;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, socket->descriptor, &event);
}

void SocketTable::each_tcp(const std::function<void(SocketId, Socket&)>& visit) {
  for (std::size_t index = 0; index < sockets_.size(); ++index)
    if (sockets_[index].tcp) visit(make_id(index, sockets_[index].generation), sockets_[index]);
}

} // namespace viadux
