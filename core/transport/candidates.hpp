// Our own addresses as ICE candidates (RFC 8445 5.1, RFC 6544 for TCP). [control]
#pragma once

#include "core/net/endpoint.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace viadux {

struct Candidate {
  std::string foundation;
  std::uint32_t priority = 0;
  Endpoint endpoint;
  bool tcp = false; // passive: the peer connects

  // The value of an a=candidate line: "1 1 udp 2130706431 192.0.2.1 40000 typ host".
  std::string to_string() const;
};

struct CandidateConfig {
  std::vector<IpAddress> addresses; // media.addresses, loopback allowed; empty: all interfaces that are up
  std::vector<IpAddress> public_addresses; // 1:1 NAT: said instead of our addresses of the same family
  std::uint16_t port = 0;                  // the worker's
  bool tcp = true;
};

// UDP before TCP, IPv6 before IPv4 by a hair (RFC 8421), in the order of the configuration. Loopback and
// link-local interfaces are left out unless configured by address.
std::vector<Candidate> local_candidates(const CandidateConfig& config);
// The addresses of the interfaces that are up; neither loopback nor link-local.
std::vector<IpAddress> interface_addresses();
// RFC 8445 5.1.2.1 for one component: type preference 126 (host), the given local preference.
std::uint32_t candidate_priority(std::uint16_t local_preference);

} // namespace viadux
