// What the receiving half tells the sender: key frames wanted, packets missed, arrival times, reports, its
// cap.
#include "core/session/incoming.hpp"

#include "core/session/session.hpp"

#include <algorithm>

namespace viadux {
namespace {
constexpr std::int64_t feedback_every_us = 60'000;
constexpr std::int64_t cap_every_us = 200'000;
constexpr std::int64_t activity_every_us = 200'000;
constexpr std::size_t rtcp_size = 1200;
constexpr std::uint16_t tmmbr_overhead_bytes = 40; // IPv4, UDP and RTP headers (RFC 5104 section 4.2.1.2)
constexpr std::size_t audio_reserve_bps =
    64'000; // per audio line, with overhead: REMB speaks of the whole transport
} // namespace

void Incoming::request_key_frame(router::Track& track, unsigned encoding) {
  for (const auto& line : lines_) {
    if (!line || line->track.get() != &track || encoding >= line->key_frame_wanted.size()) continue;
    line->key_frame_wanted[encoding] = true;
    urgent_ = true;
    // Sent at the end of the turn: a packet of another session may be half written right now.
    session_.worker().urgent(session_);
  }
}

void Incoming::send_key_frame_requests() {
  urgent_ = false;
  for (const auto& line : lines_) {
    if (!line) continue;
    for (std::size_t encoding = 0; encoding < line->ssrcs.size(); ++encoding) {
      if (!line->key_frame_wanted[encoding] || line->ssrcs[encoding] == 0) continue;
      line->key_frame_wanted[encoding] = false;
      std::array<std::uint8_t, 64> buffer;
      rtp::RtcpWriter rtcp(buffer);
      const std::uint32_t ours = session_.plan().rtcp_ssrc;
      // RFC 5104 section 4.3.1: FIR counts its commands, so that repeats are told from new ones.
      const bool written = line->pli || !line->fir ? rtcp.pli(ours, line->ssrcs[encoding])
                                                   : rtcp.fir(ours, line->ssrcs[encoding], fir_count_++);
      if (!written) continue;
      session_.transport_of(session_.plan().negotiated.lines[line->index]).send_rtcp(rtcp.packet());
      session_.worker().counting().key_frame_requests_out.add();
    }
  }
}

void Incoming::send_nacks(std::int64_t now_us) {
  MediaCounters& counters = session_.worker().counting();
  for (const auto& stream : streams_) {
    if (stream->rtx || !lines_[stream->line] || !lines_[stream->line]->nack) continue;
    std::array<std::uint16_t, 256> wanted;
    const std::uint64_t given_up = stream->nack.given_up();
    const std::size_t count = stream->nack.collect(now_us, session_.rtt_us(), wanted);
    counters.given_up.add(stream->nack.given_up() - given_up);
    if (stream->nack.take_key_frame_wanted() && rtp::is_video(lines_[stream->line]->codec) &&
        lines_[stream->line]->track->subscriptions() > 0)
      lines_[stream->line]->track->request_key_frame(stream->encoding, now_us);
    if (count == 0) continue;
    std::array<std::uint8_t, rtcp_size> buffer;
    rtp::RtcpWriter rtcp(buffer);
    (void)rtcp.nack(session_.plan().rtcp_ssrc, stream->ssrc, std::span(wanted).first(count));
    session_.transport_of(session_.plan().negotiated.lines[stream->line]).send_rtcp(rtcp.packet());
    counters.nacks_sent.add(count);
  }
}

void Incoming::send_feedback(std::int64_t now_us) {
  if (now_us < next_feedback_us_ || !feedback_.pending()) return;
  if (feedback_transport_ >= session_.transports()) return; // its line was closed
  next_feedback_us_ = now_us + feedback_every_us;
  std::array<std::uint8_t, rtcp_size> buffer;
  for (int packets = 0; packets < 8; ++packets) {
    const std::size_t size = feedback_.write(now_us, session_.plan().rtcp_ssrc, feedback_ssrc_, buffer);
    if (size == 0) return;
    session_.transport(feedback_transport_).send_rtcp(std::span(buffer).first(size));
  }
}

// What its receivers can take of it.
std::int64_t Incoming::update_cap(Line& line, std::int64_t now_us) const {
  std::int64_t share = 0;
  // Layers are chosen from; only a publisher without them is held back.
  if (line.track->encodings() == 1)
    share = line.track->lowest_share_bps(static_cast<std::uint32_t>(session_.plan().floor_bps));
  return line.cap->update(std::span(&share, share > 0 ? 1 : 0), now_us);
}

void Incoming::send_cap(std::int64_t now_us) {
  if (now_us < next_cap_us_) return;
  next_cap_us_ = now_us + cap_every_us;
  std::int64_t total_bps = 0;
  bool due = false, limited = false;
  const Line* told = nullptr;
  std::array<std::uint32_t, 16> ssrcs;
  std::size_t count = 0;
  for (const auto& line : lines_) {
    if (!line) continue;
    if (!line->cap) {
      total_bps += audio_reserve_bps;
      continue;
    }
    if (line->tmmbr) send_tmmbr(*line, now_us);
    if (!line->remb) continue;
    const std::int64_t cap = update_cap(*line, now_us);
    limited = limited || cap < session_.plan().max_receive_bps;
    total_bps += cap;
    due = line->cap->due(now_us) || due;
    told = line.get();
    for (const std::uint32_t ssrc : line->ssrcs)
      if (ssrc != 0 && count < ssrcs.size()) ssrcs[count++] = ssrc;
  }
  if (told == nullptr || !due || count == 0) return;
  std::array<std::uint8_t, 128> buffer;
  rtp::RtcpWriter rtcp(buffer);
  if (!rtcp.remb(session_.plan().rtcp_ssrc, static_cast<std::uint64_t>(total_bps),
                 std::span(ssrcs).first(count)))
    return;
  session_.transport_of(session_.plan().negotiated.lines[told->index]).send_rtcp(rtcp.packet());
  if (limited) session_.worker().counting().publisher_caps.add();
}

// RFC 5104 section 4.2.1: a request for each media stream, repeated until its sender has notified that it
// holds to it. Who was never limited is told nothing.
void Incoming::send_tmmbr(Line& line, std::int64_t now_us) {
  const std::int64_t cap = update_cap(line, now_us);
  const bool limited = cap < session_.plan().max_receive_bps;
  if (line.ssrcs[0] == 0 || (!limited && line.tmmbr_told_bps == 0)) return;
  if (cap == line.tmmbr_told_bps && line.tmmbr_held) return;
  if (!line.cap->due(now_us)) return;
  if (cap != line.tmmbr_told_bps) line.tmmbr_held = false;
  line.tmmbr_told_bps = cap;
  const rtp::TmmbrEntry wanted{line.ssrcs[0], static_cast<std::uint64_t>(cap), tmmbr_overhead_bytes};
  std::array<std::uint8_t, 64> buffer;
  rtp::RtcpWriter rtcp(buffer);
  if (!rtcp.tmmbr(session_.plan().rtcp_ssrc, std::span(&wanted, 1))) return;
  session_.transport_of(session_.plan().negotiated.lines[line.index]).send_rtcp(rtcp.packet());
  if (limited) session_.worker().counting().publisher_caps.add();
}

void Incoming::on_tmmbn(std::uint32_t sender, std::span<const rtp::TmmbrEntry> entries) {
  const Stream* stream = find(sender);
  if (stream == nullptr || !lines_[stream->line]) return;
  Line& line = *lines_[stream->line];
  for (const rtp::TmmbrEntry& entry : entries) // 17 bits of mantissa: what we said comes back rounded down
    if (entry.ssrc == session_.plan().rtcp_ssrc &&
        entry.bitrate_bps <= static_cast<std::uint64_t>(line.tmmbr_told_bps))
      line.tmmbr_held = true;
}

std::size_t Incoming::report_blocks(std::uint32_t transport, std::span<rtp::ReportBlock> out,
                                    std::int64_t now_us) {
  std::size_t count = 0;
  for (const auto& stream : streams_) {
    if (count == out.size()) break;
    if (stream->rtx || stream->statistics.received() == 0) continue;
    if (session_.plan().negotiated.lines[stream->line].transport != transport) continue;
    out[count++] = stream->statistics.report(stream->ssrc, now_us);
  }
  return count;
}

void Incoming::watch_activity(std::int64_t now_us) {
  if (now_us < next_activity_us_) return;
  next_activity_us_ = now_us + activity_every_us;
  for (const auto& line : lines_) {
    if (!line) continue;
    bool active = false;
    for (unsigned encoding = 0; encoding < line->track->encodings(); ++encoding)
      active = active || line->track->encoding(encoding, now_us).active;
    if (active == line->active) continue;
    line->active = active;
    session_.worker().track_active(line->id, active);
  }
}

void Incoming::collect_levels(std::vector<AudioLevel>& levels, std::int64_t now_us) {
  for (const auto& line : lines_) {
    if (!line || !line->meter) continue;
    const std::uint8_t level = line->meter->minus_dbov(now_us);
    if (level < rtp::silence_dbov) levels.push_back({line->id, level});
  }
}

void Incoming::append_statistics(std::string& json, std::int64_t now_us) const {
  json += "\"tracks\":[";
  bool first = true;
  for (const auto& line : lines_) {
    if (!line) continue;
    json += first ? "{" : ",{";
    first = false;
    json += "\"track\":" + std::to_string(line->id) +
            ",\"packets\":" + std::to_string(line->track->counters().packets);
    if (line->cap) json += ",\"cap_bps\":" + std::to_string(line->cap->cap_bps());
    json += ",\"subscriptions\":" + std::to_string(line->track->subscriptions()) + ",\"encodings\":[";
    for (unsigned encoding = 0; encoding < line->track->encodings(); ++encoding) {
      const router::EncodingState state = line->track->encoding(encoding, now_us);
      if (encoding > 0) json += ",";
      json +=
          std::string("{\"active\":") + (state.active ? "true" : "false") +
          ",\"width\":" + std::to_string(state.width) + ",\"height\":" + std::to_string(state.height) +
          ",\"bitrate_bps\":" + std::to_string(state.bitrate_bps[std::max(state.temporal_layers, 1U) - 1]) +
          "}";
    }
    json += "]}";
  }
  json += "],";
}

} // namespace viadux
