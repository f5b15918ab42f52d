#include "bench/client/stun.hpp"

#include <algorithm>
#include <cstring>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <zlib.h>

namespace viadux::bench {
namespace {

constexpr std::uint32_t magic_cookie = 0x2112A442;
constexpr std::uint32_t fingerprint_xor = 0x5354554E;

enum Attribute : std::uint16_t {
  attribute_username = 0x0006,
  attribute_message_integrity = 0x0008,
  attribute_error_code = 0x0009,
  attribute_xor_mapped_address = 0x0020,
  attribute_priority = 0x0024,
  attribute_use_candidate = 0x0025,
  attribute_fingerprint = 0x8028,
  attribute_ice_controlling = 0x802A,
};

class Writer {
 public:
  Writer(std::uint16_t type, const TransactionId& transaction) : out_(20) {
    store16(out_.data(), type);
    store32(out_.data() + 4, magic_cookie);
    std::ranges::copy(transaction, out_.begin() + 8);
  }
  void add(std::uint16_t type, Bytes value) {
    const auto at = out_.size();
    out_.resize(at + 4 + (value.size() + 3) / 4 * 4);
    store16(out_.data() + at, type);
    store16(out_.data() + at + 2, static_cast<unsigned>(value.size()));
    std::ranges::copy(value, out_.begin() + static_cast<std::ptrdiff_t>(at) + 4);
  }
  // RFC 8489 14.5 and 14.7: the length field counts up to and with the attribute being computed.
  std::vector<std::uint8_t> finish(const std::string& password) {
    set_length(24);
    std::array<std::uint8_t, 20> mac{};
    HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), out_.data(), out_.size(), mac.data(),
         nullptr);
    add(attribute_message_integrity, mac);
    set_length(8);
    std::array<std::uint8_t, 4> crc{};
    store32(crc.data(), static_cast<std::uint32_t>(crc32(0, out_.data(), static_cast<uInt>(out_.size()))) ^
                            fingerprint_xor);
    add(attribute_fingerprint, crc);
    return std::move(out_);
  }

 private:
  void set_length(std::size_t extra) {
    store16(out_.data() + 2, static_cast<unsigned>(out_.size() - 20 + extra));
  }
  std::vector<std::uint8_t> out_;
};

bool check_integrity(Bytes before, const std::uint8_t* mac, const std::string& password) {
  std::vector<std::uint8_t> copy(before.begin(), before.end());
  store16(copy.data() + 2, static_cast<unsigned>(before.size() - 20 + 24));
  std::array<std::uint8_t, 20> expected{};
  HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), copy.data(), copy.size(),
       expected.data(), nullptr);
  return CRYPTO_memcmp(expected.data(), mac, expected.size()) == 0;
}

} // namespace

std::vector<std::uint8_t> make_binding_request(const TransactionId& transaction, const std::string& username,
                                               const std::string& remote_password,
                                               std::uint64_t tie_breaker) {
  Writer message(0x0001, transaction);
  message.add(attribute_username, {reinterpret_cast<const std::uint8_t*>(username.data()), username.size()});
  std::array<std::uint8_t, 8> number{};
  store32(number.data(), 0x6E7F00FF); // a peer-reflexive host priority, component 1
  message.add(attribute_priority, Bytes(number).first(4));
  store64(number.data(), tie_breaker);
  message.add(attribute_ice_controlling, number);
  message.add(attribute_use_candidate, {});
  return message.finish(remote_password);
}

std::vector<std::uint8_t> make_binding_success(const TransactionId& transaction,
                                               const std::string& local_password, std::uint32_t address,
                                               std::uint16_t port) {
  Writer message(0x0101, transaction);
  std::array<std::uint8_t, 8> mapped{0, 1};
  store16(mapped.data() + 2, static_cast<unsigned>(port ^ (magic_cookie >> 16)));
  store32(mapped.data() + 4, address ^ magic_cookie);
  message.add(attribute_xor_mapped_address, mapped);
  return message.finish(local_password);
}

std::optional<StunMessage> parse_stun(Bytes datagram, const std::string& password) {
  if (!is_stun(datagram) || load32(datagram.data() + 4) != magic_cookie) return std::nullopt;
  if (std::size_t{load16(datagram.data() + 2)} + 20 != datagram.size()) return std::nullopt;
  StunMessage message;
  switch (load16(datagram.data())) {
  case 0x0001:
    message.kind = StunClass::request;
    break;
  case 0x0101:
    message.kind = StunClass::success;
    break;
  case 0x0111:
    message.kind = StunClass::error;
    break;
  default:
    return std::nullopt;
  }
  std::memcpy(message.transaction.data(), datagram.data() + 8, message.transaction.size());
  for (std::size_t at = 20; at + 4 <= datagram.size();) {
    const auto type = load16(datagram.data() + at);
    const std::size_t length = load16(datagram.data() + at + 2);
    const auto* value = datagram.data() + at + 4;
    if (at + 4 + length > datagram.size()) return std::nullopt;
    if (type == attribute_username) message.username.assign(reinterpret_cast<const char*>(value), length);
    if (type == attribute_error_code && length >= 4) message.error_code = (value[2] & 7) * 100 + value[3];
    if (type == attribute_message_integrity && length == 20)
      message.integrity_ok = check_integrity(datagram.first(at), value, password);
    at += 4 + (length + 3) / 4 * 4;
  }
  return message;
}

} // namespace viadux::bench
