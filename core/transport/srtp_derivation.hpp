// Session keys from master keys (RFC 3711 4.3, RFC 7714 11).
#pragma once

#include "core/transport/srtp_keys.hpp"

#include <array>
#include <optional>

namespace viadux {

struct RtpSessionKeys {
  std::array<std::uint8_t, 16> cipher{};
  std::array<std::uint8_t, 20> authentication{}; // AES-CM only
  std::array<std::uint8_t, 14> salt{};           // the first 12 bytes with GCM
};

// For RTP (labels 0 to 2); the key derivation rate is 0. Nullopt where OpenSSL fails.
std::optional<RtpSessionKeys> derive_rtp_keys(SrtpProfile profile, const SrtpKey& master);

} // namespace viadux
