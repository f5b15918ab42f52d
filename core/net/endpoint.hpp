// Addresses as values: 16 bytes whatever the family, so that they hash, compare and copy cheaply. [any
// thread]
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;
struct sockaddr_storage;

namespace viadux {

// An IPv4 address is kept in its v4-mapped form (::ffff:a.b.c.d, RFC 4291 2.5.5.2), so there is one form
// only.
class IpAddress {
 public:
  IpAddress() = default; // unset; the same bytes as ::
  static IpAddress v4(std::array<std::uint8_t, 4> bytes);
  static IpAddress v6(std::array<std::uint8_t, 16> bytes) { return IpAddress(bytes); }
  // "192.0.2.1" or "2001:db8::1", nothing around it; nullopt for anything else (no names, no zones).
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const;
  bool is_any() const; // 0.0.0.0, :: or unset
  bool is_loopback() const;
  bool is_link_local() const;
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; } // network order, v4-mapped for IPv4
  std::string to_string() const;                                       // IPv4 as dotted quad

  auto operator<=>(const IpAddress&) const = default;

 private:
  explicit IpAddress(std::array<std::uint8_t, 16> bytes) : bytes_(bytes) {}
  std::array<std::uint8_t, 16> bytes_{};
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0; // host order

  static Endpoint from_sockaddr(const sockaddr_storage& from); // AF_INET or AF_INET6; else an unset endpoint
  // Fills `to` for a socket of the endpoint's own family and returns its length.
  std::uint32_t to_sockaddr(sockaddr_storage& to) const;
  std::string to_string() const; // "192.0.2.1:40000", "[2001:db8::1]:40000"

  auto operator<=>(const Endpoint&) const = default;
};

// A worker's socket: index and generation, so that a closed one's id is never taken for another. 0 is none.
using SocketId = std::uint32_t;

// Where a packet came from and how an answer goes back: a 5-tuple. `local` is set only where the socket is
// bound to the wildcard address and the kernel told us which address was asked (then we answer from that
// one).
struct Path {
  SocketId socket = 0;
  Endpoint remote;
  IpAddress local;

  bool operator==(const Path&) const = default;
};

} // namespace viadux
