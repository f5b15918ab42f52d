// The two requests of RFC 8656 (TURN) that a probe needs, with long-term credentials (RFC 8489 section 9.2).
// [any]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace viadux {

using TurnTransaction = std::array<std::uint8_t, 12>;

// What is of use in an answer to one of them. The texts are views of its bytes.
struct TurnReply {
  bool success = false;
  int error = 0; // 300 to 699; 0 is none
  std::string_view realm;
  std::string_view nonce;
};
// Nothing where it is no whole answer to this transaction. Hostile input.
std::optional<TurnReply> read_turn_reply(std::span<const std::uint8_t> bytes,
                                         const TurnTransaction& transaction);

struct TurnCredentials {
  std::string username;
  std::string password;
  std::string realm;
  std::string nonce;
};
// Allocate, for UDP (RFC 8656 section 7.1). Without credentials the server answers 401 with realm and nonce.
std::vector<std::uint8_t> turn_allocate(const TurnTransaction& transaction,
                                        const std::optional<TurnCredentials>& credentials);
// Refresh with a lifetime of 0: gives the allocation back (section 8).
std::vector<std::uint8_t> turn_release(const TurnTransaction& transaction,
                                       const TurnCredentials& credentials);

} // namespace viadux
