// Outgoing SRTP: rollover counters and what was sent already, around a PacketCipher. [worker]
#pragma once

#include "core/transport/packet_cipher.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace viadux {

class RtpEncryptor {
 public:
  static constexpr std::size_t window = 1024; // packets may leave this much out of order
  static constexpr std::size_t max_ssrcs = 4096;

  RtpEncryptor(std::unique_ptr<PacketCipher> cipher, bool allow_repeats)
      : cipher_(std::move(cipher)), allow_repeats_(allow_repeats) {}

  // A packet whose header lies within `size` becomes an SRTP packet in place; there must be room for the tag.
  // Returns its size; 0: refused (sent before, older than the window, malformed), the packet is as it was.
  std::size_t protect(std::uint8_t* data, std::size_t size);

 private:
  struct Stream {
    std::uint32_t ssrc = 0;
    std::uint64_t highest = 0; // index: rollover counter and sequence number (RFC 3711 3.3.1)
    std::array<std::uint64_t, window / 64> sent{}; // a bit per index, modulo the window
  };
  Stream* stream_of(std::uint32_t ssrc, std::uint16_t first_sequence);
  static std::uint64_t index_of(const Stream& stream, std::uint16_t sequence);
  // False where this index must not be used (again).
  bool mark(Stream& stream, std::uint64_t index) const;

  std::unique_ptr<PacketCipher> cipher_;
  bool allow_repeats_;
  std::vector<Stream> streams_;
  std::size_t last_ = 0; // runs of packets belong to one stream
};

} // namespace viadux
