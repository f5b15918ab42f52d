#include "core/transport/rtp_encryptor.hpp"

#include "core/transport/byte_order.hpp"
#include "core/transport/packet_kind.hpp"

#include <algorithm>

namespace viadux {

std::size_t RtpEncryptor::protect(std::uint8_t* data, std::size_t size) {
  const std::size_t header = rtp_header_size({data, size});
  if (header == 0) return 0;
  const std::uint16_t sequence = read16(data + 2);
  const std::uint32_t ssrc = read32(data + 8);
  Stream* const stream = stream_of(ssrc, sequence);
  if (!stream) return 0;
  const std::uint64_t index = index_of(*stream, sequence);
  if (!mark(*stream, index)) return 0;
  return cipher_->protect(data, size, header, ssrc, index);
}

RtpEncryptor::Stream* RtpEncryptor::stream_of(std::uint32_t ssrc, std::uint16_t first_sequence) {
  if (last_ < streams_.size() && streams_[last_].ssrc == ssrc) return &streams_[last_];
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [ssrc](const Stream& stream) { return stream.ssrc == ssrc; });
  last_ = static_cast<std::size_t>(found - streams_.begin());
  if (found != streams_.end()) return &*found;
  if (streams_.size() == max_ssrcs) return nullptr;
  // Once per stream: the only allocation.
  streams_.push_back({ssrc, first_sequence, {}});
  return &streams_.back();
}

// RFC 3711 3.3.1 and appendix A: the rollover counter that puts the packet nearest to the highest one.
std::uint64_t RtpEncryptor::index_of(const Stream& stream, std::uint16_t sequence) {
  const auto highest = static_cast<std::uint16_t>(stream.highest);
  const auto ahead = static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - highest));
  if (ahead < 0 && stream.highest < static_cast<std::uint64_t>(-static_cast<std::int64_t>(ahead)))
    return sequence; // before the first rollover there is nothing to go back to
  return stream.highest + static_cast<std::uint64_t>(static_cast<std::int64_t>(ahead));
}

bool RtpEncryptor::mark(Stream& stream, std::uint64_t index) const {
  if (index > stream.highest) {
    // What lies between belongs to the last round of the window.
    const std::uint64_t steps = std::min<std::uint64_t>(index - stream.highest, window);
    for (std::uint64_t i = 1; i <= steps; ++i)
      stream.sent[(index - steps + i) % window / 64] &= ~(1ULL << ((index - steps + i) % 64));
    stream.highest = index;
  } else if (stream.highest - index >= window) {
    return false;
  }
  std::uint64_t& word = stream.sent[index % window / 64];
  const std::uint64_t bit = 1ULL << (index % 64);
  if ((word & bit) != 0 && !allow_repeats_) return false;
  word |= bit;
  return true;
}

} // namespace viadux
