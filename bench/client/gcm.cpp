#include "bench/client/gcm.hpp"

#include <algorithm>
#include <cstdlib>
#include <openssl/evp.h>

namespace viadux::bench {
namespace {

constexpr int tag = 16;
constexpr int salt_size = 12;
constexpr std::uint32_t encrypted = 0x80000000; // E, in front of the SRTCP index

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Free>;

// RFC 3711 4.3.3: the key stream of AES-CM under the master key; a 96-bit salt has two zeros behind it (RFC
// 7714 11).
bool derive(const std::vector<std::uint8_t>& master, std::uint8_t label, std::uint8_t* out, int size) {
  std::array<std::uint8_t, 16> iv{};
  std::copy_n(master.begin() + 16, salt_size, iv.begin());
  iv[7] ^= label;
  std::fill_n(out, size, std::uint8_t{0});
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int done = 0;
  return EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ctr(), nullptr, master.data(), iv.data()) == 1 &&
         EVP_EncryptUpdate(cipher.get(), out, &done, out, size) == 1;
}

// The fixed header, CSRCs and extension; -1 where they do not lie within the packet.
int header_of(const std::uint8_t* packet, int size) {
  if (size < 12) return -1;
  int header = 12 + 4 * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0)
    header = size < header + 4 ? size + 1 : header + 4 + 4 * load16(packet + header + 2);
  return header <= size ? header : -1;
}

} // namespace

struct GcmDirection::Context {
  Cipher cipher{EVP_CIPHER_CTX_new()};
  std::array<std::uint8_t, salt_size> salt{};

  bool open(const std::vector<std::uint8_t>& master, std::uint8_t first_label) {
    std::array<std::uint8_t, 16> key;
    return derive(master, first_label, key.data(), key.size()) &&
           derive(master, static_cast<std::uint8_t>(first_label + 2), salt.data(), salt_size) &&
           EVP_CipherInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr, 1) == 1;
  }
  // The SSRC stands at 2, the rollover counter and sequence number or the SRTCP index at 6 (RFC
  // 7714 8.1, 9.1).
  bool begin(bool encrypt, std::uint32_t ssrc, std::uint64_t index, Bytes clear, Bytes more_clear) {
    std::array<std::uint8_t, salt_size> iv{};
    store32(iv.data() + 2, ssrc);
    store16(iv.data() + 6, static_cast<unsigned>(index >> 32));
    store32(iv.data() + 8, static_cast<std::uint32_t>(index));
    for (int i = 0; i < salt_size; ++i)
      iv[i] ^= salt[i];
    int done = 0;
    return EVP_CipherInit_ex(cipher.get(), nullptr, nullptr, nullptr, iv.data(), encrypt ? 1 : 0) == 1 &&
           EVP_CipherUpdate(cipher.get(), nullptr, &done, clear.data(), static_cast<int>(clear.size())) ==
               1 &&
           EVP_CipherUpdate(cipher.get(), nullptr, &done, more_clear.data(),
                            static_cast<int>(more_clear.size())) == 1;
  }
  bool seal(std::uint8_t* text, int size) {
    int done = 0;
    return EVP_CipherUpdate(cipher.get(), text, &done, text, size) == 1 &&
           EVP_CipherFinal_ex(cipher.get(), text + size, &done) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag, text + size) == 1;
  }
  // The tag stands behind the text.
  bool unseal(std::uint8_t* text, int size) {
    int done = 0;
    return EVP_CipherUpdate(cipher.get(), text, &done, text, size) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag, text + size) == 1 &&
           EVP_CipherFinal_ex(cipher.get(), text + size, &done) == 1;
  }
};

GcmDirection::GcmDirection() : rtp_(std::make_unique<Context>()), rtcp_(std::make_unique<Context>()) {}
GcmDirection::~GcmDirection() = default;

std::unique_ptr<GcmDirection> GcmDirection::create(const std::vector<std::uint8_t>& master) {
  if (master.size() < 16 + salt_size) return nullptr;
  std::unique_ptr<GcmDirection> made(new GcmDirection);
  if (!made->rtp_->open(master, 0) || !made->rtcp_->open(master, 3)) return nullptr;
  return made;
}

std::uint64_t GcmDirection::rtp_index(const std::uint8_t* packet) const {
  const std::uint16_t sequence = load16(packet + 2);
  for (const Stream& stream : streams_) {
    if (stream.ssrc != load32(packet + 8)) continue;
    const auto ahead = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(stream.highest));
    const std::int64_t index = static_cast<std::int64_t>(stream.highest) + ahead;
    return index < 0 ? sequence : static_cast<std::uint64_t>(index);
  }
  return sequence;
}

void GcmDirection::follow(const std::uint8_t* packet, std::uint64_t index) {
  const std::uint32_t ssrc = load32(packet + 8);
  for (Stream& stream : streams_)
    if (stream.ssrc == ssrc) return static_cast<void>(stream.highest = std::max(stream.highest, index));
  streams_.push_back({ssrc, index});
}

bool GcmDirection::protect_rtp(std::uint8_t* packet, int& size) {
  const int header = header_of(packet, size);
  if (header < 0) return false;
  const std::uint64_t index = rtp_index(packet);
  if (!rtp_->begin(true, load32(packet + 8), index, {packet, static_cast<std::size_t>(header)}, {}) ||
      !rtp_->seal(packet + header, size - header))
    return false;
  follow(packet, index);
  size += tag;
  return true;
}

bool GcmDirection::unprotect_rtp(std::uint8_t* packet, int& size) {
  const int header = header_of(packet, size);
  if (header < 0 || size - header < tag) return false;
  const std::uint64_t index = rtp_index(packet);
  if (!rtp_->begin(false, load32(packet + 8), index, {packet, static_cast<std::size_t>(header)}, {}) ||
      !rtp_->unseal(packet + header, size - header - tag))
    return false;
  follow(packet, index);
  size -= tag;
  return true;
}

// RFC 7714 9.3: header, text, tag, and the index in clear, which is authenticated with the header.
bool GcmDirection::protect_rtcp(std::uint8_t* packet, int& size) {
  if (size < 8) return false;
  const std::uint32_t index = ++rtcp_sent_;
  std::array<std::uint8_t, 4> word;
  store32(word.data(), encrypted | index);
  if (!rtcp_->begin(true, load32(packet + 4), index, {packet, 8}, word) || !rtcp_->seal(packet + 8, size - 8))
    return false;
  std::copy(word.begin(), word.end(), packet + size + tag);
  size += tag + 4;
  return true;
}

bool GcmDirection::unprotect_rtcp(std::uint8_t* packet, int& size) {
  const int text = size - 8 - tag - 4;
  if (text < 0) return false;
  const std::uint8_t* const word = packet + size - 4;
  const std::uint32_t index = load32(word) & ~encrypted;
  if ((load32(word) & encrypted) == 0 ||
      !rtcp_->begin(false, load32(packet + 4), index, {packet, 8}, {word, 4}) ||
      !rtcp_->unseal(packet + 8, text))
    return false;
  size = 8 + text;
  return true;
}

} // namespace viadux::bench
