#include "core/transport/candidates.hpp"

#include <algorithm>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <sys/socket.h>

namespace viadux {

namespace {

constexpr std::uint32_t host_preference = 126;    // RFC 8445 5.1.2.2
constexpr std::uint32_t tcp_host_preference = 90; // RFC 6544 4.2: below what UDP has
constexpr std::uint32_t component = 1;            // RTP and RTCP are multiplexed

std::uint32_t priority(std::uint32_t type_preference, std::uint32_t local_preference) {
  return type_preference << 24 | local_preference << 8 | (256 - component);
}

std::vector<IpAddress> announced(const CandidateConfig& config) {
  std::vector<IpAddress> ours = config.addresses;
  std::erase_if(ours, [](const IpAddress& address) { return address.is_any(); });
  if (ours.empty()) ours = interface_addresses();
  // 1:1 NAT: what the world sees stands for all our addresses of its family.
  std::vector<IpAddress> all = config.public_addresses;
  for (const IpAddress& address : ours) {
    const bool replaced =
        std::any_of(config.public_addresses.begin(), config.public_addresses.end(),
                    [&](const IpAddress& other) { return other.is_v4() == address.is_v4(); });
    if (!replaced && std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
  }
  return all;
}

} // namespace

std::uint32_t candidate_priority(std::uint16_t local_preference) {
  return priority(host_preference, local_preference);
}

std::string Candidate::to_string() const {
  // A passive one names its port; port 9 is for active ones only (RFC 6544 4.5).
  return foundation + " 1 " + (tcp ? "tcp" : "udp") + ' ' + std::to_string(priority) + ' ' +
         endpoint.address.to_string() + ' ' + std::to_string(endpoint.port) + " typ host" +
         (tcp ? " tcptype passive" : "");
}

std::vector<IpAddress> interface_addresses() {
  std::vector<IpAddress> addresses;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return addresses;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> keeper(list, &freeifaddrs);
  for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP)) continue;
    const auto family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, entry->ifa_addr, family == AF_INET ? 16 : 28); // sockaddr_in, sockaddr_in6
    const IpAddress address = Endpoint::from_sockaddr(storage).address;
    if (address.is_loopback() || address.is_link_local() || address.is_any()) continue;
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
      addresses.push_back(address);
  }
  return addresses;
}

std::vector<Candidate> local_candidates(const CandidateConfig& config) {
  std::vector<Candidate> candidates;
  const auto addresses = announced(config);
  for (const bool tcp : {false, true}) {
    if (tcp && !config.tcp) break;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      const bool six = !addresses[i].is_v4();
      // Each address has a preference of its own; IPv6 stands one family's worth above (RFC 8421 4).
      const auto order = static_cast<std::uint32_t>(std::min<std::size_t>(i, 0xff));
      Candidate candidate;
      candidate.tcp = tcp;
      candidate.endpoint = {addresses[i], config.port};
      candidate.foundation = std::to_string(2 * i + (tcp ? 2 : 1));
      // RFC 6544 4.2 for TCP: direction preference 4 (passive) in the upper three bits.
      candidate.priority = tcp ? priority(tcp_host_preference, 4U << 13 | (six ? 0x1fffU : 0x1effU) - order)
                               : priority(host_preference, (six ? 0xffffU : 0xfeffU) - order);
      candidates.push_back(std::move(candidate));
    }
  }
  return candidates;
}

} // namespace viadux
