// Big-endian numbers in packets; every caller checks the length first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace viadux::bench {

using Bytes = std::span<const std::uint8_t>;

inline std::uint16_t load16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}
inline std::uint32_t load24(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 16 | std::uint32_t{at[1]} << 8 | at[2];
}
inline std::uint32_t load32(const std::uint8_t* at) {
  return std::uint32_t{load16(at)} << 16 | load16(at + 2);
}
inline std::uint64_t load64(const std::uint8_t* at) {
  return std::uint64_t{load32(at)} << 32 | load32(at + 4);
}

inline std::uint8_t* store8(std::uint8_t* at, unsigned value) {
  *at = static_cast<std::uint8_t>(value);
  return at + 1;
}
inline std::uint8_t* store16(std::uint8_t* at, unsigned value) {
  return store8(store8(at, value >> 8), value);
}
inline std::uint8_t* store24(std::uint8_t* at, unsigned value) {
  return store16(store8(at, value >> 16), value);
}
inline std::uint8_t* store32(std::uint8_t* at, std::uint32_t value) {
  return store16(store16(at, value >> 16), value);
}
inline std::uint8_t* store64(std::uint8_t* at, std::uint64_t value) {
  return store32(store32(at, static_cast<std::uint32_t>(value >> 32)), static_cast<std::uint32_t>(value));
}

// The signed distance from b to a on the circle of 16-bit sequence numbers.
inline int seq_distance(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b));
}

} // namespace viadux::bench
