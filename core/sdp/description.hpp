// The session description: what an SDP text says, as plain structs. The core alone turns SDP into it
// (parser.hpp) and back (writer.hpp); H.323 builds the same from logical channels. Values only: any thread,
// no ownership.
//
// Attributes that SDP allows at session level (ICE, fingerprints, setup, direction, connection, extensions)
// are folded into each media line by the parser, so a reader looks in one place. What is not understood stays
// in `other_lines`, in order, without its line ending.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace viadux::sdp {

// webrtc follows RFC 8829 (ICE, DTLS-SRTP and rtcp-mux are required); sip takes what room systems of twenty
// years send.
enum class Profile : std::uint8_t { webrtc = 1, sip = 2 };

enum class Kind : std::uint8_t { audio = 1, video = 2, application = 3, other = 4 };
enum class Content : std::uint8_t { main = 1, slides = 2 }; // a=content (RFC 4796); none said is main

// Bit 0: whoever wrote the description sends; bit 1: it receives.
enum class Direction : std::uint8_t { inactive = 0, sendonly = 1, recvonly = 2, sendrecv = 3 };
constexpr bool sends(Direction d) {
  return (static_cast<unsigned>(d) & 1U) != 0;
}
constexpr bool receives(Direction d) {
  return (static_cast<unsigned>(d) & 2U) != 0;
}
constexpr Direction direction_of(bool sends, bool receives) {
  return static_cast<Direction>((sends ? 1U : 0U) | (receives ? 2U : 0U));
}
// The same line as its other end sees it.
constexpr Direction reversed(Direction d) {
  return direction_of(receives(d), sends(d));
}
constexpr Direction both(Direction a, Direction b) {
  return direction_of(sends(a) && sends(b), receives(a) && receives(b));
}

// a=setup (RFC 4145, RFC 8842): who begins DTLS, or the TCP connection.
enum class Setup : std::uint8_t { none = 0, active = 1, passive = 2, actpass = 3, holdconn = 4 };

struct Origin {
  std::string username = "-";
  std::uint64_t session_id = 0;
  std::uint64_t version = 0;
  std::string address = "127.0.0.1"; // an IPv6 literal is written with IP6
  bool operator==(const Origin&) const = default;
};

struct Fingerprint {
  std::string algorithm; // lower case: sha-256, sha-384, sha-512, sha-1
  std::string value;     // upper-case hex pairs with colons, checked for the algorithm's length
  bool operator==(const Fingerprint&) const = default;
};

enum class CandidateType : std::uint8_t { host = 1, srflx = 2, prflx = 3, relay = 4 };
enum class CandidateTransport : std::uint8_t { udp = 1, tcp = 2 };
enum class TcpType : std::uint8_t { none = 0, active = 1, passive = 2, so = 3 }; // RFC 6544

struct Candidate { // RFC 8839 section 5.1
  std::string foundation;
  std::uint16_t component = 1; // 1 RTP (and RTCP when muxed), 2 RTCP
  CandidateTransport transport = CandidateTransport::udp;
  std::uint32_t priority = 0;
  std::string address; // an IP literal, or a name (mDNS .local)
  std::uint16_t port = 0;
  CandidateType type = CandidateType::host;
  std::string related_address;
  std::uint16_t related_port = 0;
  TcpType tcp_type = TcpType::none;
  std::string extensions; // "generation 0 ufrag abcd", as written
  bool operator==(const Candidate&) const = default;
};

struct Crypto { // RFC 4568 (SDES)
  std::uint32_t tag = 1;
  std::string suite;              // AES_CM_128_HMAC_SHA1_80, AEAD_AES_128_GCM, ...
  std::string key;                // base64 of master key and salt, without "inline:"
  std::string key_details;        // "2^20|1:4" after the key, as written, or nothing
  std::string session_parameters; // UNENCRYPTED_SRTP and the like; nothing is the only thing we accept
  bool operator==(const Crypto&) const = default;
};

// How a media line's packets travel. Of bundled lines the group's first speaks for all (RFC 9143 section 7).
struct TransportDescription {
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<std::string> ice_options;
  std::vector<Fingerprint> fingerprints;
  Setup setup = Setup::none;
  std::string tls_id;
  std::vector<Candidate> candidates;
  bool end_of_candidates = false;
  bool rtcp_mux = false;
  bool rtcp_mux_only = false;
  std::uint16_t rtcp_port = 0; // a=rtcp (RFC 3605); 0 is not said
  std::string rtcp_address;    // likewise
  std::vector<Crypto> crypto;
  bool operator==(const TransportDescription&) const = default;
};

// a=rtcp-fb kinds as bits of Codec::feedback.
enum Feedback : std::uint32_t {
  feedback_nack = 1U << 0,
  feedback_nack_pli = 1U << 1,
  feedback_ccm_fir = 1U << 2,
  feedback_transport_cc = 1U << 3,
  feedback_goog_remb = 1U << 4,
  feedback_ccm_tmmbr = 1U << 5,
};

