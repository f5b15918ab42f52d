// SDES keys (RFC 4568 section 6.1, RFC 7714 section 14.2).
#include "core/sdp/codecs.hpp"
#include "core/sdp/negotiated.hpp"

#include <array>
#include <string_view>

namespace viadux::sdp {
namespace {

struct Suite {
  std::string_view name;
  std::size_t key_and_salt_bytes;
};
constexpr std::array<Suite, 5> suites{{
    {"AES_CM_128_HMAC_SHA1_80", 30},
    {"AES_CM_128_HMAC_SHA1_32", 30},
    {"AES_256_CM_HMAC_SHA1_80", 46},
    {"AEAD_AES_128_GCM", 28},
    {"AEAD_AES_256_GCM", 44},
}};

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=')
    text.remove_suffix(1);
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xffffU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> static_cast<unsigned>(held)));
  }
  return bytes;
}

} // namespace

Result<std::vector<std::uint8_t>> crypto_key(const Crypto& crypto) {
  for (const auto& suite : suites) {
    if (!same(suite.name, crypto.suite)) continue;
    auto key = from_base64(crypto.key);
    if (key && key->size() == suite.key_and_salt_bytes) return std::move(*key);
    // The text itself is a secret and stays out of the message.
    return make_error(ErrorCode::bad_argument, "sdp_invalid",
                      "a=crypto: the key of " + std::string(suite.name) + " is base64 of " +
                          std::to_string(suite.key_and_salt_bytes) + " bytes",
                      "sdp");
  }
  return make_error(ErrorCode::unsupported, "sdp_unsupported", "a=crypto: the suite is not one we have",
                    "sdp");
}

} // namespace viadux::sdp
