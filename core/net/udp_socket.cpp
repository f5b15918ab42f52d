#include "core/net/udp_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux {

namespace {

void set_int(int descriptor, int level, int option, int value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

Result<int> open_bound(const Endpoint& local, int type) {
  const bool four = local.address.is_v4();
  const int descriptor = socket(four ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return make_error(ErrorCode::busy, "no_socket",
                      "cannot open a socket for " + local.to_string() + ": " + std::strerror(errno));
  if (!four) set_int(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (type == SOCK_STREAM) set_int(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  sockaddr_storage address{};
  const socklen_t size = local.to_sockaddr(address);
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0) return descriptor;
  const int error = errno;
  close(descriptor);
  const bool taken = error == EADDRINUSE || error == EACCES;
  return make_error(taken ? ErrorCode::busy : ErrorCode::bad_argument,
                    taken ? "port_taken" : "address_not_ours",
                    std::string("cannot listen on ") + (type == SOCK_STREAM ? "tcp " : "udp ") +
                        local.to_string() + ": " + std::strerror(error),
                    taken ? "media.port" : "media.addresses",
                    taken ? "another process has this port; choose another media.port"
                          : "list only addresses that `ip address` shows on this machine");
}

} // namespace

Result<int> open_udp(const Endpoint& local, const SocketOptions& options) {
  auto opened = open_bound(local, SOCK_DGRAM);
  if (!opened) return opened;
  const int descriptor = *opened;
  if (options.receive_buffer_bytes > 0)
    set_int(descriptor, SOL_SOCKET, SO_RCVBUF, options.receive_buffer_bytes);
  if (options.send_buffer_bytes > 0) set_int(descriptor, SOL_SOCKET, SO_SNDBUF, options.send_buffer_bytes);
  // With the right to do so we go past net.core.rmem_max; without it the calls fail and what is above stands.
  if (options.receive_buffer_bytes > 0)
    set_int(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, options.receive_buffer_bytes);
  if (options.send_buffer_bytes > 0)
    set_int(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, options.send_buffer_bytes);
  if (local.address.is_any()) {
    if (local.address.is_v4())
      set_int(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
    else
      set_int(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  }
  return descriptor;
}

Result<int> open_tcp_listener(const Endpoint& local) {
  auto opened = open_bound(local, SOCK_STREAM);
  if (opened && listen(*opened, 128) != 0) {
    close(*opened);
    return make_error(ErrorCode::busy, "port_taken",
                      "cannot listen on tcp " + local.to_string() + ": " + std::strerror(errno),
                      "media.port");
  }
  return opened;
}

std::uint16_t bound_port(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return Endpoint::from_sockaddr(address).port;
}

struct UdpReceiver::Buffers {
  static constexpr std::size_t room = 2048;
  std::array<std::array<std::uint8_t, room>, max_batch> bytes;
  std::array<std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))>, max_batch> control;
  std::array<sockaddr_storage, max_batch> from;
  std::array<iovec, max_batch> parts;
  std::array<mmsghdr, max_batch> messages;
  std::array<Datagram, max_batch> datagrams;
};

UdpReceiver::UdpReceiver() : buffers_(std::make_unique<Buffers>()) {
  Buffers& b = *buffers_;
  for (std::size_t i = 0; i < max_batch; ++i) {
    b.parts[i] = {b.bytes[i].data(), Buffers::room};
    b.messages[i] = {};
    b.messages[i].msg_hdr.msg_name = &b.from[i];
    b.messages[i].msg_hdr.msg_iov = &b.parts[i];
    b.messages[i].msg_hdr.msg_iovlen = 1;
  }
}

UdpReceiver::~UdpReceiver() = default;

namespace {

IpAddress asked_address(msghdr& message) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control; control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      std::array<std::uint8_t, 4> bytes;
      std::memcpy(bytes.data(), &info.ipi_addr, 4);
      return IpAddress::v4(bytes);
    }
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      std::array<std::uint8_t, 16> bytes;
      std::memcpy(bytes.data(), &info.ipi6_addr, 16);
      return IpAddress::v6(bytes);
    }
  }
  return {};
}

} // namespace

std::span<Datagram> UdpReceiver::receive(int descriptor, SocketId id, bool wildcard,
                                         WorkerCounters& counters) {
  Buffers& b = *buffers_;
  for (std::size_t i = 0; i < max_batch; ++i) {
    b.messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    b.messages[i].msg_hdr.msg_control = wildcard ? b.control[i].data() : nullptr;
    b.messages[i].msg_hdr.msg_controllen = wildcard ? b.control[i].size() : 0;
  }
  const int received = recvmmsg(descriptor, b.messages.data(), max_batch, MSG_DONTWAIT, nullptr);
  if (received <= 0) return {};
  counters.batches_in.add();
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
    msghdr& header = b.messages[i].msg_hdr;
    if (header.msg_flags & MSG_TRUNC) {
      counters.drop_truncated.add();
      continue;
    }
    Datagram& datagram = b.datagrams[count++];
    datagram.data = b.bytes[i].data();
    datagram.size = static_cast<std::uint16_t>(b.messages[i].msg_len);
    datagram.path.socket = id;
    datagram.path.remote = Endpoint::from_sockaddr(b.from[i]);
    datagram.path.local = wildcard ? asked_address(header) : IpAddress();
    bytes += datagram.size;
  }
  counters.packets_in.add(count);
  counters.bytes_in.add(bytes);
  return std::span(b.datagrams).first(count);
}

} // namespace viadux