struct Parameter {
  std::string name; // as written; compare with sdp::same()
  std::string value;
  bool operator==(const Parameter&) const = default;
};

// One payload type of a line. RTX (RFC 4588) is a codec of its own with the parameter apt; codecs.hpp pairs
// them.
struct Codec {
  std::uint8_t payload_type = 0;
  std::string name; // as written: "opus", "VP8", "H264", "rtx"
  std::uint32_t clock_hz = 0;
  std::uint8_t channels = 1;
  std::string fmtp;                  // as written, without the payload type
  std::vector<Parameter> parameters; // fmtp taken apart at ';'
  std::uint32_t feedback = 0;        // Feedback bits; a=rtcp-fb:* is folded in
  std::vector<std::string> other_feedback;
  bool operator==(const Codec&) const = default;
};

struct HeaderExtension { // RFC 8285
  std::uint16_t id = 0;
  Direction direction = Direction::sendrecv;
  std::string uri;
  std::string attributes;
  bool operator==(const HeaderExtension&) const = default;
};

struct Rid { // RFC 8851
  std::string id;
  bool send = true;
  std::vector<std::uint8_t> payload_types;
  std::vector<Parameter> restrictions; // max-width, max-fps, ...
  bool operator==(const Rid&) const = default;
};

struct SimulcastRid {
  std::string rid;
  bool paused = false; // "~" before it
  bool operator==(const SimulcastRid&) const = default;
};
using SimulcastStream = std::vector<SimulcastRid>; // alternatives, the preferred first

struct Simulcast { // RFC 8853; in the order written
  std::vector<SimulcastStream> send;
  std::vector<SimulcastStream> recv;
  bool operator==(const Simulcast&) const = default;
};

struct Source { // a=ssrc (RFC 5576)
  std::uint32_t ssrc = 0;
  std::string cname;
  std::string msid;
  bool operator==(const Source&) const = default;
};

struct SourceGroup { // a=ssrc-group: FID pairs media with RTX, SIM lists simulcast layers
  std::string semantics;
  std::vector<std::uint32_t> ssrcs;
  bool operator==(const SourceGroup&) const = default;
};

struct Msid { // RFC 8830; stream "-" is no stream
  std::string stream;
  std::string track;
  bool operator==(const Msid&) const = default;
};

struct MediaLine {
  Kind kind = Kind::audio;
  std::string media;      // the word of the m= line, also for kinds we do not know
  std::uint16_t port = 9; // 0 is rejected, unless bundle_only
  std::uint16_t port_count = 1;
  std::string protocol;             // "UDP/TLS/RTP/SAVPF", "RTP/AVP", "UDP/BFCP", ...
  std::vector<std::string> formats; // of lines that are not RTP, as written; RTP lines have codecs instead
  std::string connection;           // c= address in force for this line; empty when nothing was said
  std::string mid;                  // empty when not said (SIP)
  bool bundle_only = false;
  Content content = Content::main;
  bool content_said = false; // a=content stood there, and is written
  std::string label;         // a=label (RFC 4574): BFCP names floors by it
  Direction direction = Direction::sendrecv;
  TransportDescription transport;
  std::vector<Codec> codecs; // in order of preference
  std::vector<HeaderExtension> extensions;
  bool extmap_allow_mixed = false;
  bool rtcp_reduced_size = false;
  std::vector<Rid> rids;
  std::optional<Simulcast> simulcast;
  std::vector<Source> sources;
  std::vector<SourceGroup> source_groups;
  std::vector<Msid> msids;
  std::uint64_t bandwidth_as_bps = 0; // b=AS, in bit/s; 0 is not said
  std::uint64_t bandwidth_tias_bps = 0;
  std::uint16_t ptime_ms = 0; // 0 is not said
  std::uint16_t maxptime_ms = 0;
  std::vector<std::string> other_lines; // whole lines, "a=floorctrl:c-s"

  bool rejected() const { return port == 0 && !bundle_only; }
  bool operator==(const MediaLine&) const = default;
};

struct Group { // RFC 5888: BUNDLE, LS
  std::string semantics;
  std::vector<std::string> mids;
  bool operator==(const Group&) const = default;
};

struct SessionDescription {
  Origin origin;
  std::string name = "-";
  std::vector<Group> groups;
  bool ice_lite = false;
  std::uint64_t bandwidth_as_bps = 0; // of the whole session
  std::uint64_t bandwidth_tias_bps = 0;
  std::vector<MediaLine> media;         // in order; the index is the line's name in the code
  std::vector<std::string> other_lines; // of the session level
  bool operator==(const SessionDescription&) const = default;
};

} // namespace viadux::sdp
