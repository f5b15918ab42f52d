// From an offer to a plan: what the engine agrees with the peer, and what it tells the worker of it.
#include "core/session/engine.hpp"

#include "core/log/log.hpp"
#include "core/sdp/codecs.hpp"
#include "core/sdp/negotiate.hpp"
#include "core/sdp/parser.hpp"
#include "core/sdp/writer.hpp"
#include "core/session/incoming.hpp"
#include "core/session/media_worker.hpp"
#include "core/session/random.hpp"
#include "core/transport/candidates.hpp"
#include "core/transport/sdes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace viadux {
namespace {

sdp::Candidate to_sdp(const Candidate& from) {
  sdp::Candidate to;
  to.foundation = from.foundation;
  to.transport = from.tcp ? sdp::CandidateTransport::tcp : sdp::CandidateTransport::udp;
  to.tcp_type = from.tcp ? sdp::TcpType::passive : sdp::TcpType::none;
  to.priority = from.priority;
  to.address = from.endpoint.address.to_string();
  to.port = from.endpoint.port;
  to.type = sdp::CandidateType::host;
  return to;
}

sdp::Fingerprint to_sdp(const Fingerprint& from) {
  const std::string text = from.to_string();
  const auto space = text.find(' ');
  return {text.substr(0, space), text.substr(space + 1)};
}

sdp::Profile to_sdp(SdpProfile profile) {
  return profile == SdpProfile::webrtc ? sdp::Profile::webrtc : sdp::Profile::sip;
}

MediaKind kind_of(const sdp::NegotiatedLine& line) {
  return line.kind == sdp::Kind::audio ? MediaKind::audio : MediaKind::video;
}
MediaContent content_of(const sdp::NegotiatedLine& line) {
  return line.content == sdp::Content::slides ? MediaContent::slides : MediaContent::main;
}

bool may_send(const MediaRights& rights, sdp::Kind kind, sdp::Content content) {
  if (kind == sdp::Kind::audio) return rights.send_audio;
  return content == sdp::Content::slides ? rights.send_presentation : rights.send_video;
}
bool may_receive(const MediaRights& rights, sdp::Kind kind, sdp::Content content) {
  if (kind == sdp::Kind::audio) return rights.receive_audio;
  return content == sdp::Content::slides ? rights.receive_presentation : rights.receive_video;
}

bool is_media(const sdp::NegotiatedLine& line) {
  return !line.rejected && !line.codecs.empty() &&
         (line.kind == sdp::Kind::audio || line.kind == sdp::Kind::video);
}

// Both sides' lines as the transport's keys: ours encrypts what we send.
Result<SrtpKeys> sdes_keys(const sdp::Crypto& local, const sdp::Crypto& remote) {
  const auto text = [](const sdp::Crypto& crypto) {
    return std::to_string(crypto.tag) + " " + crypto.suite + " inline:" + crypto.key +
           (crypto.key_details.empty() ? "" : "|" + crypto.key_details);
  };
  const auto ours = parse_sdes(text(local));
  if (!ours) return ours.error();
  const auto theirs = parse_sdes(text(remote));
  if (!theirs) return theirs.error();
  return SrtpKeys{ours->profile, ours->key, theirs->key};
}

// The first of these that the peer has: Opus wherever it can, then the wide band before the narrow one.
constexpr std::array all_sound{sdp::CodecId::opus, sdp::CodecId::g722, sdp::CodecId::pcma,
                               sdp::CodecId::pcmu};

// Of `can` what is wished for, in the order of the wishes, each once.
std::vector<sdp::CodecId> wished(std::span<const rtp::Codec> wishes, std::span<const sdp::CodecId> can) {
  std::vector<sdp::CodecId> chosen;
  for (const rtp::Codec wish : wishes)
    for (const sdp::CodecId id : can)
      if (to_codec(id) == wish && std::ranges::find(chosen, id) == chosen.end()) chosen.push_back(id);
  return chosen;
}

bool has_sound_of(const sdp::SessionDescription& offer, std::span<const sdp::CodecId> codecs) {
  return std::ranges::any_of(offer.media, [&](const sdp::MediaLine& line) {
    return line.kind == sdp::Kind::audio && !line.rejected() &&
           std::ranges::any_of(line.codecs, [&](const sdp::Codec& codec) {
             return std::ranges::find(codecs, sdp::identify(codec)) != codecs.end();
           });
  });
}

std::uint8_t mode_of(const sdp::NegotiatedCodec& codec) {
  return codec.h264 ? static_cast<std::uint8_t>(codec.h264->packetization_mode) : std::uint8_t{0};
}

// Whether a track may go on over a later offer: what its packets are is fixed when it is made.
bool same_media(const sdp::NegotiatedLine& before, const sdp::NegotiatedLine& now) {
  if (before.codecs.empty() || now.codecs.empty()) return false;
  const sdp::NegotiatedCodec& a = before.codecs.front();
  const sdp::NegotiatedCodec& b = now.codecs.front();
  return a.id == b.id && a.receive_payload_type == b.receive_payload_type &&
         a.receive_rtx_payload_type == b.receive_rtx_payload_type && mode_of(a) == mode_of(b) &&
         before.extensions == now.extensions && before.encodings.size() == now.encodings.size();
}

std::optional<Endpoint> endpoint(const std::string& address, std::uint16_t port) {
  const auto parsed = IpAddress::parse(address);
  if (!parsed || port == 0) return std::nullopt;
  return Endpoint{*parsed, port};
}

} // namespace

