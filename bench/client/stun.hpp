// The few STUN messages that a controlling ICE agent needs (RFC 8489, RFC 8445 section 7).
#pragma once

#include "bench/client/bytes.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace viadux::bench {

using TransactionId = std::array<std::uint8_t, 12>;

enum class StunClass { request, success, error };

struct StunMessage {
  StunClass kind = StunClass::request;
  TransactionId transaction{};
  std::string username;
  int error_code = 0;        // of an error response
  bool integrity_ok = false; // MESSAGE-INTEGRITY was there and right under the given password
};

inline bool is_stun(Bytes datagram) {
  return datagram.size() >= 20 && datagram[0] < 4;
}

// A connectivity check that nominates at once: one pair is all this agent has.
std::vector<std::uint8_t> make_binding_request(const TransactionId& transaction, const std::string& username,
                                               const std::string& remote_password, std::uint64_t tie_breaker);
// The answer to a full agent's own check. The address is the IPv4 source of the request, in host order.
std::vector<std::uint8_t> make_binding_success(const TransactionId& transaction,
                                               const std::string& local_password, std::uint32_t address,
                                               std::uint16_t port);
std::optional<StunMessage> parse_stun(Bytes datagram, const std::string& password);

} // namespace viadux::bench
