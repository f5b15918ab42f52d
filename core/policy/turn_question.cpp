#include "core/policy/turn_question.hpp"

#include <cstring>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace viadux {
namespace {

// RFC 8489 section 18, RFC 8656 section 18.
constexpr std::uint16_t allocate = 0x003;
constexpr std::uint16_t refresh = 0x004;
constexpr std::uint16_t success_bit = 0x100;
constexpr std::uint16_t error_bits = 0x110;
constexpr std::uint16_t attribute_username = 0x0006;
constexpr std::uint16_t attribute_integrity = 0x0008;
constexpr std::uint16_t attribute_error = 0x0009;
constexpr std::uint16_t attribute_lifetime = 0x000d;
constexpr std::uint16_t attribute_realm = 0x0014;
constexpr std::uint16_t attribute_nonce = 0x0015;
constexpr std::uint16_t attribute_requested_transport = 0x0019;
constexpr std::size_t header_size = 20;
constexpr std::size_t integrity_size = 20;

std::uint16_t number_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

class Request {
 public:
  Request(std::uint16_t method, const TurnTransaction& transaction) {
    put(method);
    put(0);
    for (const std::uint8_t byte : {0x21, 0x12, 0xa4, 0x42})
      bytes_.push_back(byte);
    bytes_.insert(bytes_.end(), transaction.begin(), transaction.end());
  }
  void add(std::uint16_t type, std::string_view value) {
    put(type);
    put(static_cast<std::uint16_t>(value.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    bytes_.resize((bytes_.size() + 3) / 4 * 4, 0);
    set_length(bytes_.size() - header_size);
  }
  void sign(const TurnCredentials& by) {
    add(attribute_username, by.username);
    add(attribute_realm, by.realm);
    add(attribute_nonce, by.nonce);
    const std::string text = by.username + ":" + by.realm + ":" + by.password;
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> key{}, mac{};
    unsigned key_size = 0, mac_size = 0;
    EVP_Digest(text.data(), text.size(), key.data(), &key_size, EVP_md5(), nullptr);
    set_length(bytes_.size() - header_size + 4 + integrity_size); // as if it were there already
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key_size), bytes_.data(), bytes_.size(), mac.data(),
         &mac_size);
    add(attribute_integrity, {reinterpret_cast<const char*>(mac.data()), integrity_size});
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  void put(std::uint16_t number) {
    bytes_.push_back(static_cast<std::uint8_t>(number >> 8U));
    bytes_.push_back(static_cast<std::uint8_t>(number & 0xffU));
  }
  void set_length(std::size_t length) {
    bytes_[2] = static_cast<std::uint8_t>(length >> 8U);
    bytes_[3] = static_cast<std::uint8_t>(length & 0xffU);
  }
  std::vector<std::uint8_t> bytes_;
};

} // namespace

std::optional<TurnReply> read_turn_reply(std::span<const std::uint8_t> bytes,
                                         const TurnTransaction& transaction) {
  if (bytes.size() < header_size || bytes.size() != header_size + number_at(bytes, 2)) return std::nullopt;
  if (std::memcmp(bytes.data() + 8, transaction.data(), transaction.size()) != 0) return std::nullopt;
  const std::uint16_t type = number_at(bytes, 0);
  TurnReply reply;
  reply.success = type == (allocate | success_bit) || type == (refresh | success_bit);
  if (!reply.success && type != (allocate | error_bits) && type != (refresh | error_bits))
    return std::nullopt;
  std::size_t at = header_size;
  while (at + 4 <= bytes.size()) {
    const std::uint16_t attribute = number_at(bytes, at);
    const std::size_t size = number_at(bytes, at + 2);
    at += 4;
    if (size > bytes.size() - at) return std::nullopt;
    const std::string_view value(reinterpret_cast<const char*>(bytes.data()) + at, size);
    if (attribute == attribute_realm) reply.realm = value;
    if (attribute == attribute_nonce) reply.nonce = value;
    if (attribute == attribute_error && size >= 4) reply.error = (bytes[at + 2] & 7) * 100 + bytes[at + 3];
    at += (size + 3) / 4 * 4;
  }
  // RFC 8489, 14.9 and 14.10: fewer than 128 characters; what is longer would not fit an answer of ours.
  constexpr std::size_t longest = 763;
  if (reply.realm.size() > longest || reply.nonce.size() > longest) return std::nullopt;
  return reply;
}

std::vector<std::uint8_t> turn_allocate(const TurnTransaction& transaction,
                                        const std::optional<TurnCredentials>& credentials) {
  Request request(allocate, transaction);
  request.add(attribute_requested_transport, std::string_view("\x11\0\0\0", 4)); // UDP
  if (credentials) request.sign(*credentials);
  return request.take();
}

std::vector<std::uint8_t> turn_release(const TurnTransaction& transaction,
                                       const TurnCredentials& credentials) {
  Request request(refresh, transaction);
  request.add(attribute_lifetime, std::string_view("\0\0\0\0", 4));
  request.sign(credentials);
  return request.take();
}

} // namespace viadux
