// What an offer and its answer come to, read from both.
#include "core/sdp/negotiate_steps.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>

namespace viadux::sdp {
namespace {

// Both documents, by who wrote them and by what they are.
struct Exchange {
  const SessionDescription& offer;
  const SessionDescription& answer;
  const SessionDescription& local;
  const SessionDescription& remote;
  bool answer_is_ours;
};

// The offered payload type that an answered one stands for: the same number, else the same format.
const Codec* offered_as(const MediaLine& offer, const Codec& answered) {
  const auto* by_number = find_codec(offer, answered.payload_type);
  if (by_number != nullptr && same_format(*by_number, answered)) return by_number;
  for (const auto& codec : offer.codecs)
    if (same_format(codec, answered)) return &codec;
  return nullptr;
}

std::optional<std::uint8_t> rtx_type(const MediaLine& line, std::uint8_t payload_type) {
  const auto* rtx = find_rtx(line, payload_type);
  return rtx == nullptr ? std::nullopt : std::optional(rtx->payload_type);
}

bool flag(const Codec& codec, std::string_view name) {
  return number_parameter(codec, name) == 1U;
}

// What we may send: the peer's limits, and its level alone where both know of asymmetry (RFC 6184
// section 8.2.2).
std::optional<H264Format> sendable_h264(const Codec& local, const Codec& remote) {
  const auto ours = h264_format(local);
  auto theirs = h264_format(remote);
  if (!ours || !theirs) return std::nullopt;
  theirs->level_asymmetry_allowed = theirs->level_asymmetry_allowed && ours->level_asymmetry_allowed;
  if (!theirs->level_asymmetry_allowed) theirs->level = std::min(theirs->level, ours->level);
  return theirs;
}

NegotiatedCodec agreed_codec(const Codec& local, const MediaLine& local_line, const Codec& remote,
                             const MediaLine& remote_line) {
  NegotiatedCodec agreed;
  agreed.id = identify(local);
  agreed.payload_type =
      remote.payload_type; // what the peer listed is what it receives (RFC 3264 section 5.1)
  agreed.receive_payload_type = local.payload_type;
  const auto send_rtx = rtx_type(remote_line, remote.payload_type);
  const auto receive_rtx = rtx_type(local_line, local.payload_type);
  if (send_rtx && receive_rtx) {
    agreed.rtx_payload_type = send_rtx;
    agreed.receive_rtx_payload_type = receive_rtx;
  }
  agreed.clock_hz = local.clock_hz;
  agreed.channels = local.channels;
  agreed.feedback = local.feedback & remote.feedback;
  if (agreed.id == CodecId::opus) {
    agreed.opus_fec = flag(remote, "useinbandfec");
    agreed.opus_dtx = flag(remote, "usedtx");
    agreed.opus_stereo = flag(remote, "stereo");
  }
  if (agreed.id == CodecId::h264) agreed.h264 = sendable_h264(local, remote);
  return agreed;
}

std::vector<NegotiatedCodec> agreed_codecs(const Exchange& exchange, std::size_t index) {
  const auto& offer = exchange.offer.media[index];
  const auto& answer = exchange.answer.media[index];
  std::vector<NegotiatedCodec> codecs;
  for (const auto& answered : answer.codecs) {
    const auto id = identify(answered);
    const auto* offered = id == CodecId::rtx ? nullptr : offered_as(offer, answered);
    if (offered == nullptr) continue;
    const auto codec = exchange.answer_is_ours ? agreed_codec(answered, answer, *offered, offer)
                                               : agreed_codec(*offered, offer, answered, answer);
    // What is used stands first; telephone-event is only ever beside it.
    const bool beside = id == CodecId::telephone_event;
    codecs.insert(beside ? codecs.end()
                         : std::find_if(codecs.begin(), codecs.end(),
                                        [](const NegotiatedCodec& other) {
                                          return other.id == CodecId::telephone_event;
                                        }),
                  codec);
  }
  return codecs;
}

NegotiatedLine agreed_line(const Exchange& exchange, std::size_t index) {
  const auto& local = exchange.local.media[index];
  const auto& remote = exchange.remote.media[index];
  NegotiatedLine line;
  line.kind = exchange.offer.media[index].kind;
  line.content = exchange.offer.media[index].content;
  line.mid = exchange.offer.media[index].mid;
  line.rejected = exchange.answer.media[index].rejected();
  if (line.rejected) return line;
  line.direction = both(local.direction, reversed(remote.direction));
  line.codecs = agreed_codecs(exchange, index);
  line.extensions = agreed_extensions(exchange.offer.media[index], exchange.answer.media[index]);
  line.reduced_size_rtcp = local.rtcp_reduced_size && remote.rtcp_reduced_size;
  if (receives(line.direction) && !line.codecs.empty()) line.encodings = remote_encodings(local, remote);
  if (sends(line.direction)) line.local = read_local_source(local);
  if (line.local && (line.codecs.empty() || !line.codecs.front().rtx_payload_type)) line.local->rtx_ssrc = 0;
  if (!remote.sources.empty()) line.remote_cname = remote.sources.front().cname;
  if (!remote.msids.empty())
    line.remote_msid = remote.msids.front().stream + (remote.msids.front().track.empty() ? "" : " ") +
                       remote.msids.front().track;
  line.max_send_bps = remote.bandwidth_tias_bps != 0 ? remote.bandwidth_tias_bps : remote.bandwidth_as_bps;
  line.ptime_ms = remote.ptime_ms;
  return line;
}

// Our DTLS role, from both a=setup lines.
Setup local_role(const Exchange& exchange, Setup local, Setup remote) {
  if (exchange.answer_is_ours) return local == Setup::active ? Setup::active : Setup::passive;
  return answer_setup(remote, Setup::passive); // we offered actpass; an answer that leaves it open is active
}

Crypto crypto_with_tag(const std::vector<Crypto>& all, std::uint32_t tag) {
  const auto found =
      std::find_if(all.begin(), all.end(), [tag](const Crypto& crypto) { return crypto.tag == tag; });
  return found == all.end() ? Crypto{} : *found;
}

void read_protection(const Exchange& exchange, const TransportDescription& local,
                     const TransportDescription& remote, NegotiatedTransport& agreed) {
  const auto& answered = exchange.answer_is_ours ? local : remote;
  if (!answered.fingerprints.empty()) {
    agreed.protection = Protection::dtls;
    agreed.remote_fingerprints = remote.fingerprints;
    agreed.local_setup = local_role(exchange, local.setup, remote.setup);
  } else if (!answered.crypto.empty()) {
    const auto tag = answered.crypto.front().tag;
    agreed.protection = Protection::sdes;
    agreed.local_crypto = crypto_with_tag(local.crypto, tag);
    agreed.remote_crypto = crypto_with_tag(remote.crypto, tag);
  } else {
    agreed.protection = Protection::none;
  }
}

// Where a peer without ICE receives (RFC 3264 section 5.1, RFC 3605).
void read_destination(const MediaLine& remote, NegotiatedTransport& agreed) {
  agreed.remote_address = remote.connection;
  agreed.remote_port = remote.port;
  if (agreed.rtcp_mux) return;
  const auto next = static_cast<std::uint16_t>(remote.port + 1);
  agreed.remote_rtcp_port = remote.transport.rtcp_port != 0 ? remote.transport.rtcp_port : next;
}

void compare_with_previous(const NegotiatedTransport* before, NegotiatedTransport& agreed) {
  if (before == nullptr) {
    agreed.new_dtls_association = agreed.protection == Protection::dtls;
    return;
  }
  agreed.ice_restart =
      agreed.ice && before->ice &&
      (agreed.remote_ufrag != before->remote_ufrag || agreed.remote_pwd != before->remote_pwd);
  agreed.new_dtls_association =
      agreed.protection == Protection::dtls &&
      (before->protection != Protection::dtls || agreed.remote_fingerprints != before->remote_fingerprints ||
       agreed.local_setup != before->local_setup || agreed.remote_tls_id != before->remote_tls_id);
}

struct Bundles {
  std::vector<int> offer;
  std::vector<int> answer;
};

NegotiatedTransport agreed_transport(const Exchange& exchange, const Bundles& bundles,
                                     const std::vector<std::uint32_t>& lines,
                                     const std::optional<Negotiated>& previous) {
  const auto first = lines.front();
  const auto& remote_bundles = exchange.answer_is_ours ? bundles.offer : bundles.answer;
  const auto& local = exchange.local.media[first];
  const auto& remote = exchange.remote.media[first];
  const auto& source = transport_line(exchange.remote, remote_bundles, first).transport;
  const auto& answered = exchange.answer.media[first].transport;
  NegotiatedTransport agreed;
  agreed.lines = lines;
  agreed.bundled = bundles.answer[first] >= 0;
  agreed.rtcp_mux = answered.rtcp_mux;
  agreed.ice = !answered.ice_ufrag.empty() && !source.ice_ufrag.empty() && !local.transport.ice_ufrag.empty();
  agreed.remote_tls_id = source.tls_id;
  if (agreed.ice) {
    agreed.remote_ice_lite = exchange.remote.ice_lite;
    agreed.remote_ufrag = source.ice_ufrag;
    agreed.remote_pwd = source.ice_pwd;
    agreed.remote_trickles = std::find(source.ice_options.begin(), source.ice_options.end(), "trickle") !=
                             source.ice_options.end();
    agreed.remote_candidates = bundle_candidates(exchange.remote, remote_bundles, first);
  } else {
    read_destination(remote, agreed);
  }
  read_protection(exchange, local.transport, source, agreed);
  compare_with_previous(previous_transport(previous, first), agreed);
  return agreed;
}

} // namespace

const NegotiatedTransport* previous_transport(const std::optional<Negotiated>& previous, std::size_t index) {
  if (!previous || index >= previous->lines.size() || previous->lines[index].rejected) return nullptr;
  const auto transport = previous->lines[index].transport;
  return transport < previous->transports.size() ? &previous->transports[transport] : nullptr;
}

Result<Negotiated> agree(const SessionDescription& offer, const SessionDescription& answer,
                         bool answer_is_ours, const std::optional<Negotiated>& previous) {
  auto offer_bundles = bundles_of(offer);
  if (!offer_bundles) return offer_bundles.error();
  auto answer_bundles = bundles_of(answer);
  if (!answer_bundles) return answer_bundles.error();
  const Bundles bundles{std::move(*offer_bundles), std::move(*answer_bundles)};
  const Exchange exchange{offer, answer, answer_is_ours ? answer : offer, answer_is_ours ? offer : answer,
                          answer_is_ours};

  Negotiated agreed;
  agreed.answer = answer;
  agreed.local_origin = exchange.local.origin;
  for (std::size_t i = 0; i < answer.media.size(); ++i)
    agreed.lines.push_back(agreed_line(exchange, i));
  std::vector<bool> done(answer.media.size(), false);
  for (std::size_t i = 0; i < answer.media.size(); ++i) {
    if (done[i] || agreed.lines[i].rejected) continue;
    std::vector<std::uint32_t> lines{static_cast<std::uint32_t>(i)};
    if (bundles.answer[i] >= 0) {
      lines.clear(); // in the group's order, since its first line gives the transport
      for (const auto& mid : answer.groups[static_cast<std::size_t>(bundles.answer[i])].mids)
        for (std::size_t k = 0; k < answer.media.size(); ++k)
          if (answer.media[k].mid == mid && !agreed.lines[k].rejected)
            lines.push_back(static_cast<std::uint32_t>(k));
    }
    for (const auto line : lines) {
      done[line] = true;
      agreed.lines[line].transport = static_cast<std::uint32_t>(agreed.transports.size());
    }
    agreed.transports.push_back(agreed_transport(exchange, bundles, lines, previous));
  }
  return agreed;
}

} // namespace viadux::sdp
