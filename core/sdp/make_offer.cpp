// Offers of our own, and the answers to them (SIP without an offer in the INVITE).
#include "core/sdp/media_line.hpp"
#include "core/sdp/negotiate_steps.hpp"

#include <algorithm>

namespace viadux::sdp {
namespace {

std::string_view protocol_of(const LocalCapabilities& local, bool ice) {
  const bool dtls = !local.fingerprints.empty();
  if (ice || (dtls && local.crypto.empty())) return dtls ? "UDP/TLS/RTP/SAVPF" : "RTP/SAVPF";
  // Keys on an AVP line let the peer choose (RFC 8643); on SAVP it must encrypt.
  if (local.allow_unprotected) return "RTP/AVP";
  return "RTP/SAVP";
}

std::optional<Error> check(const LocalCapabilities& local) {
  if (local.ice_ufrag.empty() && local.profile == Profile::webrtc)
    return invalid_description("an offer of profile webrtc needs an ICE ufrag");
  const bool protectable = !local.fingerprints.empty() || !local.crypto.empty();
  if (!protectable && (!local.allow_unprotected || !local.ice_ufrag.empty()))
    return invalid_description("an offer needs a fingerprint or crypto keys");
  return std::nullopt;
}

void write_transport(const LocalCapabilities& local, const LocalLine& ours, bool ice, MediaLine& line) {
  auto& transport = line.transport;
  transport.rtcp_mux = true;
  if (ice) {
    transport.ice_ufrag = local.ice_ufrag;
    transport.ice_pwd = local.ice_pwd;
    transport.ice_options = {"trickle", "ice2"};
    transport.candidates = local.candidates;
    transport.end_of_candidates = true;
    set_default_destination(local.candidates, line);
  } else {
    line.port = ours.port;
    line.connection = ours.address.empty() ? local.address : ours.address;
    if (ours.rtcp_port != 0 && ours.rtcp_port != ours.port + 1) transport.rtcp_port = ours.rtcp_port;
    transport.crypto = local.crypto;
    for (std::size_t i = 0; i < transport.crypto.size(); ++i)
      transport.crypto[i].tag = static_cast<std::uint32_t>(i + 1);
  }
  if (line.protocol.find("/TLS/") == std::string::npos) return;
  transport.fingerprints = local.fingerprints;
  transport.setup = Setup::actpass; // RFC 5763 section 5
}

Result<MediaLine> offer_line(std::size_t index, const WantedLine& wanted, const LocalCapabilities& local,
                             const LocalLine& ours, bool ice) {
  if (ours.plugin_line) return *ours.plugin_line;
  MediaLine line;
  line.kind = wanted.kind;
  line.media = wanted.kind == Kind::audio ? "audio" : "video";
  line.protocol = protocol_of(local, ice);
  line.content = wanted.content;
  line.content_said = wanted.content == Content::slides;
  line.direction = both(wanted.direction, direction_of(ours.peer_may_receive, ours.peer_may_send));
  line.codecs = offered_codecs(wanted.kind, local);
  line.bandwidth_tias_bps = ours.max_receive_bps;
  line.rtcp_reduced_size = local.profile == Profile::webrtc;
  if (line.codecs.empty())
    return invalid_description("line " + std::to_string(index) + " of our offer has no codec");
  if (!ice && ours.port == 0)
    return invalid_description("line " + std::to_string(index) + " of our offer has no port");
  if (local.header_extensions && ice) line.extensions = offered_extensions(wanted.kind);
  write_transport(local, ours, ice, line);
  if (sends(line.direction) && ours.source)
    write_local_source(*ours.source, local.rtx && wanted.kind == Kind::video, line);
  return line;
}

} // namespace

Result<SessionDescription> make_offer(const LocalCapabilities& local, std::span<const WantedLine> wanted,
                                      const std::optional<Negotiated>& previous) {
  if (auto wrong = check(local)) return std::move(*wrong);
  const bool ice = !local.ice_ufrag.empty();
  SessionDescription offer;
  offer.origin = {"-", local.session_id, previous ? previous->local_origin.version + 1 : 1, local.address};
  offer.ice_lite = ice && local.ice_lite;
  Group bundle{"BUNDLE", {}};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto line = offer_line(i, wanted[i], local, i < local.lines.size() ? local.lines[i] : LocalLine{}, ice);
    if (!line) return line.error();
    // Room systems without ICE do not know mids, and some are confused by them.
    if (ice || !wanted[i].mid.empty()) line->mid = wanted[i].mid.empty() ? std::to_string(i) : wanted[i].mid;
    if (ice && is_rtp(line->protocol)) bundle.mids.push_back(line->mid);
    offer.media.push_back(std::move(*line));
  }
  if (!bundle.mids.empty()) offer.groups.push_back(std::move(bundle));
  return offer;
}

