// Session descriptions as this peer reads and writes them. Not a general parser: just enough to be a peer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::bench {

constexpr const char* uri_audio_level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
constexpr const char* uri_transport_cc =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
constexpr const char* uri_mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
constexpr const char* uri_rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
constexpr const char* uri_repaired_rid = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";

struct Candidate {
  std::string address;
  std::uint16_t port = 0;
};

struct MediaLine {
  std::string kind; // "audio", "video", "application"
  bool rejected = false;
  std::string mid;
  std::string direction = "sendrecv";
  std::string ufrag, password, fingerprint, setup;
  std::uint8_t payload_type = 0; // of VP8 or Opus; 0 when not offered
  std::uint8_t rtx_payload_type = 0;
  std::map<std::string, std::uint8_t> extensions; // URI to id
  std::vector<std::string> receive_rids;          // simulcast layers that the other side takes
  std::uint32_t ssrc = 0;                         // the first announced one
  std::uint32_t rtx_ssrc = 0;                     // by its FID group
  std::vector<Candidate> candidates;              // UDP, IPv4, host or otherwise

  std::uint8_t extension(const char* uri) const {
    const auto found = extensions.find(uri);
    return found == extensions.end() ? 0 : found->second;
  }
};

struct Description {
  bool ice_lite = false;
  std::vector<MediaLine> lines; // session-level ICE and DTLS attributes are copied into each
};

Result<Description> parse_sdp(const std::string& text);

struct LocalTransport {
  std::string ufrag, password, fingerprint;
  std::string address;
  std::uint16_t port = 0;
};

struct OfferLine {
  std::string kind;
  bool send = false;
  std::uint32_t ssrc = 0; // of what it sends
  std::uint32_t rtx_ssrc = 0;
  std::vector<std::string> rids; // simulcast, the largest first
  bool receive = false;          // as well as send
};

std::string write_offer(const LocalTransport& local, const std::string& setup,
                        const std::vector<OfferLine>& lines);
// Takes every line that is offered, receiving only, as the DTLS client.
std::string write_answer(const LocalTransport& local, const Description& offer);

} // namespace viadux::bench
