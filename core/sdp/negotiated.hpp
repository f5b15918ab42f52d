// What both ends have agreed on: the result of offer/answer, ready for building a session. [any thread]
//
// Everything is told as seen from us: a line with direction sendonly is one where we send and the peer
// receives.
#pragma once

#include "core/sdp/codecs.hpp"
#include "core/sdp/description.hpp"
#include "core/sdp/h264.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::sdp {

// Ids of header extensions on a line; 0 is not agreed. All are one-byte ids (1 to 14). Within a bundle an id
// means the same on every line (RFC 9143 section 9.1), which negotiate() checks.
struct ExtensionIds {
  std::uint8_t mid = 0;
  std::uint8_t rid = 0;
  std::uint8_t repaired_rid = 0;
  std::uint8_t audio_level = 0;  // RFC 6464
  std::uint8_t transport_cc = 0; // transport-wide-cc, version 1
  std::uint8_t abs_send_time = 0;
  std::uint8_t video_orientation = 0;
  std::uint8_t playout_delay = 0;
  bool operator==(const ExtensionIds&) const = default;
};

struct NegotiatedCodec {
  CodecId id = CodecId::unknown;
  std::uint8_t payload_type = 0;                // what we send with
  std::uint8_t receive_payload_type = 0;        // what comes to us; differs only in answers to our own offers
  std::optional<std::uint8_t> rtx_payload_type; // RTX of the former; none: no RTX on this line
  std::optional<std::uint8_t> receive_rtx_payload_type;
  std::uint32_t clock_hz = 0;
  std::uint8_t channels = 1;
  std::uint32_t feedback = 0; // Feedback bits both sides do
  bool opus_fec = false;      // the peer wants in-band FEC in what we send
  bool opus_dtx = false;
  bool opus_stereo = false;
  // H.264: what we may send: profile and mode agreed, level and limits of the peer. Unset for other codecs.
  std::optional<H264Format> h264;
  bool operator==(const NegotiatedCodec&) const = default;
};

// One layer of what the peer sends. Known by rid (RFC 8853), by SSRC (a=ssrc-group:SIM, or one alone), or by
// nothing yet (rid empty, SSRC 0): then the first packet with the line's mid or payload type tells.
struct RemoteEncoding {
  std::string rid;
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;
  bool paused = false; // offered as paused ("~rid")
  bool operator==(const RemoteEncoding&) const = default;
};

// What we send a line with; written into our description (a=ssrc, FID, a=msid).
struct LocalSource {
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0; // 0 is none; left out where RTX is not agreed
  std::string cname;
  std::string stream_id; // msid
  std::string track_id;
  bool operator==(const LocalSource&) const = default;
};

struct NegotiatedLine {
  bool rejected = false; // port 0; nothing below but kind, content and mid counts
  Kind kind = Kind::audio;
  Content content = Content::main;
  std::string mid;                           // empty where the peer does not use it (SIP)
  Direction direction = Direction::inactive; // ours
  std::uint32_t transport = 0;               // index into Negotiated::transports
  std::vector<NegotiatedCodec> codecs; // the one in use first; then telephone-event, if any. Empty: not RTP
  ExtensionIds extensions;
  bool reduced_size_rtcp = false;
  std::vector<RemoteEncoding> encodings; // what the peer sends, as it ordered them; empty when it does not
  std::optional<LocalSource> local;      // what we send with, where direction has us send and one was given
  std::string remote_cname;
  std::string remote_msid;        // "stream track" of its first, or empty
  std::uint64_t max_send_bps = 0; // the peer's b= for this line, without overhead for TIAS; 0 is none
  std::uint16_t ptime_ms = 0;     // the peer's wish; 0 is none
  bool operator==(const NegotiatedLine&) const = default;
};

enum class Protection : std::uint8_t { none = 0, sdes = 1, dtls = 2 };

struct NegotiatedTransport {
  std::vector<std::uint32_t> lines; // indexes of the media lines it carries; the first gives the transport
  bool bundled = false;             // stands in a BUNDLE group
  bool rtcp_mux = true;
  bool ice = true;
  bool remote_ice_lite = false;
  std::string remote_ufrag;
  std::string remote_pwd;
  bool remote_trickles = false;
  std::vector<Candidate> remote_candidates;
  bool ice_restart = false; // ufrag or pwd differ from the previous negotiation's
  Protection protection = Protection::dtls;
  std::vector<Fingerprint>
      remote_fingerprints;            // the peer's certificate must match one whose algorithm we know
  Setup local_setup = Setup::passive; // passive: we are the DTLS server
  bool new_dtls_association =
      false;                 // fingerprints or tls-id differ from the previous negotiation's (RFC 8842)
  std::string remote_tls_id; // RFC 8842; empty where not said
  Crypto local_crypto;       // SDES: our key encrypts what we send
  Crypto remote_crypto;
  // Without ICE: where the peer says it receives.
  std::string remote_address;
  std::uint16_t remote_port = 0;
  std::uint16_t remote_rtcp_port = 0; // 0 when muxed
  bool operator==(const NegotiatedTransport&) const = default;
};

struct Negotiated {
  SessionDescription answer;         // ours from negotiate(); the peer's from accept_answer()
  Origin local_origin;               // of what we sent last; the next one counts its version up
  std::vector<NegotiatedLine> lines; // as many as media lines, in order
  std::vector<NegotiatedTransport> transports;
  bool operator==(const Negotiated&) const = default;
};

// Master key and salt of an SDES line, checked for the suite's length. Error: unsupported, or bad_argument.
Result<std::vector<std::uint8_t>> crypto_key(const Crypto& crypto);

} // namespace viadux::sdp
