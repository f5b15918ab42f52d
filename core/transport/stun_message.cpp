#include "core/transport/stun_message.hpp"

#include "core/transport/stun_codec.hpp"

#include <algorithm>
#include <openssl/crypto.h>

namespace viadux {

namespace {

using namespace stun;

// RFC 8489 14.2: the port and address are xored with the cookie and the transaction, against meddling NATs.
std::optional<Endpoint> read_xor_address(std::span<const std::uint8_t> value, const std::uint8_t* header) {
  const std::uint8_t* const mask = header + 4;
  if (value.size() < 4) return std::nullopt;
  Endpoint endpoint;
  endpoint.port = static_cast<std::uint16_t>(read16(value.data() + 2) ^ magic_cookie >> 16);
  if (value[1] == 1 && value.size() == 8) {
    std::array<std::uint8_t, 4> bytes;
    for (std::size_t i = 0; i < 4; ++i)
      bytes[i] = value[4 + i] ^ mask[i];
    endpoint.address = IpAddress::v4(bytes);
    return endpoint;
  }
  if (value[1] == 2 && value.size() == 20) {
    std::array<std::uint8_t, 16> bytes;
    for (std::size_t i = 0; i < 16; ++i)
      bytes[i] = value[4 + i] ^ mask[i];
    endpoint.address = IpAddress::v6(bytes);
    return endpoint;
  }
  return std::nullopt;
}

// One attribute into `message`. False where its length is wrong.
bool read_attribute(StunMessage& message, std::uint16_t type, std::span<const std::uint8_t> value,
                    const std::uint8_t* header) {
  switch (type) {
  case username:
    if (value.size() > 513)
      return false; // RFC 8489 14.3: less than 509 bytes; ICE: two ufrags of 256 and a colon
    message.username = std::string_view(reinterpret_cast<const char*>(value.data()), value.size());
    return true;
  case xor_mapped_address:
    message.xor_mapped_address = read_xor_address(value, header);
    return message.xor_mapped_address.has_value();
  case priority:
    if (value.size() != 4) return false;
    message.priority = read32(value.data());
    return true;
  case use_candidate:
    message.use_candidate = true;
    return value.empty();
  case ice_controlling:
  case ice_controlled:
    if (value.size() != 8) return false;
    (type == ice_controlling ? message.ice_controlling : message.ice_controlled) = read64(value.data());
    return true;
  case error_code:
    if (value.size() < 4 || (value[2] & 7) < 3 || (value[2] & 7) > 6 || value[3] > 99) return false;
    message.error_code = static_cast<std::uint16_t>((value[2] & 7) * 100 + value[3]);
    return true;
  default:
    if (type < 0x8000 && type != unknown_attributes &&
        message.unknown_required_count < message.unknown_required.size())
      message.unknown_required[message.unknown_required_count++] = type;
    return true;
  }
}

} // namespace

std::optional<StunMessage> StunMessage::parse(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < header_size || bytes.size() > stun_max_size) return std::nullopt;
  const std::uint16_t type = read16(bytes.data());
  if ((type & 0xc000) != 0 || read32(bytes.data() + 4) != magic_cookie) return std::nullopt;
  if (read16(bytes.data() + 2) + header_size != bytes.size() || bytes.size() % 4 != 0) return std::nullopt;

  StunMessage message;
  message.bytes_ = bytes;
  message.type = static_cast<StunClass>((type >> 4 & 1) | (type >> 7 & 2)); // RFC 8489 5: bits 4 and 8
  message.method = static_cast<std::uint16_t>((type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2);
  std::copy_n(bytes.begin() + 8, 12, message.transaction.begin());

  for (std::size_t at = header_size; at < bytes.size();) {
    if (message.has_fingerprint || bytes.size() - at < 4)
      return std::nullopt; // nothing follows the fingerprint
    const std::uint16_t attribute = read16(bytes.data() + at);
    const std::size_t length = read16(bytes.data() + at + 2);
    if (length > bytes.size() - at - 4) return std::nullopt;
    const auto value = bytes.subspan(at + 4, length);
    if (attribute == fingerprint) {
      if (length != 4 || read32(value.data()) != fingerprint_of(bytes.first(at))) return std::nullopt;
      message.has_fingerprint = true;
    } else if (message.has_integrity) {
      // RFC 8489 14.5: what follows the integrity is not protected by it and is ignored.
    } else if (attribute == message_integrity) {
      if (length != integrity_size) return std::nullopt;
      message.has_integrity = true;
      message.integrity_at_ = at;
    } else if (!read_attribute(message, attribute, value, bytes.data())) {
      return std::nullopt;
    }
    at += 4 + (length + 3) / 4 * 4; // within bounds: the whole is a multiple of 4
  }
  return message;
}

bool StunMessage::integrity_matches(std::string_view password) const {
  if (!has_integrity) return false;
  const auto wanted =
      integrity(bytes_.first(integrity_at_), integrity_at_ + 4 + integrity_size - header_size, password);
  return CRYPTO_memcmp(wanted.data(), bytes_.data() + integrity_at_ + 4, integrity_size) == 0;
}

} // namespace viadux
