#include "core/net/endpoint.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace viadux {

namespace {
constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
}

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> bytes) {
  std::array<std::uint8_t, 16> all{};
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), all.begin());
  std::copy(bytes.begin(), bytes.end(), all.begin() + 12);
  return IpAddress(all);
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char zero_terminated[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof zero_terminated || text.find('\0') != text.npos)
    return std::nullopt;
  std::memcpy(zero_terminated, text.data(), text.size());
  zero_terminated[text.size()] = '\0';
  std::array<std::uint8_t, 4> four;
  if (inet_pton(AF_INET, zero_terminated, four.data()) == 1) return v4(four);
  std::array<std::uint8_t, 16> six;
  if (inet_pton(AF_INET6, zero_terminated, six.data()) == 1) return v6(six);
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin());
}

bool IpAddress::is_any() const {
  return std::all_of(bytes_.begin() + (is_v4() ? 12 : 0), bytes_.end(), [](auto byte) { return byte == 0; });
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto byte) { return byte == 0; }) &&
         bytes_[15] == 1;
}

bool IpAddress::is_link_local() const {
  if (is_v4()) return bytes_[12] == 169 && bytes_[13] == 254; // RFC 3927
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;     // RFC 4291 2.5.6
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  const bool four = is_v4();
  inet_ntop(four ? AF_INET : AF_INET6, bytes_.data() + (four ? 12 : 0), text, sizeof text);
  return text;
}

Endpoint Endpoint::from_sockaddr(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &from, sizeof in);
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &in.sin_addr, 4);
    return {IpAddress::v4(bytes), ntohs(in.sin_port)};
  }
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, &from, sizeof in);
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &in.sin6_addr, 16);
    return {IpAddress::v6(bytes), ntohs(in.sin6_port)};
  }
  return {};
}

std::uint32_t Endpoint::to_sockaddr(sockaddr_storage& to) const {
  if (address.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, address.bytes().data() + 12, 4);
    std::memcpy(&to, &in, sizeof in);
    return sizeof in;
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  std::memcpy(&in.sin6_addr, address.bytes().data(), 16);
  std::memcpy(&to, &in, sizeof in);
  return sizeof in;
}

std::string Endpoint::to_string() const {
  const std::string host = address.to_string();
  return (address.is_v4() ? host : '[' + host + ']') + ':' + std::to_string(port);
}

} // namespace viadux
