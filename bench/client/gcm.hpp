// One direction of SRTP and SRTCP with AEAD_AES_128_GCM (RFC 7714) by OpenSSL. With the hundreds of keys that
// this one process holds, libsrtp2 as Debian builds it (on NSS) takes most of a core to find them.
#pragma once

#include "bench/client/bytes.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace viadux::bench {

class GcmDirection {
 public:
  // `master` is the key of 16 bytes and the salt of 12. Null where OpenSSL fails.
  static std::unique_ptr<GcmDirection> create(const std::vector<std::uint8_t>& master);
  ~GcmDirection();

  // In place, with srtp_trailer bytes of room; false: malformed, or not authentic. Replays are the ledger's.
  bool protect_rtp(std::uint8_t* packet, int& size);
  bool unprotect_rtp(std::uint8_t* packet, int& size);
  bool protect_rtcp(std::uint8_t* packet, int& size);
  bool unprotect_rtcp(std::uint8_t* packet, int& size);

 private:
  struct Context; // a cipher's state and salt
  struct Stream {
    std::uint32_t ssrc;
    std::uint64_t highest; // rollover counter and sequence number (RFC 3711 3.3.1)
  };
  GcmDirection();
  std::uint64_t rtp_index(const std::uint8_t* packet) const;
  void follow(const std::uint8_t* packet, std::uint64_t index);

  std::unique_ptr<Context> rtp_;
  std::unique_ptr<Context> rtcp_;
  std::vector<Stream> streams_;
  std::uint32_t rtcp_sent_ = 0;
};

} // namespace viadux::bench
