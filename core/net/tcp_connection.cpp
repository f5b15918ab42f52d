#include "core/net/tcp_connection.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace viadux {

TcpConnection::TcpConnection(int descriptor, const Endpoint& remote, std::int64_t now_us)
    : descriptor_(descriptor), remote_(remote), accepted_us_(now_us) {}

TcpConnection::~TcpConnection() {
  close(descriptor_);
}

bool TcpConnection::read() {
  const auto room = frames_.room();
  if (room.empty()) return false;
  const ssize_t size = recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
  if (size > 0) frames_.filled(static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

bool TcpConnection::send(std::span<const std::uint8_t> packet) {
  std::uint8_t length[2] = {static_cast<std::uint8_t>(packet.size() >> 8),
                            static_cast<std::uint8_t>(packet.size() & 0xff)};
  std::size_t sent = 0;
  if (backlog() == 0) {
    iovec parts[2] = {{length, 2}, {const_cast<std::uint8_t*>(packet.data()), packet.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const ssize_t size = sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    sent = size > 0 ? static_cast<std::size_t>(size) : 0;
    if (sent == 2 + packet.size()) return true;
  } else if (backlog() + 2 + packet.size() > max_backlog) {
    return false;
  }
  // A frame begun must be finished, else the stream loses its framing.
  for (; sent < 2; ++sent)
    backlog_.push_back(length[sent]);
  backlog_.insert(backlog_.end(), packet.begin() + static_cast<std::ptrdiff_t>(sent - 2), packet.end());
  return true;
}

bool TcpConnection::flush() {
  while (backlog() > 0) {
    const ssize_t size =
        ::send(descriptor_, backlog_.data() + backlog_sent_, backlog(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    backlog_sent_ += static_cast<std::size_t>(size);
    if (backlog_sent_ >= max_backlog / 2) {
      backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(backlog_sent_));
      backlog_sent_ = 0;
    }
  }
  backlog_.clear();
  backlog_sent_ = 0;
  return true;
}

} // namespace viadux
