// Else the library's header makes macros of names that OpenSSL uses.
#define NO_COMPAT_IMB_API_053

#include "core/transport/gcm_key.hpp"

#include "core/transport/byte_order.hpp"

#include <algorithm>
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace viadux {

namespace {

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

} // namespace

GcmNonce gcm_nonce(std::span<const std::uint8_t> salt, std::uint32_t ssrc, std::uint64_t index) {
  GcmNonce nonce{};
  write32(nonce.data() + 2, ssrc);
  write16(nonce.data() + 6, static_cast<std::uint32_t>(index >> 32));
  write32(nonce.data() + 8, static_cast<std::uint32_t>(index));
  for (std::size_t i = 0; i < nonce.size(); ++i)
    nonce[i] ^= salt[i];
  return nonce;
}

struct IpsecMbGcmKey::Schedule {
  alignas(64) gcm_key_data data; // the library loads it with aligned instructions
};

bool IpsecMbGcmKey::is_available() {
  return ipsec_mb() != nullptr;
}

IpsecMbGcmKey::IpsecMbGcmKey(const std::array<std::uint8_t, 16>& key)
    : schedule_(std::make_unique<Schedule>()) {
  IMB_AES128_GCM_PRE(ipsec_mb(), key.data(), &schedule_->data);
}

IpsecMbGcmKey::~IpsecMbGcmKey() {
  OPENSSL_cleanse(&schedule_->data, sizeof(schedule_->data));
}

bool IpsecMbGcmKey::seal(const GcmNonce& nonce, std::span<const std::uint8_t> clear, std::uint8_t* text,
                         std::size_t size, std::uint8_t* tag) {
  gcm_context_data context;
  IMB_AES128_GCM_ENC(ipsec_mb(), &schedule_->data, &context, text, text, size, nonce.data(), clear.data(),
                     clear.size(), tag, gcm_tag_size);
  return true;
}

bool IpsecMbGcmKey::open(const GcmNonce& nonce, std::span<const std::uint8_t> clear, std::uint8_t* text,
                         std::size_t size, const std::uint8_t* tag) {
  gcm_context_data context;
  std::array<std::uint8_t, gcm_tag_size> right;
  IMB_AES128_GCM_DEC(ipsec_mb(), &schedule_->data, &context, text, text, size, nonce.data(), clear.data(),
                     clear.size(), right.data(), gcm_tag_size);
  return CRYPTO_memcmp(right.data(), tag, gcm_tag_size) == 0;
}

void OpensslGcmKey::Free::operator()(EVP_CIPHER_CTX* context) const {
  EVP_CIPHER_CTX_free(context);
}

OpensslGcmKey::OpensslGcmKey(const std::array<std::uint8_t, 16>& key) : context_(EVP_CIPHER_CTX_new()) {
  EVP_CipherInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr, 1);
}

bool OpensslGcmKey::seal(const GcmNonce& nonce, std::span<const std::uint8_t> clear, std::uint8_t* text,
                         std::size_t size, std::uint8_t* tag) {
  EVP_CIPHER_CTX* const context = context_.get();
  int done = 0;
  return EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_EncryptUpdate(context, nullptr, &done, clear.data(), static_cast<int>(clear.size())) == 1 &&
         EVP_EncryptUpdate(context, text, &done, text, static_cast<int>(size)) == 1 &&
         EVP_EncryptFinal_ex(context, text + size, &done) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, gcm_tag_size, tag) == 1;
}

bool OpensslGcmKey::open(const GcmNonce& nonce, std::span<const std::uint8_t> clear, std::uint8_t* text,
                         std::size_t size, const std::uint8_t* tag) {
  EVP_CIPHER_CTX* const context = context_.get();
  int done = 0;
  // OpenSSL's call takes the tag as something that it might change.
  std::array<std::uint8_t, gcm_tag_size> right;
  std::copy_n(tag, gcm_tag_size, right.begin());
  return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &done, clear.data(), static_cast<int>(clear.size())) == 1 &&
         EVP_DecryptUpdate(context, text, &done, text, static_cast<int>(size)) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, gcm_tag_size, right.data()) == 1 &&
         EVP_DecryptFinal_ex(context, text + size, &done) == 1;
}

} // namespace viadux
