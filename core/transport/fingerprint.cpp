#include "core/transport/certificate_store.hpp"
#include "core/transport/dtls_context.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace viadux {

namespace {

struct Algorithm {
  std::string_view name;
  std::size_t size;
  const EVP_MD* (*digest)();
};
// RFC 8122 5: nothing weaker than SHA-256.
constexpr std::array<Algorithm, 3> algorithms{
    {{"sha-256", 32, EVP_sha256}, {"sha-384", 48, EVP_sha384}, {"sha-512", 64, EVP_sha512}}};

const Algorithm* find_algorithm(std::string_view name) {
  const auto same = [name](const Algorithm& algorithm) {
    return std::equal(
        name.begin(), name.end(), algorithm.name.begin(), algorithm.name.end(), [](char a, char b) {
          return std::tolower(static_cast<unsigned char>(a)) == b; // RFC 8122 5: hash names in any case
        });
  };
  const auto* const found = std::find_if(algorithms.begin(), algorithms.end(), same);
  return found == algorithms.end() ? nullptr : found;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

std::optional<Fingerprint> Fingerprint::parse(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == text.npos) return std::nullopt;
  const Algorithm* const algorithm = find_algorithm(text.substr(0, space));
  const std::string_view hex = text.substr(space + 1);
  if (!algorithm || hex.size() != 3 * algorithm->size - 1) return std::nullopt;
  Fingerprint fingerprint{std::string(algorithm->name), {}};
  for (std::size_t i = 0; i < hex.size(); i += 3) {
    const int high = hex_digit(hex[i]);
    const int low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0 || (i + 2 < hex.size() && hex[i + 2] != ':')) return std::nullopt;
    fingerprint.digest.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return fingerprint;
}

std::string Fingerprint::to_string() const {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text = algorithm + ' ';
  for (std::size_t i = 0; i < digest.size(); ++i) {
    if (i > 0) text += ':';
    text += digits[digest[i] >> 4];
    text += digits[digest[i] & 15];
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> certificate_digest(const X509& certificate,
                                                            std::string_view algorithm) {
  const Algorithm* const found = find_algorithm(algorithm);
  if (!found) return std::nullopt;
  std::vector<std::uint8_t> digest(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (X509_digest(&certificate, found->digest(), digest.data(), &size) != 1) return std::nullopt;
  digest.resize(size);
  return digest;
}

} // namespace viadux
