#include "core/session/incoming.hpp"

#include "core/rtp/rtx.hpp"
#include "core/session/session.hpp"

#include <algorithm>

namespace viadux {
namespace {
constexpr std::uint8_t level_unknown =
    60; // somebody whose client says nothing of loudness is taken to speak softly

unsigned rid_rank(const std::string& rid) {
  // Names in use for small, middle and large pictures; what is none of them keeps its place in the offer.
  if (rid == "q" || rid == "l" || rid == "lo" || rid == "low") return 0;
  if (rid == "h" || rid == "m" || rid == "mid" || rid == "medium") return 1;
  if (rid == "f" || rid == "hi" || rid == "high" || rid == "full") return 2;
  return 99;
}

// Encodings from the smallest picture to the largest: browsers write them in the order of the page, either
// way.
std::vector<sdp::RemoteEncoding> in_order(const sdp::NegotiatedLine& line) {
  std::vector<sdp::RemoteEncoding> encodings = line.encodings;
  if (encodings.size() > router::max_encodings) encodings.resize(router::max_encodings);
  const bool named = std::all_of(encodings.begin(), encodings.end(),
                                 [](const sdp::RemoteEncoding& each) { return rid_rank(each.rid) < 99; });
  if (named)
    std::stable_sort(encodings.begin(), encodings.end(),
                     [](const auto& a, const auto& b) { return rid_rank(a.rid) < rid_rank(b.rid); });
  return encodings;
}

} // namespace

rtp::Codec to_codec(sdp::CodecId id) {
  switch (id) {
  case sdp::CodecId::opus:
    return rtp::Codec::opus;
  case sdp::CodecId::pcmu:
    return rtp::Codec::pcmu;
  case sdp::CodecId::pcma:
    return rtp::Codec::pcma;
  case sdp::CodecId::g722:
    return rtp::Codec::g722;
  case sdp::CodecId::vp8:
    return rtp::Codec::vp8;
  case sdp::CodecId::h264:
    return rtp::Codec::h264;
  default:
    return rtp::Codec::unknown;
  }
}

rtp::ExtensionMap to_extension_map(const sdp::ExtensionIds& ids) {
  rtp::ExtensionMap map;
  const auto set = [&map](rtp::Extension kind, std::uint8_t id) {
    if (id != 0) map.set(kind, id);
  };
  set(rtp::Extension::mid, ids.mid);
  set(rtp::Extension::rid, ids.rid);
  set(rtp::Extension::repaired_rid, ids.repaired_rid);
  set(rtp::Extension::audio_level, ids.audio_level);
  set(rtp::Extension::transport_sequence, ids.transport_cc);
  set(rtp::Extension::abs_send_time, ids.abs_send_time);
  set(rtp::Extension::video_orientation, ids.video_orientation);
  set(rtp::Extension::playout_delay, ids.playout_delay);
  return map;
}

router::TrackConfig track_config(TrackId id, const sdp::NegotiatedLine& line) {
  router::TrackConfig config;
  config.id = id;
  if (line.codecs.empty()) return config;
  config.codec = to_codec(line.codecs.front().id);
  if (line.codecs.front().h264) config.packetization_mode = line.codecs.front().h264->packetization_mode;
  const std::size_t layers = std::clamp<std::size_t>(line.encodings.size(), 1, router::max_encodings);
  config.encodings = rtp::is_video(config.codec) ? static_cast<unsigned>(layers) : 1;
  return config;
}

Incoming::~Incoming() {
  for (const auto& line : lines_)
    if (line) session_.worker().remove_track(line->id);
}

std::unique_ptr<Incoming::Line> Incoming::make_line(std::uint32_t index) {
  const SessionPlan& plan = session_.plan();
  const sdp::NegotiatedLine& agreed = plan.negotiated.lines[index];
  auto line = std::make_unique<Line>();
  const router::TrackConfig config = track_config(plan.tracks[index], agreed);
  line->index = index;
  line->id = config.id;
  line->codec = config.codec;
  line->track = std::make_unique<router::Track>(config, *this, session_.worker().router());
  line->extensions = to_extension_map(agreed.extensions);
  const sdp::NegotiatedCodec& codec = agreed.codecs.front();
  line->payload_type = codec.receive_payload_type;
  line->rtx_payload_type = codec.receive_rtx_payload_type;
  line->nack = (codec.feedback & sdp::feedback_nack) != 0;
  line->pli = (codec.feedback & sdp::feedback_nack_pli) != 0;
  line->fir = (codec.feedback & sdp::feedback_ccm_fir) != 0;
  line->remb = (codec.feedback & sdp::feedback_goog_remb) != 0;
  line->tmmbr = !line->remb && (codec.feedback & sdp::feedback_ccm_tmmbr) != 0;
  if (rtp::is_video(config.codec)) {
    line->cap.emplace(plan.floor_bps, plan.max_receive_bps);
  } else {
    line->meter.emplace();
    line->levels = line->extensions.has(rtp::Extension::audio_level);
  }
  session_.worker().add_track(line->id, *line->track);
  return line;
}

void Incoming::apply_plan() {
  const SessionPlan& plan = session_.plan();
  const std::size_t count = plan.negotiated.lines.size();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (!lines_[i] || (i < count && plan.tracks[i] == lines_[i]->id)) continue;
    std::erase_if(streams_, [i](const auto& stream) { return stream->line == i; });
    last_ = nullptr;
    session_.worker().remove_track(lines_[i]->id);
    lines_[i].reset();
  }
  lines_.resize(count);
  extensions_ = {};
  for (std::uint32_t i = 0; i < count; ++i) {
    const sdp::NegotiatedLine& agreed = plan.negotiated.lines[i];
    if (agreed.rejected) continue;
    const rtp::ExtensionMap map = to_extension_map(agreed.extensions);
    for (std::size_t kind = 0; kind < rtp::extension_count; ++kind)
      if (const auto id = map.id(static_cast<rtp::Extension>(kind)); id != 0)
        extensions_.set(static_cast<rtp::Extension>(kind), id);
    if (plan.tracks[i] == 0) continue;
    if (!lines_[i]) lines_[i] = make_line(i);
    // SSRCs that the description names are known before their first packet.
    const auto encodings = in_order(agreed);
    for (std::uint8_t e = 0; e < encodings.size(); ++e) {
      const auto know = [&](std::uint32_t ssrc, bool rtx) {
        if (ssrc == 0 || find(ssrc) != nullptr || streams_.size() >= max_streams) return;
        auto stream = std::make_unique<Stream>(rtp::clock_hz(lines_[i]->codec));
        stream->ssrc = ssrc;
        stream->line = i;
        stream->encoding = e;
        stream->rtx = rtx;
        if (!rtx) lines_[i]->ssrcs[e] = ssrc;
        streams_.push_back(std::move(stream));
      };
      know(encodings[e].ssrc, false);
      know(encodings[e].rtx_ssrc, true);
    }
  }
  last_ = nullptr;
}

