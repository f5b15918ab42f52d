#include "bench/client/receiver.hpp"

#include "bench/client/srtp.hpp"

#include <algorithm>
#include <cmath>

namespace viadux::bench {
namespace {

// What a browser waits that knows no round-trip time, as one that only receives.
constexpr std::int64_t nack_interval_us = 100'000;
constexpr unsigned nack_tries = 10;
constexpr int max_gap = 500; // a longer jump in sequence numbers is a new start, not loss
constexpr std::int64_t pli_interval_us = 500'000;

} // namespace

Receiver::Receiver(EventLoop& loop, Ledger& ledger, const ReceiveSettings& settings, std::uint32_t own_ssrc,
                   SendRtcp send)
    : ledger_(ledger), settings_(settings), own_ssrc_(own_ssrc), send_(std::move(send)),
      nack_timer_(loop, [this] { send_nacks(); }) {}

void Receiver::configure(const std::vector<MediaLine>& lines) {
  for (const auto& line : lines) {
    if (line.rejected || line.payload_type == 0) continue;
    const bool video = line.kind == "video";
    kinds_[line.payload_type & 127] = {true, video, false};
    if (line.rtx_payload_type != 0) kinds_[line.rtx_payload_type & 127] = {true, video, true};
    if (line.rtx_ssrc != 0) rtx_to_main_[line.rtx_ssrc] = line.ssrc;
    if (settings_.transport_cc && transport_cc_ == 0) transport_cc_ = line.extension(uri_transport_cc);
  }
}

Receiver::Source& Receiver::source_for(const RtpHeader& header, bool video) {
  const auto [found, fresh] = sources_.try_emplace(header.ssrc);
  auto& source = found->second;
  if (fresh) {
    source.ssrc = header.ssrc;
    source.video = video;
    source.base = source.highest = header.sequence;
    source.key_seen = !video;
  }
  return source;
}

void Receiver::on_rtp(Bytes bytes, std::int64_t now_us) {
  const auto packet = parse_rtp(bytes);
  if (!packet) {
    ++ledger_.counters.malformed;
    return;
  }
  ++ledger_.counters.received;
  last_ssrc_ = packet->header.ssrc;
  if (transport_cc_ != 0 && packet->extensions[transport_cc_].size() == 2)
    feedback_.on_packet(load16(packet->extensions[transport_cc_].data()), now_us);
  const auto kind = kinds_[packet->header.payload_type];
  if (!kind.known) {
    ++ledger_.counters.malformed;
    return;
  }
  if (kind.rtx) return on_rtx(*packet);
  auto& source = source_for(packet->header, kind.video);
  track_sequence(source, packet->header, now_us);
  if (packet->payload.empty()) return;
  if (settings_.mixed) return take_mixed(kind.video, packet->payload, now_us);
  deliver(&source, {kind.video, false}, packet->payload, now_us);
}

void Receiver::track_sequence(Source& source, const RtpHeader& header, std::int64_t now_us) {
  const auto ahead = seq_distance(header.sequence, static_cast<std::uint16_t>(source.highest));
  ++source.received;
  if (ahead > max_gap || ahead < -max_gap) {
    source.base = source.highest = header.sequence;
    source.received = 1;
    source.reported_expected = source.reported_received = 0;
    source.missing.clear();
    return;
  }
  // RFC 3550 6.4.1, in the clock of the stream.
  const auto transit = now_us * (source.video ? 90 : 48) / 1000 - header.timestamp;
  if (source.received > 1)
    source.jitter +=
        (static_cast<double>(std::abs(static_cast<std::int32_t>(transit - source.last_transit))) -
         source.jitter) /
        16;
  source.last_transit = transit;
  if (ahead <= 0) {
    if (ahead < 0) forget_missing(source, header.sequence);
    return;
  }
  if (source.video && settings_.nack) {
    for (int i = 1; i < ahead; ++i)
      source.missing.push_back({static_cast<std::uint16_t>(source.highest + i), 0, now_us});
    if (ahead > 1) nack_timer_.start_at(now_us); // at once, after what else has come in this turn
  }
  source.highest += ahead;
}

void Receiver::forget_missing(Source& source, std::uint16_t sequence) {
  std::erase_if(source.missing, [&](const Missing& missing) { return missing.sequence == sequence; });
}

void Receiver::on_rtx(const RtpPacket& packet) {
  ++ledger_.counters.rtx_received;
  if (packet.payload.size() <= 2 || settings_.mixed) return; // padding: a probe
  const auto inner = packet.payload.subspan(2);
  Source* source = nullptr;
  if (const auto main = rtx_to_main_.find(packet.header.ssrc); main != rtx_to_main_.end()) {
    const auto found = sources_.find(main->second);
    if (found != sources_.end()) source = &found->second;
  } else if (const auto read = read_vp8(inner, false)) { // no FID group was signalled: the stamp tells
    const auto from = stream_to_ssrc_.find(read->stamp.stream);
    if (from != stream_to_ssrc_.end()) source = &sources_[from->second];
  }
  if (source != nullptr) {
    const auto before = source->missing.size();
    forget_missing(*source, load16(packet.payload.data()));
    if (source->missing.size() < before) ++ledger_.counters.rtx_recovered;
  }
  deliver(source, {true, true}, inner, EventLoop::now_us());
}

void Receiver::take_mixed(bool video, Bytes payload, std::int64_t now_us) {
  const bool counts = ledger_.window.contains(now_us);
  if (video) {
    heard_.pictures += counts ? 1 : 0;
    return;
  }
  // All sound is decoded: a frame's depends on those before.
  if (!ear_) ear_ = std::make_unique<Ear>();
  const bool audible = ear_->hears(payload);
  if (!counts) return;
  ++heard_.packets;
  if (audible) ++heard_.audible;
}

void Receiver::deliver(Source* source, Origin origin, Bytes payload, std::int64_t now_us) {
  const bool video = origin.video;
  const bool deep = settings_.compare_every <= 1 || ++packets_ % settings_.compare_every == 0;
  const auto read = video ? read_vp8(payload, deep) : read_opus(payload, deep);
  if (deep) ++ledger_.counters.compared;
  if (!read || !read->intact || read->stamp.stream >= ledger_.streams.size() ||
      ledger_.streams[read->stamp.stream].video != video) {
    ++ledger_.counters.corrupt;
    return;
  }
  if (read->key) {
    ++ledger_.counters.key_frames;
    if (source != nullptr) source->key_seen = true;
  }
  if (source != nullptr && video) stream_to_ssrc_[read->stamp.stream] = source->ssrc;
  count(*read, origin, payload.size(), now_us);
}

void Receiver::count(const ReadPayload& read, Origin origin, std::size_t bytes, std::int64_t now_us) {
  const auto counter = read.stamp.counter;
  const auto [found, fresh] = streams_.try_emplace(read.stamp.stream);
  auto& stream = found->second;
  auto& counters = ledger_.counters;
  if (fresh) {
    stream.first = stream.highest = counter;
    stream.first_us = now_us;
  } else if (counter > stream.highest) {
    const auto clear = std::min(counter - stream.highest, ReceivedStream::remembered);
    for (std::uint32_t i = 1; i <= clear; ++i)
      stream.seen.reset((stream.highest + i) % ReceivedStream::remembered);
    stream.highest = counter;
  } else {
    if (stream.highest - counter >= ReceivedStream::remembered ||
        stream.seen.test(counter % ReceivedStream::remembered)) {
      ++(origin.rtx ? counters.rtx_repeated : counters.duplicates);
      return;
    }
    ++counters.reordered;
    if (counter < stream.first) stream.first = counter;
  }
  stream.seen.set(counter % ReceivedStream::remembered);
  ++stream.unique;
  stream.last_us = now_us;
  if (!ledger_.window.contains(read.stamp.sent_us)) return;
  ++stream.in_window;
  stream.window_bytes += bytes;
  ++counters.delivered;
  counters.delivered_bytes += bytes;
  ledger_.delay.add(now_us - read.stamp.sent_us);
}

void Receiver::send_nacks() {
  const auto now = EventLoop::now_us();
  bool waiting = false;
  for (auto& [ssrc, source] : sources_) {
    std::erase_if(source.missing, [](const Missing& missing) { return missing.tries >= nack_tries; });
    std::vector<std::uint16_t> due;
    for (auto& missing : source.missing) {
      if (missing.next_us > now) continue;
      missing.next_us = now + nack_interval_us;
      ++missing.tries;
      due.push_back(missing.sequence);
    }
    waiting = waiting || !source.missing.empty();
    if (due.empty()) continue;
    ledger_.counters.nacked += due.size();
    RtcpWriter writer;
    writer.nack(own_ssrc_, ssrc, due);
    send(writer);
  }
  if (waiting) nack_timer_.start_at(now + nack_interval_us / 2);
}

void Receiver::on_sender_report(std::uint32_t ssrc, std::uint32_t middle_of_ntp, std::int64_t now_us) {
  const auto found = sources_.find(ssrc);
  if (found == sources_.end()) return;
  found->second.last_sr = middle_of_ntp;
  found->second.last_sr_us = now_us;
}

void Receiver::send_feedback(std::int64_t now_us) {
  if (!feedback_.empty()) {
    auto packet = feedback_.take(own_ssrc_, last_ssrc_);
    const auto size = packet.size();
    packet.resize(size + srtp_trailer);
    send_(packet.data(), size);
  }
  for (auto& [ssrc, source] : sources_) {
    if (source.key_seen || now_us - source.last_pli_us < pli_interval_us) continue;
    source.last_pli_us = now_us;
    ++ledger_.counters.plis_sent;
    RtcpWriter writer;
    writer.pli(own_ssrc_, ssrc);
    send(writer);
  }
}

void Receiver::send_reports(std::int64_t now_us) {
  if (sources_.empty()) return;
  std::vector<ReportBlock> blocks;
  for (auto& [ssrc, source] : sources_) {
    ReportBlock block;
    block.ssrc = ssrc;
    const auto expected = static_cast<std::uint64_t>(source.highest - source.base + 1);
    const auto expected_now = expected - source.reported_expected;
    const auto received_now = source.received - source.reported_received;
    if (expected_now > received_now)
      block.fraction_lost = static_cast<std::uint8_t>((expected_now - received_now) * 256 / expected_now);
    if (expected > source.received)
      block.cumulative_lost = static_cast<std::uint32_t>(expected - source.received);
    source.reported_expected = expected;
    source.reported_received = source.received;
    block.highest_sequence = static_cast<std::uint32_t>(source.highest);
    block.jitter = static_cast<std::uint32_t>(source.jitter);
    block.last_sr = source.last_sr;
    if (source.last_sr != 0)
      block.delay_since_sr = static_cast<std::uint32_t>((now_us - source.last_sr_us) * 65536 / 1'000'000);
    blocks.push_back(block);
  }
  RtcpWriter writer;
  writer.receiver_report(own_ssrc_, blocks);
  writer.cname(own_ssrc_, "bench");
  send(writer);
}

void Receiver::send(RtcpWriter& writer) {
  auto& data = writer.data();
  const auto size = data.size();
  data.resize(size + srtp_trailer);
  send_(data.data(), size);
}

} // namespace viadux::bench
