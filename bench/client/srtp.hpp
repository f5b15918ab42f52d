// SRTP for one peer, any SSRC: libsrtp2 for AES-CM, `gcm.hpp` for AES-GCM unless libsrtp2 is asked for.
#pragma once

#include "bench/client/dtls.hpp"
#include "bench/client/gcm.hpp"

#include <cstdint>
#include <memory>

namespace viadux::bench {

constexpr int srtp_trailer = 64; // room that protect needs behind a packet

class SrtpPair {
 public:
  SrtpPair() = default;
  ~SrtpPair();
  SrtpPair(const SrtpPair&) = delete;
  SrtpPair& operator=(const SrtpPair&) = delete;

  enum class Engine : std::uint8_t { fastest, libsrtp };
  bool open(const SrtpKeys& keys, Engine engine = Engine::fastest);
  bool is_open() const { return sending_ != nullptr || gcm_sending_ != nullptr; }
  // In place; `size` is changed. False: not authentic, or malformed; libsrtp2 refuses replays, too.
  bool protect_rtp(std::uint8_t* packet, int& size);
  bool protect_rtcp(std::uint8_t* packet, int& size);
  bool unprotect_rtp(std::uint8_t* packet, int& size);
  bool unprotect_rtcp(std::uint8_t* packet, int& size);

 private:
  void* sending_ = nullptr; // srtp_t
  void* receiving_ = nullptr;
  std::unique_ptr<GcmDirection> gcm_sending_; // instead of those two
  std::unique_ptr<GcmDirection> gcm_receiving_;
};

} // namespace viadux::bench
