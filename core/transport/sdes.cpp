#include "core/transport/sdes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdexcept>
#include <vector>

namespace viadux {

namespace {

constexpr std::size_t key_size = 16;

Error malformed(std::string what) {
  return make_error(ErrorCode::bad_argument, "crypto_malformed", "a=crypto: " + std::move(what));
}
Error unsupported(std::string what) {
  return make_error(ErrorCode::unsupported, "crypto_unsupported", "a=crypto: " + std::move(what));
}

// The next word, taken off the front of `text`.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find(' ', begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

// Strict base64 of exactly `size` bytes.
bool decode(std::string_view text, std::size_t size, std::vector<std::uint8_t>& bytes) {
  if (text.size() != (size + 2) / 3 * 4) return false;
  bytes.resize(text.size() / 4 * 3);
  const auto* const in = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_DecodeBlock(bytes.data(), in, static_cast<int>(text.size())) < 0) return false;
  const std::size_t padding = bytes.size() - size;
  if (text.find('=') != (padding == 0 ? text.npos : text.size() - padding)) return false;
  bytes.resize(size);
  return true;
}

bool is_lifetime(std::string_view text) { // RFC 4568 6.1: "2^31" or a plain number
  if (text.substr(0, 2) == "2^") text.remove_prefix(2);
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

} // namespace

std::string_view to_string(SrtpProfile profile) {
  return profile == SrtpProfile::aead_aes_128_gcm ? "AEAD_AES_128_GCM" : "AES_CM_128_HMAC_SHA1_80";
}

std::optional<SrtpProfile> parse_srtp_profile(std::string_view name) {
  for (const auto profile : {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80})
    if (name == to_string(profile)) return profile;
  return std::nullopt;
}

Result<SdesCrypto> parse_sdes(std::string_view value) {
  if (value.size() > 1024) return malformed("the line is longer than 1024 characters");
  SdesCrypto crypto;
  const std::string_view tag = next_word(value);
  const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), crypto.tag);
  if (error != std::errc() || end != tag.data() + tag.size() || tag.size() > 9)
    return malformed("the tag is not a number of up to 9 digits");
  const std::string_view suite = next_word(value);
  const auto profile = parse_srtp_profile(suite);
  if (suite.empty()) return malformed("the suite is missing");
  if (!profile) return unsupported("the suite '" + std::string(suite) + "' is not one we have");
  crypto.profile = *profile;

  std::string_view params = next_word(value);
  constexpr std::string_view inline_key = "inline:";
  if (params.substr(0, inline_key.size()) != inline_key)
    return malformed("the key does not begin with inline:");
  if (params.find(';') != params.npos) return unsupported("more than one key");
  params.remove_prefix(inline_key.size());
  const std::size_t bar = std::min(params.find('|'), params.size());
  std::vector<std::uint8_t> bytes;
  const std::size_t salt_size = srtp_salt_size(crypto.profile);
  if (!decode(params.substr(0, bar), key_size + salt_size, bytes))
    return malformed("the key is not base64 of " + std::to_string(key_size + salt_size) + " bytes");
  std::copy_n(bytes.begin(), key_size, crypto.key.key.begin());
  std::copy_n(bytes.begin() + key_size, salt_size, crypto.key.salt.begin());

  const std::string_view rest = params.substr(std::min(bar + 1, params.size()));
  if (rest.find_first_of("|:") != rest.npos) return unsupported("a master key identifier (MKI)");
  if (bar < params.size() && !is_lifetime(rest)) return malformed("the key's lifetime is not a number");
  for (auto word = next_word(value); !word.empty(); word = next_word(value))
    if (word != "KDR=0" && word.substr(0, 4) != "WSH=") // the defaults, and a hint for our replay window
      return unsupported("the session parameter '" + std::string(word) + "'");
  return crypto;
}

std::string format_sdes(const SdesCrypto& crypto) {
  std::vector<std::uint8_t> bytes(crypto.key.key.begin(), crypto.key.key.end());
  const auto* const salt = crypto.key.salt.data();
  bytes.insert(bytes.end(), salt, salt + srtp_salt_size(crypto.profile));
  std::array<unsigned char, 48> base64{};
  const int size = EVP_EncodeBlock(base64.data(), bytes.data(), static_cast<int>(bytes.size()));
  return std::to_string(crypto.tag) + ' ' + std::string(to_string(crypto.profile)) + " inline:" +
         std::string(reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size));
}

SdesCrypto make_sdes(std::uint32_t tag, SrtpProfile profile) {
  SdesCrypto crypto{tag, profile, {}};
  if (RAND_bytes(crypto.key.key.data(), static_cast<int>(crypto.key.key.size())) != 1 ||
      RAND_bytes(crypto.key.salt.data(), static_cast<int>(srtp_salt_size(profile))) != 1)
    throw std::runtime_error("no randomness for SRTP keys");
  return crypto;
}

} // namespace viadux