Incoming::Stream* Incoming::find(std::uint32_t ssrc) {
  if (last_ != nullptr && last_->ssrc == ssrc) return last_;
  for (const auto& stream : streams_)
    if (stream->ssrc == ssrc) return last_ = stream.get();
  return nullptr;
}

Incoming::Line* Incoming::line_of(const rtp::PacketView& packet, const rtp::ExtensionValues& values,
                                  std::uint32_t transport) {
  const auto& agreed = session_.plan().negotiated.lines;
  if (!values.mid.empty()) {
    for (const auto& line : lines_)
      if (line && agreed[line->index].mid == values.mid) return line.get();
    return nullptr;
  }
  // RFC 9143 section 9.2: without MID, a payload type that only one line has.
  Line* only = nullptr;
  for (const auto& line : lines_) {
    if (!line || agreed[line->index].transport != transport) continue;
    if (line->payload_type != packet.payload_type && line->rtx_payload_type != packet.payload_type) continue;
    if (only != nullptr) return nullptr;
    only = line.get();
  }
  return only;
}

Incoming::Stream* Incoming::latch(const rtp::PacketView& packet, const rtp::ExtensionValues& values,
                                  std::uint32_t transport) {
  if (streams_.size() >= max_streams) return nullptr;
  Line* line = line_of(packet, values, transport);
  if (line == nullptr) return nullptr;
  const bool rtx = line->rtx_payload_type == packet.payload_type;
  if (!rtx && line->payload_type != packet.payload_type) return nullptr;
  const std::string_view rid = rtx ? values.repaired_rid : values.rid;
  const auto encodings = in_order(session_.plan().negotiated.lines[line->index]);
  std::size_t encoding = 0;
  if (encodings.size() > 1) {
    while (encoding < encodings.size() && (rid.empty() || encodings[encoding].rid != rid))
      ++encoding;
    if (encoding == encodings.size()) return nullptr; // the RID comes with the first packets; wait for it
  }
  auto stream = std::make_unique<Stream>(rtp::clock_hz(line->codec));
  stream->ssrc = packet.ssrc;
  stream->line = line->index;
  stream->encoding = static_cast<std::uint8_t>(encoding);
  stream->rtx = rtx;
  if (!rtx) {
    // The sender began anew with another SSRC: the old one is no longer asked for anything.
    std::erase_if(streams_, [&](const auto& old) {
      return !old->rtx && old->line == line->index && old->encoding == encoding;
    });
    line->ssrcs[encoding] = packet.ssrc;
  }
  streams_.push_back(std::move(stream));
  return last_ = streams_.back().get();
}

