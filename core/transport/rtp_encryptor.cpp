#include "core/transport/rtp_encryptor.hpp"

#include "core/transport/byte_order.hpp"
#include "core/transport/packet_kind.hpp"

namespace viadux {

std::size_t RtpEncryptor::protect(std::uint8_t* data, std::size_t size) {
  const std::size_t header = rtp_header_size({data, size});
  if (header == 0) return 0;
  const std::uint16_t sequence = read16(data + 2);
  const std::uint32_t ssrc = read32(data + 8);
  RtpWindow* window = windows_.find(ssrc);
  if (!window) {
    if (windows_.size() == max_ssrcs) return 0;
    window = &windows_.add({ssrc, sequence});
  }
  const std::uint64_t index = window->index_of(sequence);
  const RtpWindow::Place place = window->place_of(index);
  if (place == RtpWindow::Place::too_old || (place == RtpWindow::Place::passed && !allow_repeats_)) return 0;
  window->mark(index);
  return cipher_->protect(data, size, header, ssrc, index);
}

} // namespace viadux