// Without ICE each line has a port pair of its own; the spare ones were opened beforehand.
Result<void> Engine::lend_port(Record& record, std::size_t line) {
  if (record.rtp_ports.size() <= line) record.rtp_ports.resize(line + 1);
  if (record.rtp_ports[line].port != 0) return {};
  WorkerRecord& worker = workers_[record.worker];
  const bool none = worker.spare_ports.empty();
  if (!none) {
    record.rtp_ports[line] = worker.spare_ports.back();
    worker.spare_ports.pop_back();
  }
  refill_ports(record.worker);
  if (!none) return {};
  return make_error(ErrorCode::busy, "rtp_ports_used_up", "no media port is free right now",
                    "media.rtp_ports", "try again; if it stays so, widen media.rtp_ports");
}

void Engine::choose_codecs(const SessionRequest& request, sdp::LocalCapabilities& local) {
  local.audio.assign(all_sound.begin(), all_sound.end());
  local.video = {sdp::CodecId::vp8, sdp::CodecId::h264};
  if (request.video_codec == VideoCodec::h264) std::swap(local.video[0], local.video[1]);
  if (!request.other_codecs) local.video.pop_back();
  if (!request.codecs.empty()) {
    std::vector<sdp::CodecId> sound = wished(request.codecs, local.audio);
    if (!sound.empty()) local.audio = std::move(sound);
    local.video = wished(request.codecs, local.video);
  }
  if (request.profile == SdpProfile::sip) local.audio.push_back(sdp::CodecId::telephone_event);
}

