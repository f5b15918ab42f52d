// The other side of a worker's sockets, as plain as can be.
#pragma once

#include "core/net/endpoint.hpp"

#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux {

class PeerSocket {
 public:
  explicit PeerSocket(const IpAddress& address = IpAddress::v4({127, 0, 0, 1})) {
    descriptor_ = socket(address.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
    sockaddr_storage name{};
    const socklen_t size = Endpoint{address, 0}.to_sockaddr(name);
    if (bind(descriptor_, reinterpret_cast<sockaddr*>(&name), size) != 0)
      throw std::runtime_error("no socket");
  }
  ~PeerSocket() { close(descriptor_); }
  PeerSocket(const PeerSocket&) = delete;
  PeerSocket& operator=(const PeerSocket&) = delete;

  Endpoint endpoint() const {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&name), &size);
    return Endpoint::from_sockaddr(name);
  }
  void send(const Endpoint& to, std::string_view text) const {
    sockaddr_storage name{};
    const socklen_t size = to.to_sockaddr(name);
    sendto(descriptor_, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&name), size);
  }
  // What is there; "" when nothing is.
  std::string receive(Endpoint* from = nullptr) const {
    char buffer[4096];
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    const auto got =
        recvfrom(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&name), &size);
    if (from) *from = Endpoint::from_sockaddr(name);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }
  // What is there, with the octet of its IP header that holds DSCP and ECN; "" when nothing is.
  std::string receive_marked(int& octet) const {
    const int on = 1;
    setsockopt(descriptor_, IPPROTO_IP, IP_RECVTOS, &on, sizeof on);
    setsockopt(descriptor_, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof on); // of what comes from now on
    char buffer[4096];
    alignas(cmsghdr) char control[256];
    iovec part{buffer, sizeof buffer};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const auto got = recvmsg(descriptor_, &message, MSG_DONTWAIT);
    octet = -1;
    for (cmsghdr* each = got < 0 ? nullptr : CMSG_FIRSTHDR(&message); each;
         each = CMSG_NXTHDR(&message, each)) {
      if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_TOS) octet = *CMSG_DATA(each);
      if (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_TCLASS)
        std::memcpy(&octet, CMSG_DATA(each), sizeof octet);
    }
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// A TCP client that speaks RFC 4571 frames.
class PeerStream {
 public:
  explicit PeerStream(const Endpoint& to) {
    descriptor_ = socket(to.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM, 0);
    sockaddr_storage name{};
    const socklen_t size = to.to_sockaddr(name);
    connected_ = connect(descriptor_, reinterpret_cast<sockaddr*>(&name), size) == 0;
  }
  ~PeerStream() { close(descriptor_); }
  PeerStream(const PeerStream&) = delete;
  PeerStream& operator=(const PeerStream&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view text) const {
    std::string frame{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff)};
    frame += text;
    send_raw(frame);
  }
  void send_raw(std::string_view bytes) const {
    ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // The next frame; "" when there is none yet.
  std::string receive() {
    char buffer[65536];
    for (;;) {
      if (pending_.size() >= 2) {
        const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(pending_[0])) << 8 |
                                 static_cast<unsigned char>(pending_[1]);
        if (pending_.size() >= 2 + size) {
          std::string frame = pending_.substr(2, size);
          pending_.erase(0, 2 + size);
          return frame;
        }
      }
      const auto got = recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (got <= 0) return {};
      pending_.append(buffer, static_cast<std::size_t>(got));
    }
  }
  bool closed() const {
    char byte;
    return recv(descriptor_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
  }

 private:
  int descriptor_;
  bool connected_ = false;
  std::string pending_;
};

} // namespace viadux
