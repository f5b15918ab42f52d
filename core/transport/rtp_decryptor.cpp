#include "core/transport/rtp_decryptor.hpp"

#include "core/transport/byte_order.hpp"
#include "core/transport/packet_kind.hpp"

namespace viadux {

SrtpStatus RtpDecryptor::unprotect(std::uint8_t* data, std::size_t& size) {
  const std::size_t header = rtp_header_size({data, size});
  if (header == 0 || size - header < cipher_->tag_size()) return SrtpStatus::malformed;
  const std::uint16_t sequence = read16(data + 2);
  const std::uint32_t ssrc = read32(data + 8);
  RtpWindow* const known = windows_.find(ssrc);
  const std::uint64_t index = known ? known->index_of(sequence) : sequence;
  if (known && known->place_of(index) != RtpWindow::Place::fresh) return SrtpStatus::replayed;
  const std::size_t plain = cipher_->unprotect(data, size, header, ssrc, index);
  if (plain == 0) return SrtpStatus::auth_failed;
  (known ? *known : windows_.add({ssrc, index})).mark(index);
  size = plain;
  return SrtpStatus::ok;
}

} // namespace viadux
