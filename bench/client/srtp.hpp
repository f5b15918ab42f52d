// libsrtp2 for one peer: one context each way, any SSRC.
#pragma once

#include "bench/client/dtls.hpp"

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

  bool open(const SrtpKeys& keys);
  bool is_open() const { return sending_ != nullptr; }
  // In place; `size` is changed. False: not authentic, a replay, or (protect) an exhausted key.
  bool protect_rtp(std::uint8_t* packet, int& size);
  bool protect_rtcp(std::uint8_t* packet, int& size);
  bool unprotect_rtp(std::uint8_t* packet, int& size);
  bool unprotect_rtcp(std::uint8_t* packet, int& size);

 private:
  void* sending_ = nullptr; // srtp_t
  void* receiving_ = nullptr;
};

} // namespace viadux::bench
