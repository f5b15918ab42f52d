#include "core/net/listeners.hpp"

#include "core/net/udp_socket.hpp"

#include <unistd.h>

namespace viadux {

namespace {

void close_all(const Listeners& listeners) {
  for (const auto& udp : listeners.udp)
    close(udp.descriptor);
  for (const int tcp : listeners.tcp)
    close(tcp);
}

Result<Listeners> open_on(const WorkerConfig& config, std::span<const IpAddress> addresses, bool any_family,
                          std::uint16_t port) {
  Listeners listeners;
  listeners.port = port;
  const SocketOptions options{config.receive_buffer_bytes, config.send_buffer_bytes};
  for (const IpAddress& address : addresses) {
    auto udp = open_udp({address, listeners.port}, options);
    if (!udp && any_family && udp.error().code != ErrorCode::busy) continue;
    if (!udp) return close_all(listeners), udp.error();
    listeners.udp.push_back({*udp, address.is_any()});
    listeners.addresses.push_back(address);
    if (listeners.port == 0) listeners.port = bound_port(*udp);
    if (!config.tcp) continue;
    auto tcp = open_tcp_listener({address, listeners.port});
    if (!tcp) return close_all(listeners), tcp.error();
    listeners.tcp.push_back(*tcp);
  }
  if (listeners.udp.empty())
    return make_error(ErrorCode::bad_argument, "no_address", "there is no address to receive media on",
                      "media.addresses", "name an address of this machine");
  return listeners;
}

} // namespace

Result<Listeners> open_listeners(const WorkerConfig& config) {
  const bool any_family = config.addresses.empty();
  const std::vector<IpAddress> wildcards{IpAddress::v4({0, 0, 0, 0}), IpAddress::v6({})};
  const std::span<const IpAddress> addresses = any_family ? wildcards : config.addresses;
  if (config.base_port != 0) {
    const std::uint32_t port = config.base_port + config.index;
    if (port > 0xffff)
      return make_error(ErrorCode::bad_argument, "port_range",
                        "media.port + worker is " + std::to_string(port) + ", past 65535", "media.port",
                        "choose a lower media.port, or fewer workers");
    return open_on(config, addresses, any_family, static_cast<std::uint16_t>(port));
  }
  for (int attempts = 32;; --attempts) {
    auto listeners = open_on(config, addresses, any_family, 0);
    if (listeners || listeners.error().code != ErrorCode::busy || attempts == 0) return listeners;
  }
}

Result<UdpPair> open_udp_pair(const PortRange& range, const IpAddress& address, std::uint32_t start) {
  const std::uint32_t first = range.first + (range.first & 1U);
  const std::uint32_t pairs = range.last > first ? (range.last - first + 1U) / 2 : 0;
  const SocketOptions options{1 << 20, 1 << 20};
  for (std::uint32_t i = 0; i < pairs; ++i) {
    const auto port = static_cast<std::uint16_t>(first + 2 * ((start + i) % pairs));
    auto rtp = open_udp({address, port}, options);
    if (!rtp && rtp.error().code != ErrorCode::busy) return rtp.error();
    if (!rtp) continue;
    auto rtcp = open_udp({address, static_cast<std::uint16_t>(port + 1)}, options);
    if (rtcp) return UdpPair{*rtp, *rtcp, port};
    close(*rtp);
  }
  return make_error(ErrorCode::busy, "rtp_ports_used_up",
                    "no pair of ports is free between " + std::to_string(range.first) + " and " +
                        std::to_string(range.last),
                    "media.rtp_ports", "make the range larger: each phone needs two to six ports");
}

} // namespace viadux