Result<sdp::LocalCapabilities> Engine::capabilities(Record& record, std::span<const Line> lines, bool ice) {
  sdp::LocalCapabilities local;
  local.profile = to_sdp(record.request.profile);
  local.whole_offer = record.request.whole_offer;
  local.session_id = record.rtcp_ssrc; // any number that stays
  local.fingerprints = {to_sdp(record.certificate->fingerprint())};
  choose_codecs(record.request, local);

  CandidateConfig addresses{options_.addresses, options_.public_addresses, port(record.worker), options_.tcp};
  std::vector<Candidate> candidates = local_candidates(addresses);
  if (candidates.empty() && options_.addresses.empty()) {
    // No network at all: a browser on this machine can still meet itself.
    addresses.addresses = {IpAddress::v4({127, 0, 0, 1})};
    candidates = local_candidates(addresses);
  }
  if (candidates.empty())
    return make_error(ErrorCode::internal, "no_media_address", "no network address is up to offer for media",
                      "media.addresses", "name one in media.addresses");
  local.address = candidates.front().endpoint.address.to_string();
  if (ice) {
    local.ice_ufrag = record.ice.ufrag;
    local.ice_pwd = record.ice.pwd;
    for (const Candidate& candidate : candidates)
      local.candidates.push_back(to_sdp(candidate));
  }

  while (record.sources.size() < lines.size()) {
    const std::string number = std::to_string(record.sources.size());
    record.sources.push_back(
        {random_ssrc(), random_ssrc(), record.cname, record.cname, record.cname + "-" + number});
  }
  local.lines.resize(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    sdp::LocalLine& line = local.lines[i];
    const auto& [kind, content, rejected] = lines[i];
    const SessionRequest& request = record.request;
    line.peer_may_send = may_send(request.rights, kind, content) || may_send(request.may_come, kind, content);
    line.peer_may_receive =
        may_receive(request.rights, kind, content) || may_receive(request.may_come, kind, content);
    line.source = record.sources[i];
    const bool media = kind == sdp::Kind::audio || kind == sdp::Kind::video;
    if (ice || !media || rejected) continue;
    if (auto lent = lend_port(record, i); !lent) return lent.error();
    line.port = record.rtp_ports[i].port;
  }
  if (ice) return local;
  const MediaEncryption encryption = record.request.encryption;
  local.allow_unprotected = encryption != MediaEncryption::required;
  if (encryption == MediaEncryption::off) {
    local.fingerprints.clear();
    return local;
  }
  for (const SrtpProfile profile : {SrtpProfile::aes_cm_128_hmac_sha1_80, SrtpProfile::aead_aes_128_gcm})
    local.crypto.push_back(random_crypto(profile, static_cast<std::uint32_t>(local.crypto.size() + 1)));
  return local;
}

Result<std::vector<TransportConfig>> Engine::transport_configs(const Record& record) const {
  std::vector<TransportConfig> configs;
  for (const sdp::NegotiatedTransport& agreed : record.negotiated.transports) {
    TransportConfig config;
    config.ice_timeout_us = options_.ice_timeout_us;
    if (agreed.ice) {
      config.ice = IceConfig{record.ice, {agreed.remote_ufrag, agreed.remote_pwd}};
    } else {
      if (agreed.lines.empty() || agreed.lines.front() >= record.rtp_ports.size() ||
          record.rtp_ports[agreed.lines.front()].port == 0)
        return make_error(ErrorCode::internal, "internal", "a media line without ICE has no port of ours");
      LatchConfig latch;
      latch.port = record.rtp_ports[agreed.lines.front()];
      latch.rtp = endpoint(agreed.remote_address, agreed.remote_port).value_or(Endpoint{});
      latch.rtcp = endpoint(agreed.remote_address, agreed.remote_rtcp_port).value_or(Endpoint{});
      latch.rtcp_mux = agreed.rtcp_mux;
      config.latch = latch;
    }
    if (agreed.protection == sdp::Protection::dtls) {
      DtlsConfig dtls;
      dtls.role = agreed.local_setup == sdp::Setup::active ? DtlsRole::active : DtlsRole::passive;
      dtls.certificate = record.certificate;
      for (const sdp::Fingerprint& print : agreed.remote_fingerprints) {
        if (auto parsed = Fingerprint::parse(print.algorithm + " " + print.value))
          dtls.remote_fingerprints.push_back(*parsed);
      }
      if (dtls.remote_fingerprints.empty())
        return make_error(
            ErrorCode::unsupported, "sdp_no_fingerprint",
            "the peer's description has no certificate fingerprint with SHA-256, SHA-384 or SHA-512");
      config.dtls = std::move(dtls);
    } else if (agreed.protection == sdp::Protection::sdes) {
      auto keys = sdes_keys(agreed.local_crypto, agreed.remote_crypto);
      if (!keys) return keys.error();
      config.keys = *keys;
    }
    configs.push_back(std::move(config));
  }
  return configs;
}

