// STUN messages (RFC 8489) as far as ICE needs them. [any thread]
#pragma once

#include "core/net/endpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace viadux {

enum class StunClass : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };

inline constexpr std::uint16_t stun_binding = 0x001;
inline constexpr std::uint16_t stun_max_size = 1280;

using StunTransaction = std::array<std::uint8_t, 12>;

// A parsed message: a view of bytes that must outlive it.
struct StunMessage {
  StunClass type = StunClass::request;
  std::uint16_t method = 0;
  StunTransaction transaction{};
  std::optional<std::string_view> username;
  std::optional<Endpoint> xor_mapped_address;
  std::optional<std::uint32_t> priority;
  std::optional<std::uint64_t> ice_controlling;
  std::optional<std::uint64_t> ice_controlled;
  std::optional<std::uint16_t> error_code; // 300 to 699
  bool use_candidate = false;
  bool has_integrity = false;
  bool has_fingerprint = false; // and it is right: a wrong one fails the parse
  // Comprehension-required attributes that we do not know (RFC 8489 6.3.1), the first few.
  std::array<std::uint16_t, 4> unknown_required{};
  std::size_t unknown_required_count = 0;

  // Nullopt for anything but one well-formed message that fills `bytes`.
  static std::optional<StunMessage> parse(std::span<const std::uint8_t> bytes);
  // MESSAGE-INTEGRITY with a short-term password (RFC 8489 14.5), in constant time. False where there is
  // none.
  bool integrity_matches(std::string_view password) const;

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t integrity_at_ = 0;
};

// Builds a message in a buffer; what does not fit makes the result empty.
class StunWriter {
 public:
  StunWriter(std::span<std::uint8_t> buffer, StunClass type, std::uint16_t method,
             const StunTransaction& transaction);

  void add_username(std::string_view username);
  void add_software(std::string_view name);
  void add_xor_mapped_address(const Endpoint& endpoint);
  void add_error(std::uint16_t code, std::string_view reason);
  void add_unknown_attributes(std::span<const std::uint16_t> types);
  void add_priority(std::uint32_t priority);
  void add_use_candidate();
  void add_ice_controlling(std::uint64_t tie_breaker);
  void add_ice_controlled(std::uint64_t tie_breaker);
  void add_integrity(std::string_view password); // then only the fingerprint may follow
  void add_fingerprint();                        // the last
  std::span<const std::uint8_t> message() const;

 private:
  void add(std::uint16_t type, std::span<const std::uint8_t> value, std::uint8_t padding = 0);
  void set_length(std::size_t length);

  std::span<std::uint8_t> buffer_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

} // namespace viadux
