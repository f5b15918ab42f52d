// AES-128-GCM with one key, by each engine: what packet_cipher and rtcp_cipher are made of. [worker]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <openssl/types.h>
#include <span>

namespace viadux {

inline constexpr std::size_t gcm_tag_size = 16;
using GcmNonce = std::array<std::uint8_t, 12>;

// Two zero bytes, SSRC, index (48 bits; SRTCP's has 31), xored with the salt (RFC 7714 8.1, 9.1).
GcmNonce gcm_nonce(std::span<const std::uint8_t> salt, std::uint32_t ssrc, std::uint64_t index);

// In place. `tag` has gcm_tag_size bytes. seal() writes it; open() is false where it is not the text's, and
// then the text is undefined.
class IpsecMbGcmKey {
 public:
  // The CPU has got what the library takes. Without it nothing here may be called.
  static bool is_available();
  explicit IpsecMbGcmKey(const std::array<std::uint8_t, 16>& key);
  ~IpsecMbGcmKey();
  IpsecMbGcmKey(const IpsecMbGcmKey&) = delete;
  IpsecMbGcmKey& operator=(const IpsecMbGcmKey&) = delete;

  bool seal(const GcmNonce& nonce, std::span<const std::uint8_t> clear, std::uint8_t* text, std::size_t size,
            std::uint8_t* tag);
  bool open(const GcmNonce& nonce, std::span<const std::uint8_t> clear, std::uint8_t* text, std::size_t size,
            const std::uint8_t* tag);

 private:
  struct Schedule; // the key's, and tables for the hash
  std::unique_ptr<Schedule> schedule_;
};

class OpensslGcmKey {
 public:
  explicit OpensslGcmKey(const std::array<std::uint8_t, 16>& key);

  bool seal(const GcmNonce& nonce, std::span<const std::uint8_t> clear, std::uint8_t* text, std::size_t size,
            std::uint8_t* tag);
  bool open(const GcmNonce& nonce, std::span<const std::uint8_t> clear, std::uint8_t* text, std::size_t size,
            const std::uint8_t* tag);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const;
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

} // namespace viadux
