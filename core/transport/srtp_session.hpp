// SRTP and SRTCP of one connection, both directions, in place (RFC 3711, RFC 7714). [worker]
#pragma once

#include "core/transport/rtp_window.hpp"
#include "core/transport/srtp_keys.hpp"
#include "core/transport/srtp_status.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <viadux/result.hpp>

namespace viadux {

// What encrypts and decrypts: our own path around PacketCipher (RTP; with GCM RTCP, too); or libsrtp2, which
// does the rest and against which tests hold the first.
enum class SrtpEngine : std::uint8_t { fast, libsrtp };

class SrtpSession {
 public:
  // Packets may come, and be sent, this much out of order.
  static constexpr std::size_t window = RtpWindow::size;

  // Streams of SSRCs are made when their first packet passes; at most `max_receive_ssrcs` to receive. Errors:
  // internal.
  static Result<std::unique_ptr<SrtpSession>> create(const SrtpKeys& keys, std::size_t max_receive_ssrcs,
                                                     SrtpEngine engine = SrtpEngine::fast);
  ~SrtpSession();
  SrtpSession(const SrtpSession&) = delete;
  SrtpSession& operator=(const SrtpSession&) = delete;

  // `size` is the packet's on entry and on success also on return. When unprotecting fails the bytes are
  // undefined.
  SrtpStatus unprotect_rtp(std::uint8_t* data, std::size_t& size);
  SrtpStatus unprotect_rtcp(std::uint8_t* data, std::size_t& size);
  // There must be room for the packet and srtp_max_overhead bytes, for RTCP 4 more (the index).
  //
  // With GCM a sequence number never goes out twice, even with another header: the pair would give the
  // authentication key away (RFC 7714 8.4 and 9.3). Repeat packets by RTX. AES-CM allows it.
  SrtpStatus protect_rtp(std::uint8_t* data, std::size_t& size);
  SrtpStatus protect_rtcp(std::uint8_t* data, std::size_t& size);

  SrtpProfile profile() const;

 private:
  struct State;
  explicit SrtpSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace viadux
