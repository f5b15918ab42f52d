#include "core/transport/stun_codec.hpp"
#include "core/transport/stun_message.hpp"

#include <algorithm>

namespace viadux {

using namespace stun;

StunWriter::StunWriter(std::span<std::uint8_t> buffer, StunClass type, std::uint16_t method,
                       const StunTransaction& transaction)
    : buffer_(buffer.first(std::min<std::size_t>(buffer.size(), stun_max_size))) {
  if (buffer_.size() < header_size) {
    overflow_ = true;
    return;
  }
  const auto bits = static_cast<unsigned>(type);
  write16(buffer_.data(), (method & 0x000fU) | (method & 0x0070U) << 1 | (method & 0x0f80U) << 2 |
                              (bits & 1U) << 4 | (bits & 2U) << 7);
  write32(buffer_.data() + 4, magic_cookie);
  std::copy(transaction.begin(), transaction.end(), buffer_.begin() + 8);
  size_ = header_size;
  set_length(0);
}

void StunWriter::set_length(std::size_t length) {
  write16(buffer_.data() + 2, static_cast<std::uint32_t>(length));
}

void StunWriter::add(std::uint16_t type, std::span<const std::uint8_t> value, std::uint8_t padding) {
  const std::size_t padded = (value.size() + 3) / 4 * 4;
  if (overflow_ || buffer_.size() - size_ < 4 + padded) {
    overflow_ = true;
    return;
  }
  write16(buffer_.data() + size_, type);
  write16(buffer_.data() + size_ + 2, static_cast<std::uint32_t>(value.size()));
  const auto room = buffer_.subspan(size_ + 4, padded);
  std::fill(std::copy(value.begin(), value.end(), room.begin()), room.end(), padding);
  size_ += 4 + padded;
  set_length(size_ - header_size);
}

void StunWriter::add_username(std::string_view name) {
  add(username, {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
}

void StunWriter::add_software(std::string_view name) {
  add(software, {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
}

void StunWriter::add_xor_mapped_address(const Endpoint& endpoint) {
  std::array<std::uint8_t, 20> value{};
  const bool four = endpoint.address.is_v4();
  const auto bytes = std::span(endpoint.address.bytes()).subspan(four ? 12 : 0);
  value[1] = four ? 1 : 2;
  write16(value.data() + 2, endpoint.port ^ magic_cookie >> 16);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value[4 + i] = bytes[i] ^ (overflow_ ? 0 : buffer_[4 + i]);
  add(xor_mapped_address, std::span(value).first(4 + bytes.size()));
}

void StunWriter::add_error(std::uint16_t code, std::string_view reason) {
  std::array<std::uint8_t, 64> value{};
  value[2] = static_cast<std::uint8_t>(code / 100);
  value[3] = static_cast<std::uint8_t>(code % 100);
  const auto text = reason.substr(0, value.size() - 4);
  std::copy(text.begin(), text.end(), value.begin() + 4);
  add(error_code, std::span(value).first(4 + text.size()));
}

void StunWriter::add_unknown_attributes(std::span<const std::uint16_t> types) {
  std::array<std::uint8_t, 16> value{};
  const std::size_t count = std::min(types.size(), value.size() / 2);
  for (std::size_t i = 0; i < count; ++i)
    write16(value.data() + 2 * i, types[i]);
  add(unknown_attributes, std::span(value).first(2 * count));
}

namespace {
std::array<std::uint8_t, 8> big_endian(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes;
  write32(bytes.data(), static_cast<std::uint32_t>(value >> 32));
  write32(bytes.data() + 4, static_cast<std::uint32_t>(value));
  return bytes;
}
} // namespace

void StunWriter::add_priority(std::uint32_t value) {
  const auto bytes = big_endian(value);
  add(priority, std::span(bytes).last(4));
}
void StunWriter::add_use_candidate() {
  add(use_candidate, {});
}
void StunWriter::add_ice_controlling(std::uint64_t tie_breaker) {
  add(ice_controlling, big_endian(tie_breaker));
}
void StunWriter::add_ice_controlled(std::uint64_t tie_breaker) {
  add(ice_controlled, big_endian(tie_breaker));
}

void StunWriter::add_integrity(std::string_view password) {
  if (overflow_) return;
  add(message_integrity, integrity(buffer_.first(size_), size_ + 4 + integrity_size - header_size, password));
}

void StunWriter::add_fingerprint() {
  if (overflow_) return;
  set_length(size_ + 8 - header_size); // the length counts the fingerprint itself
  std::array<std::uint8_t, 4> value;
  write32(value.data(), fingerprint_of(buffer_.first(size_)));
  add(fingerprint, value);
}

std::span<const std::uint8_t> StunWriter::message() const {
  return overflow_ ? std::span<const std::uint8_t>() : buffer_.first(size_);
}

} // namespace viadux