Result<SessionAnswer> Engine::negotiate(SessionId id, Record& record, const std::string& offer_text,
                                        bool first) {
  auto offer = sdp::parse(offer_text, to_sdp(record.request.profile));
  if (!offer) return offer.error();
  // RFC 8445 section 9: with the peer's credentials change ours.
  const bool restarted = !first && sdp::restarts_ice(*offer, record.negotiated);
  if (restarted) record.ice = make_ice_credentials();
  std::vector<Line> lines;
  for (const sdp::MediaLine& line : offer->media)
    lines.push_back({line.kind, line.content, line.rejected()});
  const bool ice = std::ranges::any_of(
      offer->media, [](const sdp::MediaLine& line) { return !line.transport.ice_ufrag.empty(); });
  auto local = capabilities(record, lines, ice);
  if (!local) return local.error();
  // A person without sound is not what a list of codecs is meant for.
  const std::span<const sdp::CodecId> sound(local->audio.begin(),
                                            std::ranges::find(local->audio, sdp::CodecId::telephone_event));
  if (!record.request.codecs.empty() && !has_sound_of(*offer, sound) && has_sound_of(*offer, all_sound)) {
    local->audio.insert(local->audio.begin(), all_sound.begin(), all_sound.end());
    ++other_sound_;
    log_info("session", "the peer has none of the policy's codecs for sound: it gets another",
             {{"session", id}});
  }
  std::optional<sdp::Negotiated> previous;
  if (!first) previous = record.negotiated;
  auto agreed = sdp::negotiate(*offer, *local, previous);
  if (!agreed) return agreed.error();
  if (!first &&
      std::any_of(agreed->transports.begin(), agreed->transports.end(),
                  [](const auto& transport) { return transport.new_dtls_association; }) &&
      previous->transports.size() == agreed->transports.size())
    return make_error(ErrorCode::unsupported, "sdp_new_dtls", "the certificate of a running session changed",
                      "offer", "open a new session for it");

  auto concluded = conclude(id, record, std::move(*agreed), first, restarted);
  if (!concluded) return concluded.error();
  SessionAnswer answer = describe(id, record);
  answer.answer = sdp::write(record.negotiated.answer);
  return answer;
}

Result<void> Engine::conclude(SessionId id, Record& record, sdp::Negotiated agreed, bool first,
                              bool restarted) {
  if (agreed.transports.size() > 1 && agreed.transports.front().ice)
    return make_error(ErrorCode::unsupported, "sdp_not_bundled", "the media lines are not bundled (RFC 9143)",
                      "", "put all lines into one BUNDLE group");
  const sdp::Negotiated before = std::exchange(record.negotiated, std::move(agreed));
  record.tracks.resize(record.negotiated.lines.size(), 0);
  for (std::uint32_t i = 0; i < record.negotiated.lines.size(); ++i) {
    const sdp::NegotiatedLine& line = record.negotiated.lines[i];
    const bool sends = is_media(line) && sdp::receives(line.direction);
    const bool goes_on =
        record.tracks[i] != 0 && i < before.lines.size() && same_media(before.lines[i], line);
    if (!sends) {
      record.tracks[i] = 0;
    } else if (!goes_on) {
      record.tracks[i] = ++last_track_;
    }
  }
  auto transports = transport_configs(record);
  if (!transports) return transports.error();
  MediaWorker& worker = *workers_[record.worker].media;
  auto made = plan(id, record, std::move(*transports));
  const bool posted =
      first ? worker.add_session(std::move(made)) : worker.update_session(std::move(made), restarted);
  if (posted) return {};
  return make_error(ErrorCode::busy, "server_busy", "the media worker has too much to do; try again");
}

Result<std::string> Engine::write_offer(Record& record, std::span<const OfferedLine> wanted) {
  std::vector<Line> lines;
  std::vector<sdp::WantedLine> offered;
  for (const OfferedLine& line : wanted) {
    const sdp::Content content =
        line.content == MediaContent::slides ? sdp::Content::slides : sdp::Content::main;
    if (line.kind == MediaKind::application)
      return make_error(ErrorCode::bad_argument, "wrong_kind", "a line of ours is sound or picture", "lines");
    const sdp::Kind kind = line.kind == MediaKind::audio ? sdp::Kind::audio : sdp::Kind::video;
    lines.push_back({kind, content, false});
    offered.push_back({.kind = kind, .content = content, .direction = sdp::Direction::sendrecv, .mid = ""});
  }
  if (lines.empty())
    return make_error(ErrorCode::bad_argument, "no_lines", "an offer has at least one line", "lines");
  auto local = capabilities(record, lines, record.request.profile == SdpProfile::webrtc);
  if (!local) return local.error();
  auto made = sdp::make_offer(*local, offered);
  if (!made) return made.error();
  record.offered = std::move(*made);
  return sdp::write(*record.offered);
}

