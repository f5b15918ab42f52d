// SRTCP with AES-GCM, both directions (RFC 7714 9): the index that goes with each packet, and replay.
// [worker]
#pragma once

#include "core/transport/packet_cipher.hpp"
#include "core/transport/rtp_window.hpp"
#include "core/transport/srtp_status.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace viadux {

class RtcpGcmEncryptor {
 public:
  // The cipher is made for SrtpLabel::rtcp.
  explicit RtcpGcmEncryptor(std::unique_ptr<PacketCipher> cipher) : cipher_(std::move(cipher)) {}
  // In place; there must be room for srtp_max_overhead bytes and 4 more. `size` is at least 8.
  SrtpStatus protect(std::uint8_t* data, std::size_t& size);

 private:
  std::unique_ptr<PacketCipher> cipher_;
  std::uint32_t sent_ = 0; // the last index; one count for all SSRCs is as good as one for each
};

class RtcpGcmDecryptor {
 public:
  explicit RtcpGcmDecryptor(std::unique_ptr<PacketCipher> cipher) : cipher_(std::move(cipher)) {}
  // In place; on success `size` becomes the RTCP packet's. What is not encrypted is refused. Whoever calls
  // limits the number of SSRCs.
  SrtpStatus unprotect(std::uint8_t* data, std::size_t& size);

 private:
  std::unique_ptr<PacketCipher> cipher_;
  RtpWindows windows_;
};

} // namespace viadux
