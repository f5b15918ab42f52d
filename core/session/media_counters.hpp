// What the sessions of one worker count together. One thread writes, any may read.
#pragma once

#include "core/net/counters.hpp"

namespace viadux {

struct MediaCounters {
  Counter sessions_connected;
  Counter rtp_packets_in, rtp_bytes_in, rtp_packets_out, rtp_bytes_out;
  Counter rtp_unknown;                // in: no line or stream of the session takes it
  Counter rtp_malformed;              // in: not RTP, or a payload descriptor that does not add up
  Counter rtp_forbidden;              // in: the participant may not send this
  Counter nacks_sent, nacks_received; // sequence numbers asked for
  Counter retransmissions_in, retransmissions_out; // packets
  Counter retransmissions_refused;                 // asked for, but over the session's budget
  Counter recovered;                               // holes filled by a retransmission
  Counter given_up;                                // holes that nothing filled
  Counter key_frame_requests_in, key_frame_requests_out;
  Counter rtcp_malformed;
  Counter srtp_auth_failures, srtp_replays, transport_malformed, early_drops;
  Counter ssrc_limit_drops; // in: more SSRCs than a transport decrypts
  Counter ice_refused, dtls_failures;
  Counter probe_packets;
  Counter packets_paced;    // had to wait for a narrow link
  Counter backlogs_dropped; // waited for too long, and the picture began anew
  Counter slots_paused;
  Counter slots_incompatible; // a slot was to show a track whose codec it does not have
  Counter publisher_caps;     // REMB told because receivers take less than the publisher sends
  Counter channel_drops;      // packets for another worker that found the channel full
  Counter port_drops;         // likewise for a track port's thread
};

} // namespace viadux
