#include "core/transport/rtcp_gcm.hpp"

#include "core/transport/byte_order.hpp"

#include <cstring>

namespace viadux {

namespace {

constexpr std::size_t header = 8; // what stays readable: the first packet's length and SSRC
constexpr std::size_t word = 4;   // E and the index, which go last and are authenticated after the header
constexpr std::uint32_t encrypted = 1U << 31; // E
constexpr std::uint32_t max_index = encrypted - 1;

} // namespace

// The word is put behind the header for the cipher, and to the end for the wire: reports are short, moving
// them is cheaper than a cipher that takes its clear text in pieces.
SrtpStatus RtcpGcmEncryptor::protect(std::uint8_t* data, std::size_t& size) {
  if (sent_ == max_index) return SrtpStatus::refused;
  const std::uint32_t index = ++sent_;
  std::memmove(data + header + word, data + header, size - header);
  write32(data + header, encrypted | index);
  const std::size_t sealed = cipher_->protect(data, size + word, header + word, read32(data + 4), index);
  std::memmove(data + header, data + header + word, (sealed ? sealed : size + word) - header - word);
  if (sealed == 0) return SrtpStatus::malformed;
  write32(data + sealed - word, encrypted | index);
  size = sealed;
  return SrtpStatus::ok;
}

SrtpStatus RtcpGcmDecryptor::unprotect(std::uint8_t* data, std::size_t& size) {
  if (size < header + cipher_->tag_size() + word) return SrtpStatus::malformed;
  const std::uint32_t last = read32(data + size - word);
  if ((last & encrypted) == 0) return SrtpStatus::malformed;
  const std::uint32_t index = last & max_index;
  const std::uint32_t ssrc = read32(data + 4);
  RtpWindow* const known = windows_.find(ssrc);
  if (known && known->place_of(index) != RtpWindow::Place::fresh) return SrtpStatus::replayed;
  std::memmove(data + header + word, data + header, size - header - word);
  write32(data + header, last);
  const std::size_t plain = cipher_->unprotect(data, size, header + word, ssrc, index);
  if (plain == 0) return SrtpStatus::auth_failed;
  std::memmove(data + header, data + header + word, plain - header - word);
  (known ? *known : windows_.add({ssrc, index})).mark(index);
  size = plain - word;
  return SrtpStatus::ok;
}

} // namespace viadux
