// OpenSSL 3 calls the plain SHA-1 functions deprecated, but its replacements allocate for every packet.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/transport/packet_cipher.hpp"

#include "core/transport/byte_order.hpp"
#include "core/transport/gcm_key.hpp"

#include <algorithm>
#include <array>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace viadux {

namespace {

constexpr std::size_t sha1_tag = 10;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// RFC 7714 8: the header is authenticated, the payload encrypted.
template <class GcmKey>
class Gcm final : public PacketCipher {
 public:
  explicit Gcm(const SrtpSessionKeys& keys)
      : PacketCipher(encrypt, decrypt, gcm_tag_size), salt_(keys.salt), key_(keys.cipher) {}

 private:
  static std::size_t encrypt(PacketCipher& cipher, std::uint8_t* data, std::size_t size,
                             std::size_t header_size, std::uint32_t ssrc, std::uint64_t index) {
    auto& self = static_cast<Gcm&>(cipher);
    const bool sealed = self.key_.seal(gcm_nonce(self.salt_, ssrc, index), {data, header_size},
                                       data + header_size, size - header_size, data + size);
    return sealed ? size + gcm_tag_size : 0;
  }

  static std::size_t decrypt(PacketCipher& cipher, std::uint8_t* data, std::size_t size,
                             std::size_t header_size, std::uint32_t ssrc, std::uint64_t index) {
    auto& self = static_cast<Gcm&>(cipher);
    const std::size_t plain = size - gcm_tag_size;
    const bool authentic = self.key_.open(gcm_nonce(self.salt_, ssrc, index), {data, header_size},
                                          data + header_size, plain - header_size, data + plain);
    return authentic ? plain : 0;
  }

  std::array<std::uint8_t, 14> salt_;
  GcmKey key_;
};

// AES-CM with HMAC-SHA1 (RFC 3711 4.1.1, 4.2.1). The HMAC's two first blocks are hashed once and copied per
// packet.
class OpensslCm final : public PacketCipher {
 public:
  explicit OpensslCm(const SrtpSessionKeys& keys)
      : PacketCipher(encrypt, decrypt, sha1_tag), keys_(keys), context_(EVP_CIPHER_CTX_new()) {
    EVP_EncryptInit_ex(context_.get(), EVP_aes_128_ctr(), nullptr, keys_.cipher.data(), nullptr);
    start_hash(inner_, 0x36);
    start_hash(outer_, 0x5c);
  }

 private:
  void start_hash(SHA_CTX& hash, std::uint8_t pad) const {
    std::array<std::uint8_t, SHA_CBLOCK> block;
    block.fill(pad);
    for (std::size_t i = 0; i < keys_.authentication.size(); ++i)
      block[i] ^= keys_.authentication[i];
    SHA1_Init(&hash);
    SHA1_Update(&hash, block.data(), block.size());
  }

  static std::size_t encrypt(PacketCipher& cipher, std::uint8_t* data, std::size_t size,
                             std::size_t header_size, std::uint32_t ssrc, std::uint64_t index) {
    auto& self = static_cast<OpensslCm&>(cipher);
    if (!self.apply_key_stream(data + header_size, size - header_size, ssrc, index)) return 0;
    const auto digest = self.authenticate(data, size, index);
    std::copy_n(digest.begin(), sha1_tag, data + size);
    return size + sha1_tag;
  }

  static std::size_t decrypt(PacketCipher& cipher, std::uint8_t* data, std::size_t size,
                             std::size_t header_size, std::uint32_t ssrc, std::uint64_t index) {
    auto& self = static_cast<OpensslCm&>(cipher);
    const std::size_t plain = size - sha1_tag;
    const auto digest = self.authenticate(data, plain, index);
    if (CRYPTO_memcmp(digest.data(), data + plain, sha1_tag) != 0) return 0;
    return self.apply_key_stream(data + header_size, plain - header_size, ssrc, index) ? plain : 0;
  }

  // Counter mode: the same both ways.
  bool apply_key_stream(std::uint8_t* payload, std::size_t size, std::uint32_t ssrc, std::uint64_t index) {
    std::array<std::uint8_t, 10> position;
    write32(position.data(), ssrc);
    write32(position.data() + 4, static_cast<std::uint32_t>(index >> 16));
    write16(position.data() + 8, static_cast<std::uint32_t>(index & 0xffff));
    std::array<std::uint8_t, 16> iv{};
    std::copy(keys_.salt.begin(), keys_.salt.end(), iv.begin());
    for (std::size_t i = 0; i < position.size(); ++i)
      iv[4 + i] ^= position[i];
    int done = 0;
    return EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data()) == 1 &&
           EVP_EncryptUpdate(context_.get(), payload, &done, payload, static_cast<int>(size)) == 1;
  }

  // Over the packet as it goes over the wire and the rollover counter.
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> authenticate(const std::uint8_t* data, std::size_t size,
                                                           std::uint64_t index) const {
    std::array<std::uint8_t, 4> rollover;
    write32(rollover.data(), static_cast<std::uint32_t>(index >> 16));
    std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
    SHA_CTX hash = inner_;
    SHA1_Update(&hash, data, size);
    SHA1_Update(&hash, rollover.data(), rollover.size());
    SHA1_Final(digest.data(), &hash);
    hash = outer_;
    SHA1_Update(&hash, digest.data(), digest.size());
    SHA1_Final(digest.data(), &hash);
    return digest;
  }

  SrtpSessionKeys keys_;
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
  SHA_CTX inner_;
  SHA_CTX outer_;
};

} // namespace

std::string_view to_string(CipherEngine engine) {
  return engine == CipherEngine::ipsec_mb ? "ipsec_mb" : "openssl";
}

CipherEngine PacketCipher::best_engine() {
  return IpsecMbGcmKey::is_available() ? CipherEngine::ipsec_mb : CipherEngine::openssl;
}

std::unique_ptr<PacketCipher> PacketCipher::create(SrtpProfile profile, const SrtpKey& key,
                                                   CipherEngine engine, SrtpLabel label) {
  const auto keys = derive_srtp_keys(profile, key, label);
  if (!keys) return nullptr;
  if (profile == SrtpProfile::aes_cm_128_hmac_sha1_80) return std::make_unique<OpensslCm>(*keys);
  if (engine == CipherEngine::openssl) return std::make_unique<Gcm<OpensslGcmKey>>(*keys);
  if (!IpsecMbGcmKey::is_available()) return nullptr;
  return std::make_unique<Gcm<IpsecMbGcmKey>>(*keys);
}

} // namespace viadux
