// Incoming SRTP: rollover counters and replay, around a PacketCipher. [worker]
#pragma once

#include "core/transport/packet_cipher.hpp"
#include "core/transport/rtp_window.hpp"
#include "core/transport/srtp_status.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace viadux {

class RtpDecryptor {
 public:
  explicit RtpDecryptor(std::unique_ptr<PacketCipher> cipher) : cipher_(std::move(cipher)) {}

  // In place; on success `size` becomes the RTP packet's. Only a packet that is authentic leaves a trace
  // here: who forges neither moves a rollover counter nor makes a stream. Whoever calls limits the number of
  // SSRCs.
  SrtpStatus unprotect(std::uint8_t* data, std::size_t& size);

 private:
  std::unique_ptr<PacketCipher> cipher_;
  RtpWindows windows_;
};

} // namespace viadux
