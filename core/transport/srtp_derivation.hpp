// Session keys from master keys (RFC 3711 4.3, RFC 7714 11).
#pragma once

#include "core/transport/srtp_keys.hpp"

#include <array>
#include <optional>

namespace viadux {

struct SrtpSessionKeys {
  std::array<std::uint8_t, 16> cipher{};
  std::array<std::uint8_t, 20> authentication{}; // AES-CM only
  std::array<std::uint8_t, 14> salt{};           // the first 12 bytes with GCM
};

// The first of three labels: cipher, authentication, salt (RFC 3711 4.3.1, 4.3.2).
enum class SrtpLabel : std::uint8_t { rtp = 0, rtcp = 3 };

// The key derivation rate is 0. Nullopt where OpenSSL fails.
std::optional<SrtpSessionKeys> derive_srtp_keys(SrtpProfile profile, const SrtpKey& master, SrtpLabel first);

} // namespace viadux
