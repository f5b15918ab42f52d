// Where a peer without ICE is: the address it signalled until a packet shows the real one, then that one for
// good. (Comedia, RFC 4145's idea for RTP.) [worker]
#pragma once

#include "core/transport/transport.hpp"

#include <optional>

namespace viadux {

class Latch {
 public:
  explicit Latch(const LatchConfig& config) : config_(config) {}

  // May a packet that came by `path` be looked at? Before the latch closes: from the signalled host, or from
  // anywhere where that is allowed (`authenticated`: SRTP or DTLS will tell friend from foe; or sip.nat).
  // Afterwards: from the one source only.
  bool admits(const Path& path, bool authenticated) const;
  // The packet was genuine: its source is the peer from now on.
  void close_on(const Path& path);
  // The peer signalled another address: everything is open again.
  void reopen(const Endpoint& rtp, const Endpoint& rtcp);

  // Where RTP and RTCP go; nullopt while that is not known.
  std::optional<Path> rtp() const;
  std::optional<Path> rtcp() const;
  bool is_closed() const { return rtp_.has_value(); }
  const RtpPort& port() const { return config_.port; }

 private:
  LatchConfig config_;
  std::optional<Path> rtp_;
  std::optional<Path> rtcp_;
};

} // namespace viadux
