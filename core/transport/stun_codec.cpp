#include "core/transport/stun_codec.hpp"

#include <algorithm>
#include <cassert>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace viadux::stun {

namespace {

constexpr std::size_t max_message = 1280;

constexpr auto crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = value & 1 ? value >> 1 ^ 0xedb88320U : value >> 1;
    table[i] = value;
  }
  return table;
}();

} // namespace

std::array<std::uint8_t, integrity_size> integrity(std::span<const std::uint8_t> message, std::size_t length,
                                                   std::string_view password) {
  assert(message.size() >= header_size && message.size() <= max_message);
  std::array<std::uint8_t, max_message> copy;
  std::copy(message.begin(), message.end(), copy.begin());
  write16(copy.data() + 2, static_cast<std::uint32_t>(length));
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), copy.data(), message.size(),
       digest.data(), &size);
  std::array<std::uint8_t, integrity_size> result{};
  std::copy_n(digest.begin(), result.size(), result.begin());
  return result;
}

std::uint32_t fingerprint_of(std::span<const std::uint8_t> message) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : message)
    crc = crc_table[(crc ^ byte) & 0xff] ^ crc >> 8;
  return ~crc ^ 0x5354554e;
}

} // namespace viadux::stun
