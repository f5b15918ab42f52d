// Big-endian numbers in packets. The caller has checked the bounds. [any thread]
#pragma once

#include <cstdint>

namespace viadux::rtp {

inline std::uint16_t load16(const std::uint8_t* p) {
  return static_cast<std::uint16_t>((p[0] << 8) | p[1]);
}
inline std::uint32_t load24(const std::uint8_t* p) {
  return (std::uint32_t{p[0]} << 16) | (std::uint32_t{p[1]} << 8) | p[2];
}
inline std::uint32_t load32(const std::uint8_t* p) {
  return (std::uint32_t{load16(p)} << 16) | load16(p + 2);
}
inline std::uint64_t load64(const std::uint8_t* p) {
  return (std::uint64_t{load32(p)} << 32) | load32(p + 4);
}

inline void store16(std::uint8_t* p, std::uint16_t value) {
  p[0] = static_cast<std::uint8_t>(value >> 8);
  p[1] = static_cast<std::uint8_t>(value);
}
inline void store24(std::uint8_t* p, std::uint32_t value) {
  p[0] = static_cast<std::uint8_t>(value >> 16);
  store16(p + 1, static_cast<std::uint16_t>(value));
}
inline void store32(std::uint8_t* p, std::uint32_t value) {
  store16(p, static_cast<std::uint16_t>(value >> 16));
  store16(p + 2, static_cast<std::uint16_t>(value));
}
inline void store64(std::uint8_t* p, std::uint64_t value) {
  store32(p, static_cast<std::uint32_t>(value >> 32));
  store32(p + 4, static_cast<std::uint32_t>(value));
}

} // namespace viadux::rtp
