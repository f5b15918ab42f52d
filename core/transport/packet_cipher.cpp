// OpenSSL 3 calls the plain SHA-1 functions deprecated, but its replacements allocate for every packet.
#define OPENSSL_SUPPRESS_DEPRECATED
// Else the library's header makes macros of names that OpenSSL uses.
#define NO_COMPAT_IMB_API_053

#include "core/transport/packet_cipher.hpp"

#include "core/transport/byte_order.hpp"
#include "core/transport/srtp_derivation.hpp"

#include <algorithm>
#include <array>
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace viadux {

namespace {

constexpr std::size_t gcm_tag = 16;
constexpr std::size_t sha1_tag = 10;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

// RFC 7714 8.1: two zero bytes, SSRC, rollover counter and sequence number, xored with the salt.
std::array<std::uint8_t, 12> gcm_iv(const RtpSessionKeys& keys, std::uint32_t ssrc, std::uint64_t index) {
  std::array<std::uint8_t, 12> iv{};
  write32(iv.data() + 2, ssrc);
  write32(iv.data() + 6, static_cast<std::uint32_t>(index >> 16));
  write16(iv.data() + 10, static_cast<std::uint32_t>(index & 0xffff));
  for (std::size_t i = 0; i < iv.size(); ++i)
    iv[i] ^= keys.salt[i];
  return iv;
}

// One manager for all threads: the functions used here only read it. Null where the CPU has not got what it
// takes.
IMB_MGR* ipsec_mb() {
  static IMB_MGR* const manager = []() -> IMB_MGR* {
    IMB_MGR* const made = alloc_mb_mgr(0);
    if (!made) return nullptr;
    constexpr std::uint64_t wanted = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    if ((made->features & wanted) == wanted) {
      init_mb_mgr_auto(made, nullptr);
      if (imb_get_errno(made) == 0) return made;
    }
    free_mb_mgr(made);
    return nullptr;
  }();
  return manager;
}

class IpsecGcm final : public PacketCipher {
 public:
  explicit IpsecGcm(const RtpSessionKeys& keys) : PacketCipher(encrypt, decrypt, gcm_tag), keys_(keys) {
    IMB_AES128_GCM_PRE(ipsec_mb(), keys_.cipher.data(), &key_data_);
  }

 private:
  static std::size_t encrypt(PacketCipher& cipher, std::uint8_t* data, std::size_t size,
                             std::size_t header_size, std::uint32_t ssrc, std::uint64_t index) {
    auto& self = static_cast<IpsecGcm&>(cipher);
    const auto iv = gcm_iv(self.keys_, ssrc, index);
    gcm_context_data context;
    IMB_AES128_GCM_ENC(ipsec_mb(), &self.key_data_, &context, data + header_size, data + header_size,
                       size - header_size, iv.data(), data, header_size, data + size, gcm_tag);
    return size + gcm_tag;
  }

  static std::size_t decrypt(PacketCipher& cipher, std::uint8_t* data, std::size_t size,
                             std::size_t header_size, std::uint32_t ssrc, std::uint64_t index) {
    auto& self = static_cast<IpsecGcm&>(cipher);
    const auto iv = gcm_iv(self.keys_, ssrc, index);
    const std::size_t plain = size - gcm_tag;
    gcm_context_data context;
    std::array<std::uint8_t, gcm_tag> tag;
    IMB_AES128_GCM_DEC(ipsec_mb(), &self.key_data_, &context, data + header_size, data + header_size,
                       plain - header_size, iv.data(), data, header_size, tag.data(), gcm_tag);
    return CRYPTO_memcmp(tag.data(), data + plain, gcm_tag) == 0 ? plain : 0;
  }

  RtpSessionKeys keys_;
  alignas(64) gcm_key_data key_data_; // the library loads it with aligned instructions
};

class OpensslGcm final : public PacketCipher {
 public:
  explicit OpensslGcm(const RtpSessionKeys& keys)
      : PacketCipher(encrypt, decrypt, gcm_tag), keys_(keys), context_(EVP_CIPHER_CTX_new()) {
    EVP_CipherInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, keys_.cipher.data(), nullptr, 1);
  }

 private:
  static std::size_t encrypt(PacketCipher& cipher, std::uint8_t* data, std::size_t size,
                             std::size_t header_size, std::uint32_t ssrc, std::uint64_t index) {
    auto& self = static_cast<OpensslGcm&>(cipher);
    EVP_CIPHER_CTX* const context = self.context_.get();
    const auto iv = gcm_iv(self.keys_, ssrc, index);
    const auto payload = static_cast<int>(size - header_size);
    int done = 0;
    const bool encrypted =
        EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, iv.data()) == 1 &&
        EVP_EncryptUpdate(context, nullptr, &done, data, static_cast<int>(header_size)) == 1 &&
        EVP_EncryptUpdate(context, data + header_size, &done, data + header_size, payload) == 1 &&
        EVP_EncryptFinal_ex(context, data + size, &done) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, gcm_tag, data + size) == 1;
    return encrypted ? size + gcm_tag : 0;
  }

  static std::size_t decrypt(PacketCipher& cipher, std::uint8_t* data, std::size_t size,
                             std::size_t header_size, std::uint32_t ssrc, std::uint64_t index) {
    auto& self = static_cast<OpensslGcm&>(cipher);
    EVP_CIPHER_CTX* const context = self.context_.get();
    const auto iv = gcm_iv(self.keys_, ssrc, index);
    const std::size_t plain = size - gcm_tag;
    int done = 0;
    const bool authentic =
        EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, iv.data()) == 1 &&
        EVP_DecryptUpdate(context, nullptr, &done, data, static_cast<int>(header_size)) == 1 &&
        EVP_DecryptUpdate(context, data + header_size, &done, data + header_size,
                          static_cast<int>(plain - header_size)) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, gcm_tag, data + plain) == 1 &&
        EVP_DecryptFinal_ex(context, data + plain, &done) == 1;
    return authentic ? plain : 0;
  }

  RtpSessionKeys keys_;
  Context context_;
};

// AES-CM with HMAC-SHA1 (RFC 3711 4.1.1, 4.2.1). The HMAC's two first blocks are hashed once and copied per
// packet.
class OpensslCm final : public PacketCipher {
 public:
  explicit OpensslCm(const RtpSessionKeys& keys)
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

  RtpSessionKeys keys_;
  Context context_;
  SHA_CTX inner_;
  SHA_CTX outer_;
};

} // namespace

std::string_view to_string(CipherEngine engine) {
  return engine == CipherEngine::ipsec_mb ? "ipsec_mb" : "openssl";
}

CipherEngine PacketCipher::best_engine() {
  return ipsec_mb() ? CipherEngine::ipsec_mb : CipherEngine::openssl;
}

std::unique_ptr<PacketCipher> PacketCipher::create(SrtpProfile profile, const SrtpKey& key,
                                                   CipherEngine engine) {
  const auto keys = derive_rtp_keys(profile, key);
  if (!keys) return nullptr;
  if (profile == SrtpProfile::aes_cm_128_hmac_sha1_80) return std::make_unique<OpensslCm>(*keys);
  if (engine == CipherEngine::openssl) return std::make_unique<OpensslGcm>(*keys);
  return ipsec_mb() ? std::make_unique<IpsecGcm>(*keys) : nullptr;
}

} // namespace viadux
