// What the control thread hands to a worker: everything a session is made of. Plain data, made once, then
// only read.
#pragma once

#include "core/sdp/negotiated.hpp"
#include "core/session/media_control.hpp"
#include "core/transport/transport.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace viadux {

struct SessionPlan {
  SessionId session = 0;
  std::uint64_t room = 0;
  MediaRights rights;
  sdp::Negotiated negotiated;              // a line's index is the slot's index
  std::vector<TrackId> tracks;             // by line; 0 where the peer does not send
  std::vector<TransportConfig> transports; // as many as negotiated.transports
  std::string cname;
  std::uint32_t rtcp_ssrc = 0;                 // ours where we report without sending
  std::uint8_t dscp_audio = 0, dscp_video = 0; // on what we send it; 0 is no mark
  std::int64_t start_bps = 0, max_send_bps = 0, max_receive_bps = 0, floor_bps = 0;
  // Lines without ICE on which the peer may send: this long without RTP and RTCP ends the session. 0 is
  // never.
  std::int64_t rtp_timeout_us = 0;
};

} // namespace viadux
