#include "core/mixer/g711.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

namespace viadux::mixer {
namespace {

constexpr std::uint8_t even_bits = 0x55; // A-law inverts these on the line
constexpr int ulaw_bias = 33 * 4;        // makes every segment begin at a power of two

constexpr std::int16_t expand_alaw(std::uint8_t byte) {
  const unsigned value = byte ^ even_bits;
  const unsigned segment = (value >> 4U) & 7U;
  int size = static_cast<int>((value & 15U) << 4U) + 8;
  if (segment > 0) size = (size + 256) << (segment - 1);
  return static_cast<std::int16_t>((value & 0x80U) != 0 ? size : -size);
}

constexpr std::int16_t expand_ulaw(std::uint8_t byte) {
  const unsigned value = byte ^ 0xffU;
  const unsigned segment = (value >> 4U) & 7U;
  const int size = ((static_cast<int>((value & 15U) << 3U) + ulaw_bias) << segment) - ulaw_bias;
  return static_cast<std::int16_t>((value & 0x80U) != 0 ? -size : size);
}

template <auto expand>
constexpr std::array<std::int16_t, 256> table() {
  std::array<std::int16_t, 256> result{};
  for (unsigned i = 0; i < 256; ++i)
    result[i] = expand(static_cast<std::uint8_t>(i));
  return result;
}
constexpr auto alaw_table = table<expand_alaw>();
constexpr auto ulaw_table = table<expand_ulaw>();

} // namespace

std::int16_t decode_alaw(std::uint8_t byte) {
  return alaw_table[byte];
}
std::int16_t decode_ulaw(std::uint8_t byte) {
  return ulaw_table[byte];
}

std::uint8_t encode_alaw(std::int16_t sample) {
  const bool negative = sample < 0;
  const auto size = static_cast<unsigned>(std::min(negative ? -(sample + 1) : int{sample}, 32'767)) >> 4U;
  // `size` has 11 bits; segments 2 to 7 halve it until five bits are left.
  const unsigned segment = size < 32 ? size >> 4U : static_cast<unsigned>(std::bit_width(size)) - 4;
  const unsigned step = segment < 2 ? size & 15U : (size >> (segment - 1)) & 15U;
  return static_cast<std::uint8_t>(((negative ? 0U : 0x80U) | segment << 4U | step) ^ even_bits);
}

std::uint8_t encode_ulaw(std::int16_t sample) {
  const bool negative = sample < 0;
  const auto size = static_cast<unsigned>(std::min(std::abs(int{sample}), 32'635) + ulaw_bias);
  const unsigned segment =
      static_cast<unsigned>(std::bit_width(size | 0x80U)) - 8; // the bias alone has eight bits
  const unsigned step = (size >> (segment + 3)) & 15U;
  return static_cast<std::uint8_t>(~((negative ? 0x80U : 0U) | segment << 4U | step));
}

} // namespace viadux::mixer
