#include "uuid.hpp"

#include <array>
#include <random>

namespace client {
namespace {

std::string format(std::array<std::uint32_t, 4> words, unsigned version) {
  words[1] = (words[1] & 0xffff0fffU) | (version << 12U);
  words[2] = (words[2] & 0x3fffffffU) | 0x80000000U;
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text += '-';
    text += digits[(words[nibble / 8] >> (28U - 4U * (nibble % 8))) & 15U];
  }
  return text;
}

} // namespace

std::string random_uuid() {
  std::random_device random;
  return format({random(), random(), random(), random()}, 4);
}

std::string uuid_of(viadux::Handle handle) {
  // 62 bits of room after the variant: the handle's top bits go before it.
  const auto high = static_cast<std::uint32_t>(handle.value >> 32U);
  return format({high, 0, 0, static_cast<std::uint32_t>(handle.value)}, 8);
}

std::string random_call(CallKind kind) {
  if (kind == CallKind::main) return random_uuid();
  std::random_device random;
  return format({random(), random(), random(), (random() & 0xfffffff0U) | static_cast<std::uint32_t>(kind)},
                8);
}

CallKind kind_of_call(std::string_view uuid) {
  if (!is_uuid(uuid) || uuid[14] != '8') return CallKind::main;
  return uuid.back() == '1' ? CallKind::send : uuid.back() == '2' ? CallKind::receive : CallKind::main;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

} // namespace client
