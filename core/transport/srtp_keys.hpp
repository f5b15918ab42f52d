// SRTP keying, whoever agreed on it: DTLS (RFC 5764) or SDES (RFC 4568).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace viadux {

enum class SrtpProfile : std::uint8_t { aead_aes_128_gcm = 1, aes_cm_128_hmac_sha1_80 = 2 };

// What RTP grows by: the authentication tag (RFC 7714 12.1, RFC 3711 5.2).
inline constexpr std::size_t srtp_max_overhead = 16;

// One direction's master key and salt. The salt has 12 bytes with GCM, 14 with AES-CM (RFC 7714 12, RFC
// 3711 8.2).
struct SrtpKey {
  std::array<std::uint8_t, 16> key{};
  std::array<std::uint8_t, 14> salt{};

  bool operator==(const SrtpKey&) const = default;
};

constexpr std::size_t srtp_salt_size(SrtpProfile profile) {
  return profile == SrtpProfile::aead_aes_128_gcm ? 12 : 14;
}

struct SrtpKeys {
  SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
  SrtpKey send;
  SrtpKey receive;

  bool operator==(const SrtpKeys&) const = default;
};

// The names in a=crypto lines and logs: "AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80".
std::string_view to_string(SrtpProfile profile);
std::optional<SrtpProfile> parse_srtp_profile(std::string_view name);

} // namespace viadux