Result<SessionAnswer> Engine::negotiate_answer(SessionId id, Record& record, const std::string& text) {
  auto answer = sdp::parse(text, to_sdp(record.request.profile));
  if (!answer) return answer.error();
  auto agreed = sdp::accept_answer(*record.offered, *answer);
  if (!agreed) return agreed.error();
  auto concluded = conclude(id, record, std::move(*agreed), true, false);
  if (!concluded) return concluded.error();
  return describe(id, record);
}

void Engine::settle_tracks(SessionId id, const Record& record, std::span<const TrackId> before) {
  for (std::uint32_t i = 0; i < before.size(); ++i)
    if (before[i] != 0 && (i >= record.tracks.size() || record.tracks[i] != before[i]))
      forget_track(before[i], record.worker);
  for (std::uint32_t i = 0; i < record.tracks.size(); ++i)
    if (record.tracks[i] != 0) tracks_[record.tracks[i]] = {.session = id, .line = i};
}

void Engine::settle_ports(Record& record, std::span<const RtpPort> before, bool agreed) {
  for (std::size_t i = 0; i < record.rtp_ports.size(); ++i) {
    RtpPort& port = record.rtp_ports[i];
    const auto carries = [i](const sdp::NegotiatedTransport& transport) {
      return !transport.ice && !transport.lines.empty() && transport.lines.front() == i;
    };
    const auto& transports = record.negotiated.transports;
    if (port.port == 0 || (agreed && std::any_of(transports.begin(), transports.end(), carries))) continue;
    // One that a transport had is closed by it; one that nobody came to use waits for the next.
    if (i >= before.size() || before[i].port != port.port)
      workers_[record.worker].spare_ports.push_back(port);
    port = {};
  }
}

std::shared_ptr<SessionPlan> Engine::plan(SessionId id, const Record& record,
                                          std::vector<TransportConfig> transports) const {
  auto made = std::make_shared<SessionPlan>();
  made->session = id;
  made->room = record.room;
  made->rights = record.request.rights;
  made->negotiated = record.negotiated;
  made->negotiated.answer = {}; // the text's document is the control thread's business
  made->tracks = record.tracks;
  made->transports = std::move(transports);
  made->cname = record.cname;
  made->rtcp_ssrc = record.rtcp_ssrc;
  const auto or_default = [](std::uint32_t asked, std::int64_t configured) {
    return asked == 0 ? configured : std::min<std::int64_t>(asked, configured);
  };
  made->dscp_audio = record.request.dscp_audio.value_or(options_.dscp_audio);
  made->dscp_video = record.request.dscp_video.value_or(options_.dscp_video);
  made->start_bps = options_.start_bps;
  made->floor_bps = options_.floor_bps;
  made->rtp_timeout_us = options_.rtp_timeout_us;
  made->max_send_bps = or_default(record.request.max_send_bps, options_.max_send_bps);
  made->max_receive_bps = or_default(record.request.max_receive_bps, options_.max_receive_bps);
  return made;
}

SessionAnswer Engine::describe(SessionId id, const Record& record) const {
  SessionAnswer answer;
  answer.session = id;
  answer.ice_ufrag = record.ice.ufrag;
  answer.ice_pwd = record.ice.pwd;
  for (std::uint32_t i = 0; i < record.negotiated.lines.size(); ++i) {
    const sdp::NegotiatedLine& line = record.negotiated.lines[i];
    if (record.tracks[i] != 0)
      answer.tracks.push_back({record.tracks[i], line.mid, kind_of(line), content_of(line),
                               to_codec(line.codecs.front().id), mode_of(line.codecs.front())});
    if (!is_media(line) || !line.local || !sdp::sends(line.direction)) continue;
    SlotInfo slot{i, line.mid, kind_of(line), content_of(line), {}, 0};
    for (const sdp::NegotiatedCodec& codec : line.codecs) {
      if (to_codec(codec.id) == rtp::Codec::unknown) continue;
      slot.codecs.push_back(to_codec(codec.id));
      slot.packetization_mode = std::max(slot.packetization_mode, mode_of(codec));
    }
    answer.slots.push_back(std::move(slot));
  }
  return answer;
}

} // namespace viadux
