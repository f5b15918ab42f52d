// Offer/answer, both ways: RFC 3264, RFC 8829 (JSEP), RFC 9143 (BUNDLE). [any thread]
//
//   auto offer = sdp::parse(text, sdp::Profile::webrtc);
//   sdp::LocalCapabilities local;             // our ufrag, fingerprints, candidates, the room's codec, ...
//   local.lines.resize(offer->media.size());  // rights and SSRCs for each line
//   auto agreed = sdp::negotiate(*offer, local, std::nullopt);
//   send(sdp::write(agreed->answer));
#pragma once

#include "core/sdp/negotiated.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::sdp {

// What we want of one media line, by its index.
struct LocalLine {
  bool peer_may_send = true; // rights: without it the peer's sending is answered away
  bool peer_may_receive = true;
  bool refuse = false; // answer with port 0; the first line of a bundle that others need is kept, inactive
  std::optional<LocalSource> source;    // for lines on which we may send
  std::uint64_t max_receive_bps = 0;    // b=TIAS in ours: what the peer may send; 0 says nothing
  std::optional<MediaLine> plugin_line; // of kinds we do not know (BFCP, H.224): written as it is
  // Without ICE: our own port pair for the line.
  std::string address; // c=; empty takes LocalCapabilities::address
  std::uint16_t port = 0;
  std::uint16_t rtcp_port = 0; // 0: port + 1, or muxed where the peer can
};

// What this side can and allows.
struct LocalCapabilities {
  Profile profile = Profile::webrtc;
  std::uint64_t session_id = 0;      // o=; of one session always the same, below 2^63
  std::string address = "127.0.0.1"; // o= and c=

  // Transport. Without ufrag there is no ICE (sip only).
  std::string ice_ufrag;
  std::string ice_pwd;
  bool ice_lite = true;
  std::vector<Candidate> candidates;     // all we have; the answer says end-of-candidates after them
  std::vector<Fingerprint> fingerprints; // of our certificate; empty: no DTLS (sip only)
  Setup setup = Setup::passive;          // our wish where the peer leaves the choice
  std::vector<Crypto> crypto; // SDES in our order, one key for each suite, used where the peer has no DTLS
  bool allow_unprotected = false; // plain RTP, sip only

  // Media. Order is preference among what the offer has.
  std::vector<CodecId> audio = {CodecId::opus};
  std::vector<CodecId> video = {CodecId::vp8}; // the room's codec; one of them is taken, with its RTX
  // H.264 in order of preference: profile, our level, packetization mode. The offer's first that fits the
  // first.
  std::vector<H264Format> h264 = {
      {H264Profile::constrained_baseline, 31, 1, true, 0, 0, 0},
      {H264Profile::constrained_baseline, 31, 0, true, 0, 0, 0},
      {H264Profile::high, 31, 1, true, 0, 0, 0},
      {H264Profile::constrained_high, 31, 1, true, 0, 0, 0},
      {H264Profile::high, 31, 0, true, 0, 0, 0},
      {H264Profile::constrained_high, 31, 0, true, 0, 0, 0},
  };
  std::uint32_t feedback = feedback_nack | feedback_nack_pli | feedback_ccm_fir | feedback_transport_cc |
                           feedback_goog_remb | feedback_ccm_tmmbr;
  bool whole_offer =
      false; // refuse the offer where one of its lines cannot be taken (RFC 9725 section 4.4.3)
  bool header_extensions = true;
  bool rtx = true;
  std::uint32_t max_rids = 3; // simulcast layers taken of a line; 0 or 1: none
  bool opus_fec = true;
  bool opus_dtx = true;

  std::vector<LocalLine> lines; // by index; lines beyond it get LocalLine{}
};

// Whether an offer restarts ICE: then take a new ufrag and pwd before answering (RFC 8445 section 9).
bool restarts_ice(const SessionDescription& offer, const Negotiated& previous);

// Answers an offer. `previous` is the last result of this session, on a later offer.
// Errors: bad_argument ("sdp_invalid": what the offer lacks or contradicts, with the media line's number from
// 0), unsupported ("sdp_no_media": not one line could be accepted; "sdp_not_whole": some could not, and
// `whole_offer` wants all). Single lines that do not fit are rejected in place.
Result<Negotiated> negotiate(const SessionDescription& offer, const LocalCapabilities& local,
                             const std::optional<Negotiated>& previous);

// A line of an offer of ours.
struct WantedLine {
  Kind kind = Kind::audio; // audio or video
  Content content = Content::main;
  Direction direction = Direction::sendrecv; // ours
  std::string mid;                           // empty: its index
};

// Our offer: bundled with ICE, or a port for each line without. `previous` keeps o= going.
// Errors: bad_argument when capabilities leave a line without codec or transport.
Result<SessionDescription> make_offer(const LocalCapabilities& local, std::span<const WantedLine> wanted,
                                      const std::optional<Negotiated>& previous = std::nullopt);

// The peer's answer to our `offer`. A peer without ICE may answer an offer with it: then the transport says
// so. Errors: bad_argument ("sdp_invalid") when the answer does not answer it.
Result<Negotiated> accept_answer(const SessionDescription& offer, const SessionDescription& answer,
                                 const std::optional<Negotiated>& previous = std::nullopt);

} // namespace viadux::sdp
