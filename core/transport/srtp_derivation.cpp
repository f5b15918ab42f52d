#include "core/transport/srtp_derivation.hpp"

#include <algorithm>
#include <memory>
#include <openssl/evp.h>
#include <span>

namespace viadux {

namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// AES-CM as a pseudo-random function: the keystream whose counter begins with the salt, xored with the label.
bool derive(const SrtpKey& master, std::size_t salt_size, std::uint8_t label, std::span<std::uint8_t> out) {
  std::array<std::uint8_t, 16> counter{};
  std::copy_n(master.salt.begin(), salt_size, counter.begin()); // shorter salts are followed by zeros
  counter[7] ^= label;
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  std::fill(out.begin(), out.end(), 0);
  int size = 0;
  return context &&
         EVP_EncryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, master.key.data(), counter.data()) ==
             1 &&
         EVP_EncryptUpdate(context.get(), out.data(), &size, out.data(), static_cast<int>(out.size())) == 1;
}

} // namespace

std::optional<SrtpSessionKeys> derive_srtp_keys(SrtpProfile profile, const SrtpKey& master, SrtpLabel first) {
  const std::size_t salt_size = srtp_salt_size(profile);
  const auto label = [first](unsigned offset) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(first) + offset);
  };
  SrtpSessionKeys keys;
  if (!derive(master, salt_size, label(0), keys.cipher) ||
      !derive(master, salt_size, label(1), keys.authentication) ||
      !derive(master, salt_size, label(2), std::span(keys.salt).first(salt_size)))
    return std::nullopt;
  return keys;
}

} // namespace viadux
