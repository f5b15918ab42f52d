#include "core/transport/latch.hpp"

namespace viadux {

bool Latch::admits(const Path& path, bool authenticated) const {
  const bool on_rtp = path.socket == config_.port.rtp;
  if (const auto& latched = on_rtp ? rtp_ : rtcp_) return *latched == path;
  if (authenticated || config_.any_source) return true;
  // Plain RTP: the signalled host, whatever port it sends from (many do not send from where they listen).
  const Endpoint& signalled = on_rtp || config_.rtcp.port == 0 ? config_.rtp : config_.rtcp;
  return signalled.port != 0 && signalled.address == path.remote.address;
}

void Latch::close_on(const Path& path) {
  auto& latched = path.socket == config_.port.rtp ? rtp_ : rtcp_;
  if (!latched) latched = path;
}

void Latch::reopen(const Endpoint& rtp, const Endpoint& rtcp) {
  config_.rtp = rtp;
  config_.rtcp = rtcp;
  rtp_.reset();
  rtcp_.reset();
}

std::optional<Path> Latch::rtp() const {
  if (rtp_) return rtp_;
  if (config_.rtp.port == 0) return std::nullopt;
  return Path{config_.port.rtp, config_.rtp, {}};
}

std::optional<Path> Latch::rtcp() const {
  if (config_.rtcp_mux) return rtp();
  if (rtcp_) return rtcp_;
  if (config_.rtcp.port != 0) return Path{config_.port.rtcp, config_.rtcp, {}};
  if (config_.rtp.port == 0 || config_.rtp.port == 0xffff) return std::nullopt;
  const Endpoint next{config_.rtp.address, static_cast<std::uint16_t>(config_.rtp.port + 1)}; // RFC 3550 11
  return Path{config_.port.rtcp, next, {}};
}

} // namespace viadux