namespace {

Result<void> check_answer_line(std::size_t index, const MediaLine& offer, const MediaLine& answer) {
  const auto name = "the answer's " + line_name(index, answer);
  if (offer.media != answer.media) return invalid_description(name + " answers a line of " + offer.media);
  if (answer.rejected()) return {};
  if (offer.rejected()) return invalid_description(name + " takes a line that we closed");
  if (!answer.mid.empty() && answer.mid != offer.mid)
    return invalid_description(name + " has another mid than offered");
  if (!is_rtp(offer.protocol)) return {};
  const bool common = std::any_of(answer.codecs.begin(), answer.codecs.end(), [&](const Codec& codec) {
    return std::any_of(offer.codecs.begin(), offer.codecs.end(),
                       [&](const Codec& ours) { return same_format(ours, codec); });
  });
  if (!common) return invalid_description(name + " has none of the codecs offered");
  return {};
}

// What we offered encrypted stays so: an answer cannot take the keys away.
Result<void> check_protection(const SessionDescription& offer, const NegotiatedTransport& transport) {
  const auto& line = offer.media[transport.lines.front()];
  const bool must = is_rtp(line.protocol) && line.protocol.find("RTP/AVP") == std::string::npos;
  if (transport.protection == Protection::dtls && !transport.remote_fingerprints.empty()) return {};
  if (transport.protection == Protection::sdes &&
      same(transport.local_crypto.suite, transport.remote_crypto.suite) &&
      crypto_key(transport.remote_crypto))
    return {};
  if (transport.protection == Protection::none && !must) return {};
  return invalid_description("the answer has no usable keys for " + line_name(transport.lines.front(), line) +
                             ", which we offered encrypted");
}

bool in_bundle(const SessionDescription& description, const std::string& mid) {
  return std::any_of(description.groups.begin(), description.groups.end(), [&](const Group& group) {
    return group.semantics == "BUNDLE" &&
           std::find(group.mids.begin(), group.mids.end(), mid) != group.mids.end();
  });
}

} // namespace

Result<Negotiated> accept_answer(const SessionDescription& offer, const SessionDescription& answer,
                                 const std::optional<Negotiated>& previous) {
  if (offer.media.size() != answer.media.size())
    return invalid_description("the answer has " + std::to_string(answer.media.size()) +
                               " media lines, the offer " + std::to_string(offer.media.size()));
  for (std::size_t i = 0; i < answer.media.size(); ++i) {
    auto fits = check_answer_line(i, offer.media[i], answer.media[i]);
    if (!fits) return fits.error();
    // A rejected line leaves its group (RFC 9143 section 7.3), and could not give the others their transport.
    if (answer.media[i].rejected() && in_bundle(answer, answer.media[i].mid))
      return invalid_description("the answer's " + line_name(i, answer.media[i]) +
                                 " is rejected, but bundled");
  }
  auto agreed = agree(offer, answer, false, previous);
  if (!agreed) return agreed;
  for (const auto& transport : agreed->transports) {
    auto safe = check_protection(offer, transport);
    if (!safe) return safe.error();
  }
  return agreed;
}

} // namespace viadux::sdp
