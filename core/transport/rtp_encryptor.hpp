// Outgoing SRTP: rollover counters and what was sent already, around a PacketCipher. [worker]
#pragma once

#include "core/transport/packet_cipher.hpp"
#include "core/transport/rtp_window.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace viadux {

class RtpEncryptor {
 public:
  static constexpr std::size_t max_ssrcs = 4096;

  RtpEncryptor(std::unique_ptr<PacketCipher> cipher, bool allow_repeats)
      : cipher_(std::move(cipher)), allow_repeats_(allow_repeats) {}

  // A packet whose header lies within `size` becomes an SRTP packet in place; there must be room for the tag.
  // Returns its size; 0: refused (sent before, older than the window, malformed), the packet is as it was.
  std::size_t protect(std::uint8_t* data, std::size_t size);

 private:
  std::unique_ptr<PacketCipher> cipher_;
  bool allow_repeats_;
  RtpWindows windows_;
};

} // namespace viadux