bool Incoming::may_send(const Line& line) const {
  const MediaRights& rights = session_.rights();
  if (!rtp::is_video(line.codec)) return rights.send_audio;
  const bool slides = session_.plan().negotiated.lines[line.index].content == sdp::Content::slides;
  return slides ? rights.send_presentation : rights.send_video;
}

void Incoming::on_rtp(std::span<ReceivedPacket> batch, std::uint32_t transport) {
  for (ReceivedPacket& packet : batch)
    on_packet(packet, transport);
}

void Incoming::on_packet(ReceivedPacket& packet, std::uint32_t transport) {
  MediaCounters& counters = session_.worker().counting();
  const auto view = rtp::parse({packet.data, packet.size});
  if (!view) {
    counters.rtp_malformed.add();
    return;
  }
  const rtp::ExtensionValues values = rtp::read_extensions(*view, extensions_);
  if (values.transport_sequence) {
    feedback_.on_packet(*values.transport_sequence, packet.arrival_us);
    feedback_ssrc_ = view->ssrc;
    feedback_transport_ = transport;
  }
  Stream* stream = find(view->ssrc);
  if (stream == nullptr) stream = latch(*view, values, transport);
  if (stream == nullptr || !lines_[stream->line]) {
    counters.rtp_unknown.add();
    return;
  }
  if (stream->rtx) {
    on_retransmission(*stream, *view, values, packet.arrival_us);
  } else {
    on_media(*stream, *view, values, packet.arrival_us);
  }
}

void Incoming::on_media(Stream& stream, const rtp::PacketView& packet, const rtp::ExtensionValues& values,
                        std::int64_t arrival_us) {
  MediaCounters& counters = session_.worker().counting();
  Line& line = *lines_[stream.line];
  stream.statistics.on_packet(packet.sequence, packet.timestamp, arrival_us);
  if (line.nack) stream.nack.on_packet(packet.sequence, arrival_us);
  if (packet.payload.empty() || packet.payload_type != line.payload_type)
    return; // padding; comfort noise, DTMF
  if (!may_send(line)) {
    counters.rtp_forbidden.add();
    return;
  }
  if (line.meter) line.meter->on_packet(values.audio_level.value_or(level_unknown), arrival_us);
  const auto received = line.track->receive(stream.encoding, packet, values, arrival_us);
  if (received == router::Received::malformed || received == router::Received::too_large)
    counters.rtp_malformed.add();
}

void Incoming::on_retransmission(Stream& stream, const rtp::PacketView& packet,
                                 const rtp::ExtensionValues& values, std::int64_t arrival_us) {
  MediaCounters& counters = session_.worker().counting();
  Line& line = *lines_[stream.line];
  counters.retransmissions_in.add();
  Stream* media = media_stream(stream.line, stream.encoding);
  if (media == nullptr || !may_send(line)) return;
  const auto original = rtp::unwrap_rtx(packet, media->ssrc, line.payload_type);
  if (!original || original->payload.empty()) return; // a bandwidth probe
  if (line.nack && media->nack.on_packet(original->sequence, arrival_us)) counters.recovered.add();
  (void)line.track->receive(media->encoding, *original, values, arrival_us);
}

Incoming::Stream* Incoming::media_stream(std::uint32_t line, std::uint8_t encoding) {
  for (const auto& stream : streams_)
    if (!stream->rtx && stream->line == line && stream->encoding == encoding) return stream.get();
  return nullptr;
}

void Incoming::on_sender_report(const rtp::SenderReport& report, std::int64_t now_us) {
  Stream* stream = find(report.ssrc);
  if (stream == nullptr || stream->rtx || !lines_[stream->line]) return;
  stream->statistics.on_sender_report(report.ntp, now_us);
  lines_[stream->line]->track->on_sender_report(stream->encoding, report.timestamp,
                                                stream->clock.on_sender_report(report.ntp, now_us));
}

void Incoming::on_bye(std::span<const std::uint32_t> ssrcs) {
  last_ = nullptr;
  std::erase_if(streams_, [&](const auto& stream) {
    return std::find(ssrcs.begin(), ssrcs.end(), stream->ssrc) != ssrcs.end();
  });
}

} // namespace viadux
